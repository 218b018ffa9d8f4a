#include "load_images.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace dnn_adapter {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& reason) {
  throw std::runtime_error(file.string() + ": " + reason);
}

// splitmix64: a counter of golden-ratio steps through a bit mixer.
std::uint64_t draw(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15U;
  std::uint64_t z = state;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

// Uniform in 0 .. bound - 1: draws beyond the largest multiple of bound are repeated.
std::uint64_t draw_below(std::uint64_t bound, std::uint64_t& state) {
  const std::uint64_t excess = (UINT64_MAX % bound + 1) % bound;
  std::uint64_t drawn = draw(state);
  while (drawn > UINT64_MAX - excess) drawn = draw(state);
  return drawn % bound;
}

cv::Mat load(const std::filesystem::path& file, int crop) {
  cv::Mat image;
  try {
    image = cv::imread(file.string(), cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& problem) {
    refuse(file, "cannot be decoded: " + problem.err);
  }
  if (image.empty()) refuse(file, "is no image that can be read");
  if (crop == 0) return image;
  if (image.rows < crop || image.cols < crop) refuse(file, "is smaller than the crop");
  return image(cv::Rect((image.cols - crop) / 2, (image.rows - crop) / 2, crop, crop));
}

}  // namespace

std::vector<std::filesystem::path> list_images(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) refuse(folder, "no such folder");
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file() && cv::haveImageReader(entry.path().string())) {
      files.push_back(entry.path());
    }
  }
  if (files.empty()) refuse(folder, "no images");
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::filesystem::path> choose(std::vector<std::filesystem::path> files,
                                          std::size_t count, std::uint64_t seed) {
  if (count > files.size()) {
    throw std::runtime_error(std::to_string(count) + " images asked for where there are " +
                             std::to_string(files.size()));
  }
  // The first steps of a Fisher-Yates shuffle.
  for (std::size_t k = 0; k < count; ++k) {
    std::swap(files[k], files[k + static_cast<std::size_t>(draw_below(files.size() - k, seed))]);
  }
  files.resize(count);
  return files;
}

std::vector<labelled_file> read_labels(const std::filesystem::path& list) {
  std::ifstream stream(list);
  if (!stream) refuse(list, "cannot be opened");
  std::vector<labelled_file> files;
  std::string line;
  while (std::getline(stream, line)) {
    const std::size_t blank = line.find_last_of(' ');
    labelled_file entry;
    const char* end = line.data() + line.size();
    const char* first = blank == std::string::npos ? end : line.data() + blank + 1;
    const auto [stop, error] = std::from_chars(first, end, entry.label);
    if (error != std::errc{} || stop != end || entry.label < 0) {
      refuse(list, "line " + std::to_string(files.size() + 1) + " is not \"file class\"");
    }
    entry.file = list.parent_path() / line.substr(0, blank);
    files.push_back(std::move(entry));
  }
  if (files.empty()) refuse(list, "names no images");
  return files;
}

images load_images(const std::vector<std::filesystem::path>& files, const preprocessing& steps) {
  cv::Mat pixels;
  cv::Size size;
  for (std::size_t k = 0; k < files.size(); ++k) {
    const cv::Mat image = load(files[k], steps.crop);
    if (k == 0) {
      size = image.size();
      pixels.create({static_cast<int>(files.size()), 3, size.height, size.width}, CV_8U);
    }
    if (image.size() != size) refuse(files[k], "is not of the size of " + files[0].string());
    std::vector<cv::Mat> planes;
    for (int channel = 0; channel < 3; ++channel) {
      const int position = steps.bgr ? channel : 2 - channel;
      planes.emplace_back(size, CV_8U, pixels.ptr(static_cast<int>(k), position));
    }
    cv::split(image, planes);
  }
  return images(pixels, steps);
}

}  // namespace dnn_adapter
