// Many images of one size, ready to be made into batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <vector>

#include "labels.hpp"
#include "load_image.hpp"
#include "preprocessing.hpp"
#include "tensor.hpp"

namespace support {

// Keeps the crops as 8-bit planes (150 kB for 3x224x224) and makes floats of them per batch. More
// than may be kept are decoded anew for every batch.
class image_set {
 public:
  // Decodes all files, on all cores, and keeps them if they take at most so many bytes. Throws what
  // check, normalize and load_pixels throw, and std::runtime_error naming the file whose size is
  // not that of the first one, or where files is empty.
  image_set(std::vector<std::filesystem::path> files, preprocessing steps,
            std::size_t most_bytes = std::numeric_limits<std::size_t>::max());

  std::size_t size() const { return files_.size(); }

  // Memory that the images take; 0 where they are not kept.
  std::size_t bytes() const { return pixels_.size(); }

  // (C, H, W) of each image.
  const shape& dims() const { return dims_; }

  // Images first .. first + count - 1 as a network's input (count, C, H, W). Throws
  // std::invalid_argument where count is 0 or there are not so many, and where images are not kept
  // what the constructor throws. On all cores.
  tensor batch(std::size_t first, std::size_t count) const;

 private:
  pixels load(std::size_t k) const;

  std::vector<std::filesystem::path> files_;
  preprocessing steps_;
  shape dims_;
  std::vector<std::uint8_t> pixels_;
};

// Images with their classes; file names are kept for messages.
struct labelled_images {
  image_set images;
  std::vector<std::int64_t> labels;
  std::vector<std::filesystem::path> files;
};

labelled_images load_labelled(const std::vector<labelled_file>& list, const preprocessing& steps,
                              std::size_t most_bytes = std::numeric_limits<std::size_t>::max());

}  // namespace support
