#include "image_folder.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <fstream>
#include <lfnc/interop/libtorch.hpp>
#include <lfnc/interop/opencv.hpp>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>
#include <utility>

image_folder::image_folder(const std::vector<std::filesystem::path>& files, preprocessing steps)
    : steps_(std::move(steps)) {
  for (std::size_t n = 0; n < files.size(); ++n) {
    cv::Mat image = cv::imread(files[n].string(), cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
    if (image.empty()) throw std::runtime_error(files[n].string() + ": cannot be read");
    if (n == 0) {
      const auto count = static_cast<std::int64_t>(files.size());
      pixels_ = at::empty({count, 3, image.rows, image.cols}, at::kByte);
    }
    if (image.rows != pixels_.size(2) || image.cols != pixels_.size(3)) {
      throw std::runtime_error(files[n].string() + ": is not of the size of the first image");
    }
    const auto from = lfnc::as_view<std::uint8_t, 3>(image);  // height, width, BGR
    const auto to = lfnc::as_view<std::uint8_t, 4>(pixels_);
    for (int k = 0; k < 3; ++k) {
      for (int y = 0; y < image.rows; ++y) {
        for (int x = 0; x < image.cols; ++x) to(n, k, y, x) = from(y, x, 2 - k);
      }
    }
  }
}

at::Tensor image_folder::batch(std::size_t first, std::size_t count) const {
  const auto begin = static_cast<std::int64_t>(first);
  const auto per_channel = [](const std::vector<double>& values) {
    return at::tensor(values, at::kDouble).to(at::kFloat).view({1, -1, 1, 1});
  };
  const at::Tensor some =
      pixels_.slice(0, begin, begin + static_cast<std::int64_t>(count)).to(at::kFloat);
  return (some * steps_.scale - per_channel(steps_.mean)) / per_channel(steps_.std);
}

std::vector<std::filesystem::path> list_images(const std::filesystem::path& folder,
                                               std::size_t most) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".jpg" || extension == ".jpeg" || extension == ".png" ||
        extension == ".JPEG") {
      files.push_back(entry.path());
    }
  }
  if (files.empty()) throw std::runtime_error(folder.string() + ": holds no images");
  std::ranges::sort(files);
  files.resize(std::min(most, files.size()));
  return files;
}

labels read_labels(const std::filesystem::path& folder) {
  const std::filesystem::path list = folder / "labels.txt";
  std::ifstream in(list);
  if (!in) throw std::runtime_error(list.string() + ": cannot be read");
  labels found;
  std::string file;
  std::int64_t label = 0;
  while (in >> file) {
    if (!(in >> label) || label < 0) {
      throw std::runtime_error(list.string() + ": '" + file + "' has no class");
    }
    found.files.push_back(folder / file);
    found.classes.push_back(label);
  }
  if (found.files.empty()) throw std::runtime_error(list.string() + ": is empty");
  return found;
}
