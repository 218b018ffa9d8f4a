// Many images of one size, ready to be made into batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "../network.hpp"
#include "labels.hpp"
#include "preprocessing.hpp"

namespace compress {

// Keeps the crops as 8-bit planes (150 kB for 3x224x224) and makes floats of them per batch.
class image_set {
 public:
  // Decodes all files, on all cores. Throws what check, normalize and load_pixels throw, and
  // std::runtime_error naming the file whose size is not that of the first one, or where files is
  // empty.
  image_set(const std::vector<std::filesystem::path>& files, preprocessing steps);

  std::size_t size() const { return size_; }

  // Memory that the images take.
  std::size_t bytes() const { return pixels_.size(); }

  // (C, H, W) of each image.
  const shape& dims() const { return dims_; }

  // Images first .. first + count - 1 as a network's input (count, C, H, W). Throws
  // std::invalid_argument where count is 0 or there are not so many.
  tensor batch(std::size_t first, std::size_t count) const;

 private:
  preprocessing steps_;
  std::size_t size_ = 0;
  shape dims_;
  std::vector<std::uint8_t> pixels_;
};

// Images with their classes; file names are kept for messages.
struct labelled_images {
  image_set images;
  std::vector<std::int64_t> labels;
  std::vector<std::filesystem::path> files;
};

labelled_images load_labelled(const std::vector<labelled_file>& list, const preprocessing& steps);

}  // namespace compress
