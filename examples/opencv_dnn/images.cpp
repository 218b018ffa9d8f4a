#include "images.hpp"

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace dnn_adapter {

namespace {

constexpr int channel_count = 3;

// One value for all channels stands for as many.
void check_channels(const char* what, std::vector<float>& values) {
  if (values.size() == 1) values.resize(channel_count, values[0]);
  if (!values.empty() && values.size() != channel_count) {
    throw std::invalid_argument(std::string(what) + ": " + std::to_string(values.size()) +
                                " values for 3 channels");
  }
  for (const float value : values) {
    if (!std::isfinite(value)) throw std::invalid_argument(std::string(what) + " is not finite");
  }
}

void check(preprocessing& steps, const cv::Mat& pixels) {
  if (!std::isfinite(steps.scale) || steps.scale == 0) {
    throw std::invalid_argument("scale is 0 or not finite");
  }
  check_channels("mean", steps.mean);
  check_channels("std", steps.std);
  for (const float value : steps.std) {
    if (!(value > 0)) throw std::invalid_argument("std is not positive");
  }
  const cv::Mat& mean = steps.mean_image;
  if (mean.empty()) return;
  if (!steps.mean.empty()) throw std::invalid_argument("mean: given as values and as an image");
  if (mean.dims != 3 || mean.type() != CV_32F || !mean.isContinuous()) {
    throw std::invalid_argument("the mean image is not 3 x height x width in float");
  }
  for (int d = 0; d < 3; ++d) {
    if (mean.size[d] == pixels.size[d + 1]) continue;
    throw std::invalid_argument("the mean image's extent " + std::to_string(d) + " is " +
                                std::to_string(mean.size[d]) + ", the images' is " +
                                std::to_string(pixels.size[d + 1]));
  }
}

}  // namespace

images::images(cv::Mat pixels, preprocessing steps)
    : pixels_(std::move(pixels)), steps_(std::move(steps)) {
  if (pixels_.dims != 4 || pixels_.type() != CV_8U || pixels_.size[1] != channel_count ||
      !pixels_.isContinuous() || pixels_.empty()) {
    throw std::invalid_argument("pixels: not images x 3 x height x width of 8 bits");
  }
  check(steps_, pixels_);
}

cv::Mat images::batch(std::size_t first, std::size_t count) const {
  if (count == 0 || first > size() || count > size() - first) {
    throw std::invalid_argument("images " + std::to_string(first) + " to " +
                                std::to_string(first + count) + " of " + std::to_string(size()));
  }
  cv::Mat out({static_cast<int>(count), channel_count, pixels_.size[2], pixels_.size[3]}, CV_32F);
  const auto plane =
      static_cast<std::size_t>(pixels_.size[2]) * static_cast<std::size_t>(pixels_.size[3]);
  const std::uint8_t* from = pixels_.ptr() + first * channel_count * plane;
  auto* to = out.ptr<float>();
  for (std::size_t row = 0; row < count * channel_count; ++row) {
    const std::size_t channel = row % channel_count;
    const float* image =
        steps_.mean_image.empty() ? nullptr : steps_.mean_image.ptr<float>() + channel * plane;
    const float mean = steps_.mean.empty() ? 0 : steps_.mean[channel];
    const float std = steps_.std.empty() ? 1 : steps_.std[channel];
    for (std::size_t k = 0; k < plane; ++k) {
      const float shift = image != nullptr ? image[k] : mean;
      *to++ = (static_cast<float>(*from++) * steps_.scale - shift) / std;
    }
  }
  return out;
}

}  // namespace dnn_adapter
