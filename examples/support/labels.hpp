// Labelled image files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace support {

struct labelled_file {
  std::filesystem::path file;
  std::int64_t label = 0;  // class, counted from 0
};

// Reads lines of "file class" from a list, or from labels.txt of a folder: the class is what
// follows the last blank, the file is taken relative to the folder of the list. Throws
// std::runtime_error naming list and line where a line has another form (an empty one included),
// and where the list is missing or empty. Whether the classes exist is for the network to say.
std::vector<labelled_file> read_labels(const std::filesystem::path& place);

}  // namespace support
