// Image files that the tests write themselves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace compress::test {

// A folder that goes away with all it holds.
class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::filesystem::path path;

  // Writes a file of that content and returns its path.
  std::filesystem::path write(const std::string& name, const std::string& content) const;

  // Writes an image of such pixels; the format follows from the extension, png keeps every bit.
  using painter = std::function<std::uint8_t(int channel, int row, int column)>;  // red is 0
  std::filesystem::path draw(const std::string& name, int height, int width,
                             const painter& paint) const;
};

std::string content_of(const std::filesystem::path& file);

}  // namespace compress::test
