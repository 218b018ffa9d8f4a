// One image file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "preprocessing.hpp"
#include "tensor.hpp"

namespace support {

// Planar 8-bit pixels (C, H, W) in the network's colour order.
struct pixels {
  shape dims;
  std::vector<std::uint8_t> values;
};

// Reads, resizes and crops. Colours are converted as the order asks; an orientation mark in the
// file is ignored, as the training pipelines of these networks do. Throws std::runtime_error
// naming the file where it is missing, cut off, no image, or smaller than the crop.
pixels load_pixels(const std::filesystem::path& file, const preprocessing& steps);

// load_pixels and normalize: the network's input (C, H, W).
tensor load_image(const std::filesystem::path& file, const preprocessing& steps);

}  // namespace support
