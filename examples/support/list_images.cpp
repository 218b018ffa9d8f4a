#include "list_images.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace support {

namespace {

bool is_image(const std::filesystem::path& file) {
  constexpr std::array<std::string_view, 9> known = {".jpg", ".jpeg", ".png",  ".bmp", ".ppm",
                                                     ".pgm", ".tif",  ".tiff", ".webp"};
  std::string extension = file.extension().string();
  for (char& letter : extension) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return std::find(known.begin(), known.end(), extension) != known.end();
}

}  // namespace

std::vector<std::filesystem::path> list_images(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) {
    throw std::runtime_error("image folder " + folder.string() + ": no such folder");
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file() && is_image(entry.path())) files.push_back(entry.path());
  }
  if (files.empty()) throw std::runtime_error("image folder " + folder.string() + ": no images");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace support
