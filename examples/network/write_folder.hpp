// A folder of drawn pictures as PNG files.
#pragma once

#include <cstdint>
#include <filesystem>

#include "picture.hpp"

namespace drawn {

struct folder_options {
  std::uint64_t seed = 1;
  stream which = stream::test;
  std::uint64_t count = 1000;  // pictures, 1 .. 1000000
  bool labelled = true;        // write labels.txt: a line `file class` for each picture
};

// Draws pictures 0 .. count - 1 of the stream into `folder` as 000000.png, 000001.png and so on.
// They are drawn into `<folder>.part`, which is renamed when complete: the folder holds all
// pictures or does not exist. What an interrupted run left in `<folder>.part` is removed first.
// Throws std::invalid_argument if the count is out of range or the folder exists and is not empty;
// std::runtime_error, naming the file, if one cannot be written.
void write_folder(const std::filesystem::path& folder, const folder_options& options);

}  // namespace drawn
