// OpenCV's core (main.cpp gives it one thread), in the instruction set that it chooses itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>

namespace peer {

// A row of numbers as OpenCV sees it, in the caller's memory (which Mat wants without const).
inline cv::Mat opencv_row(const void* data, std::size_t count, int type) {
  return {1, static_cast<int>(count), type, const_cast<void*>(data)};
}

// meanStdDev of every plane, put together per channel.
inline void opencv_mean_variance(const float* x, std::size_t images, std::size_t channels,
                                 std::size_t plane, double* mean, double* variance) {
  for (std::size_t c = 0; c < channels; ++c) {
    double sum = 0;
    double squares = 0;
    for (std::size_t n = 0; n < images; ++n) {
      cv::Scalar center;
      cv::Scalar deviation;
      cv::meanStdDev(opencv_row(x + (n * channels + c) * plane, plane, CV_32F), center, deviation);
      sum += center[0];
      squares += deviation[0] * deviation[0] + center[0] * center[0];
    }
    const auto count = static_cast<double>(images);
    mean[c] = sum / count;
    variance[c] = squares / count - mean[c] * mean[c];
  }
}

}  // namespace peer
