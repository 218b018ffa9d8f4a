// Images as OpenCV's networks take them.
#pragma once

#include <algorithm>
#include <opencv2/core.hpp>
#include <vector>

#include "../support/tensor.hpp"

namespace dnn_adapter {

// The same extents and values, copied.
inline cv::Mat as_mat(const support::tensor& values) {
  cv::Mat out(std::vector<int>(values.dims.begin(), values.dims.end()), CV_32F);
  std::copy(values.values.begin(), values.values.end(), out.ptr<float>());
  return out;
}

}  // namespace dnn_adapter
