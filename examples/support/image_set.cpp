#include "image_set.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "parallel.hpp"

namespace support {

namespace {

std::size_t count_of(const shape& dims) {
  return static_cast<std::size_t>(dims[0] * dims[1] * dims[2]);
}

}  // namespace

image_set::image_set(std::vector<std::filesystem::path> files, preprocessing steps,
                     std::size_t most_bytes)
    : files_(std::move(files)), steps_(std::move(steps)) {
  check(steps_);
  if (files_.empty()) throw std::runtime_error("no images");
  const pixels first = load_pixels(files_[0], steps_);
  dims_ = first.dims;
  const std::size_t image = count_of(dims_);
  if (!steps_.mean_image.dims.empty()) {
    std::vector<float> fits(image);
    normalize(first.values, dims_, steps_, fits);
  }
  const bool kept = files_.size() <= most_bytes / image;
  if (kept) pixels_.resize(files_.size() * image);
  // Those that are not kept are decoded all the same: what is wrong with one shows before any work.
  parallel_for(files_.size(), [&](std::size_t k) {
    const pixels loaded = load(k);
    if (kept) std::copy(loaded.values.begin(), loaded.values.end(), pixels_.data() + k * image);
  });
}

pixels image_set::load(std::size_t k) const {
  pixels loaded = load_pixels(files_[k], steps_);
  if (loaded.dims != dims_) {
    throw std::runtime_error("image " + files_[k].string() + ": is " +
                             std::to_string(loaded.dims[1]) + " by " +
                             std::to_string(loaded.dims[2]) + ", the others are " +
                             std::to_string(dims_[1]) + " by " + std::to_string(dims_[2]));
  }
  return loaded;
}

tensor image_set::batch(std::size_t first, std::size_t count) const {
  if (count == 0 || first > size() || count > size() - first) {
    throw std::invalid_argument("images " + std::to_string(first) + " to " +
                                std::to_string(first + count) + " of " + std::to_string(size()));
  }
  const std::size_t image = count_of(dims_);
  tensor out{{static_cast<std::int64_t>(count), dims_[0], dims_[1], dims_[2]},
             std::vector<float>(count * image)};
  const std::span<const std::uint8_t> all(pixels_);
  const std::span<float> to(out.values);
  parallel_for(count, [&](std::size_t k) {
    const bool kept = !all.empty();
    const pixels loaded = kept ? pixels{} : load(first + k);
    const auto from = kept ? all.subspan((first + k) * image, image) : std::span(loaded.values);
    normalize(from, dims_, steps_, to.subspan(k * image, image));
  });
  return out;
}

labelled_images load_labelled(const std::vector<labelled_file>& list, const preprocessing& steps,
                              std::size_t most_bytes) {
  std::vector<std::filesystem::path> files;
  std::vector<std::int64_t> labels;
  for (const labelled_file& each : list) {
    files.push_back(each.file);
    labels.push_back(each.label);
  }
  return {image_set(files, steps, most_bytes), std::move(labels), std::move(files)};
}

}  // namespace support
