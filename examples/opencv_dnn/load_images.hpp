// Image files: which there are, a choice of them, their classes and their pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "images.hpp"

namespace dnn_adapter {

struct labelled_file {
  std::filesystem::path file;
  int label = 0;  // class, counted from 0
};

// The images of a folder, sorted by name. Throws std::runtime_error where there are none.
std::vector<std::filesystem::path> list_images(const std::filesystem::path& folder);

// `count` of them in a random order, the same for the same seed on every machine, and the same as
// lfnc-compress draws. Throws std::runtime_error where there are fewer.
std::vector<std::filesystem::path> choose(std::vector<std::filesystem::path> files,
                                          std::size_t count, std::uint64_t seed);

// Lines of "file class", files relative to the list's folder. Throws std::runtime_error naming the
// line that is none.
std::vector<labelled_file> read_labels(const std::filesystem::path& list);

// Throws std::runtime_error naming the file that cannot be read or is of another size than the
// first one.
images load_images(const std::vector<std::filesystem::path>& files, const preprocessing& steps);

}  // namespace dnn_adapter
