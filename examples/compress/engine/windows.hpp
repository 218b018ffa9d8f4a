// How far the windows of convolution and pooling reach along one axis.
#pragma once

#include <cstdint>

#include "../network.hpp"

namespace compress::detail {

// Positions from the first to the last tap of a window: (kernel - 1) dilation + 1.
std::int64_t reach(const window& area, int axis);

// Throws std::invalid_argument naming the entry that is out of range: kernel, stride and dilation
// must be at least 1, padding at least 0, and none may exceed 2^20.
void check_window(const window& area);

// Output extent of a convolution: floor((extent + pads - reach) / stride) + 1. Throws
// std::invalid_argument where the window does not fit into the padded input.
std::int64_t convolved_extent(std::int64_t extent, const window& area, int axis);

struct pooled_axis {
  std::int64_t extent = 0;         // of the output
  std::int64_t right_padding = 0;  // that makes exactly that many windows fit
  std::int64_t overhang = 0;       // part of right_padding that the network did not ask for
};

// Pooling along one axis. In ceil mode the quotient is rounded up, but a window that would start
// beyond the input and its left padding is dropped (the rule of Caffe, PyTorch and ONNX). Throws
// std::invalid_argument where a window does not fit or would see nothing but padding.
pooled_axis pooled_extent(std::int64_t extent, const window& area, int axis, bool ceil_mode);

}  // namespace compress::detail
