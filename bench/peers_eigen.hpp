// Mean and variance by Eigen in two passes, as it vectorizes under the flags of the build.
#pragma once

#include <Eigen/Core>
#include <cstddef>

namespace peer {

inline void eigen_two_pass_nchw(const float* x, std::size_t images, std::size_t channels,
                                std::size_t plane, double* mean, double* variance) {
  const auto length = static_cast<Eigen::Index>(plane);
  const double count = static_cast<double>(images * plane);
  for (std::size_t c = 0; c < channels; ++c) {
    const auto values = [&](std::size_t image) {
      return Eigen::Map<const Eigen::ArrayXf>(x + (image * channels + c) * plane, length);
    };
    double sum = 0;
    for (std::size_t n = 0; n < images; ++n) sum += static_cast<double>(values(n).sum());
    mean[c] = sum / count;
    const auto center = static_cast<float>(mean[c]);
    double spread = 0;
    for (std::size_t n = 0; n < images; ++n) {
      spread += static_cast<double>((values(n) - center).square().sum());
    }
    variance[c] = spread / count;
  }
}

// `pixels` rows of one value a channel.
inline void eigen_two_pass_nhwc(const float* x, std::size_t pixels, std::size_t channels,
                                double* mean, double* variance) {
  const auto width = static_cast<Eigen::Index>(channels);
  const auto count = static_cast<float>(pixels);
  const auto row = [&](std::size_t p) {
    return Eigen::Map<const Eigen::ArrayXf>(x + p * channels, width);
  };
  Eigen::ArrayXf sum = Eigen::ArrayXf::Zero(width);
  for (std::size_t p = 0; p < pixels; ++p) sum += row(p);
  const Eigen::ArrayXf center = sum / count;
  Eigen::ArrayXf spread = Eigen::ArrayXf::Zero(width);
  for (std::size_t p = 0; p < pixels; ++p) spread += (row(p) - center).square();
  Eigen::Map<Eigen::ArrayXd>(mean, width) = center.cast<double>();
  Eigen::Map<Eigen::ArrayXd>(variance, width) = (spread / count).cast<double>();
}

// out = clamp(floor(x factor + 0.5), 0, 255) alpha.
inline void eigen_fake_quantize(const float* x, float* out, std::size_t count, float factor,
                                float alpha) {
  const auto size = static_cast<Eigen::Index>(count);
  const Eigen::Map<const Eigen::ArrayXf> from(x, size);
  Eigen::Map<Eigen::ArrayXf>(out, size) =
      (from * factor + 0.5F).floor().max(0.0F).min(255.0F) * alpha;
}

}  // namespace peer
