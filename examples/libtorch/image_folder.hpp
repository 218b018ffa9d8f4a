// Image files as batches of a network's input.
#pragma once

#include <ATen/core/ivalue.h>  // first, for clang++ in C++20

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

// (pixel * scale - mean) / std per channel, RGB.
struct preprocessing {
  double scale = 1;
  std::vector<double> mean = {0, 0, 0};
  std::vector<double> std = {1, 1, 1};
};

class image_folder {
 public:
  // Decodes the files, which must be of one size. Throws std::runtime_error, naming the file that
  // cannot be read or is of another size.
  image_folder(const std::vector<std::filesystem::path>& files, preprocessing steps);

  std::size_t size() const { return static_cast<std::size_t>(pixels_.size(0)); }
  std::size_t bytes() const { return pixels_.nbytes(); }

  // Images first .. first + count - 1: (count, 3, H, W), float.
  at::Tensor batch(std::size_t first, std::size_t count) const;

 private:
  preprocessing steps_;
  at::Tensor pixels_;  // (N, 3, H, W), uint8
};

// The image files of a folder by name, at most `most` of them. Throws std::runtime_error where
// there are none.
std::vector<std::filesystem::path> list_images(const std::filesystem::path& folder,
                                               std::size_t most);

// What `folder`/labels.txt says in lines of "file class". Throws std::runtime_error, naming the
// line that says something else.
struct labels {
  std::vector<std::filesystem::path> files;
  std::vector<std::int64_t> classes;
};
labels read_labels(const std::filesystem::path& folder);
