// Image files that the tests write themselves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "../../examples/support/write_image.hpp"
#include "support/temporary_folder.hpp"

class image_folder : public temporary_folder {
 public:
  // Writes an image of the pixels paint(channel, row, column), red is channel 0; the format follows
  // from the extension, png keeps every bit.
  template <class Painter>
  std::filesystem::path draw(const std::string& name, int height, int width, Painter paint) const {
    std::vector<std::uint8_t> rgb;
    for (int i = 0; i < height; ++i) {
      for (int j = 0; j < width; ++j) {
        for (int channel = 0; channel < 3; ++channel) rgb.push_back(paint(channel, i, j));
      }
    }
    support::write_image(path / name, rgb, height, width);
    return path / name;
  }
};
