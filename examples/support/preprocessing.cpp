#include "preprocessing.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>

#include "shortest.hpp"

namespace support {

namespace {

[[noreturn]] void refuse(const std::string& reason) {
  throw std::invalid_argument("preprocessing: " + reason);
}

void check_size(const char* what, std::int64_t size) {
  constexpr std::int64_t most = 1 << 16;
  if (size < 0 || size > most) {
    refuse(std::string(what) + " " + std::to_string(size) + " is not in 0.." +
           std::to_string(most));
  }
}

void check_both(const char* what, std::int64_t height, std::int64_t width) {
  if ((height == 0) != (width == 0)) refuse(std::string(what) + " needs both height and width");
}

void check_finite(const char* what, const std::vector<float>& values) {
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (std::isfinite(values[k])) continue;
    refuse(std::string(what) + " value " + std::to_string(k) + " is not finite");
  }
}

void check_channels(const char* what, const std::vector<float>& values, std::int64_t count) {
  if (!values.empty() && static_cast<std::int64_t>(values.size()) != count) {
    refuse(std::string(what) + " has " + std::to_string(values.size()) + " values for " +
           std::to_string(count) + " channels");
  }
  check_finite(what, values);
}

float at_or(const std::vector<float>& values, std::size_t channel, float otherwise) {
  return values.empty() ? otherwise : values[channel];
}

}  // namespace

std::int64_t channels(const preprocessing& steps) {
  return steps.order == color_order::gray ? 1 : 3;
}

void check(const preprocessing& steps) {
  check_size("shorter side", steps.shorter_side);
  check_size("height", steps.height);
  check_size("width", steps.width);
  check_size("crop height", steps.crop_height);
  check_size("crop width", steps.crop_width);
  check_both("resizing", steps.height, steps.width);
  check_both("cropping", steps.crop_height, steps.crop_width);
  if (steps.shorter_side != 0 && steps.height != 0) {
    refuse("either the shorter side or both sides can be resized, not both");
  }
  if (!std::isfinite(steps.scale) || steps.scale == 0) {
    refuse("scale " + shortest(steps.scale) + " is zero or not finite");
  }
  check_channels("mean", steps.mean, channels(steps));
  check_channels("std", steps.std, channels(steps));
  for (std::size_t k = 0; k < steps.std.size(); ++k) {
    if (!(steps.std[k] > 0)) refuse("std of channel " + std::to_string(k) + " is not positive");
  }
  if (steps.mean_image.dims.empty()) return;
  if (!steps.mean.empty()) refuse("either mean values or a mean image, not both");
  const shape& dims = steps.mean_image.dims;
  if (dims.size() != 3 || dims[0] != channels(steps) || dims[1] < 1 || dims[2] < 1 ||
      static_cast<std::int64_t>(steps.mean_image.values.size()) != dims[0] * dims[1] * dims[2]) {
    refuse("the mean image is not of shape (" + std::to_string(channels(steps)) +
           ", height, width)");
  }
  check_finite("mean image", steps.mean_image.values);
}

void normalize(std::span<const std::uint8_t> pixels, const shape& dims, const preprocessing& steps,
               std::span<float> out) {
  const bool per_pixel = !steps.mean_image.dims.empty();
  if (per_pixel && steps.mean_image.dims != dims) {
    refuse("the mean image is " + std::to_string(steps.mean_image.dims[1]) + " by " +
           std::to_string(steps.mean_image.dims[2]) + ", the images are " +
           std::to_string(dims[1]) + " by " + std::to_string(dims[2]));
  }
  const auto plane = static_cast<std::size_t>(dims[1] * dims[2]);
  for (std::size_t channel = 0; channel < static_cast<std::size_t>(dims[0]); ++channel) {
    const float mean = at_or(steps.mean, channel, 0);
    const float std = at_or(steps.std, channel, 1);
    const std::size_t first = channel * plane;
    if (per_pixel) {
      for (std::size_t k = first; k < first + plane; ++k) {
        out[k] = (static_cast<float>(pixels[k]) * steps.scale - steps.mean_image.values[k]) / std;
      }
      continue;
    }
    std::array<float, 256> normalized{};
    for (std::size_t p = 0; p < normalized.size(); ++p) {
      normalized[p] = (static_cast<float>(p) * steps.scale - mean) / std;
    }
    for (std::size_t k = first; k < first + plane; ++k) out[k] = normalized[pixels[k]];
  }
}

}  // namespace support
