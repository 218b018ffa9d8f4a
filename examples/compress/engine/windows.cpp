#include "windows.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace compress::detail {

namespace {

const char* axis_name(int axis) { return axis == 0 ? "height" : "width"; }

void check_entry(const char* what, int axis, std::int64_t value, std::int64_t least) {
  constexpr std::int64_t most = std::int64_t{1} << 20;
  if (value >= least && value <= most) return;
  throw std::invalid_argument(std::string(what) + " " + std::to_string(value) + " along the " +
                              axis_name(axis) + " is not in " + std::to_string(least) + ".." +
                              std::to_string(most));
}

std::int64_t room(std::int64_t extent, const window& area, int axis) {
  const std::int64_t padded = extent + area.pad_begin[axis] + area.pad_end[axis];
  if (padded >= reach(area, axis)) return padded - reach(area, axis);
  throw std::invalid_argument("a window that reaches over " + std::to_string(reach(area, axis)) +
                              " positions does not fit into the padded " + axis_name(axis) + " " +
                              std::to_string(padded));
}

bool sees_input(std::int64_t start, std::int64_t extent, const window& area, int axis) {
  for (std::int64_t tap = 0; tap < area.kernel[axis]; ++tap) {
    const std::int64_t position = start + tap * area.dilation[axis];
    if (position >= 0 && position < extent) return true;
  }
  return false;
}

}  // namespace

std::int64_t reach(const window& area, int axis) {
  return (area.kernel[axis] - 1) * area.dilation[axis] + 1;
}

void check_window(const window& area) {
  for (int axis = 0; axis < 2; ++axis) {
    check_entry("kernel", axis, area.kernel[axis], 1);
    check_entry("stride", axis, area.stride[axis], 1);
    check_entry("dilation", axis, area.dilation[axis], 1);
    check_entry("padding before", axis, area.pad_begin[axis], 0);
    check_entry("padding after", axis, area.pad_end[axis], 0);
  }
}

std::int64_t convolved_extent(std::int64_t extent, const window& area, int axis) {
  return room(extent, area, axis) / area.stride[axis] + 1;
}

pooled_axis pooled_extent(std::int64_t extent, const window& area, int axis, bool ceil_mode) {
  const std::int64_t stride = area.stride[axis];
  const std::int64_t left = area.pad_begin[axis];
  const std::int64_t rounding = ceil_mode ? stride - 1 : 0;
  pooled_axis out;
  out.extent = (room(extent, area, axis) + rounding) / stride + 1;
  if (ceil_mode && (out.extent - 1) * stride >= extent + left) --out.extent;
  for (std::int64_t k = 0; k < out.extent; ++k) {
    if (sees_input(k * stride - left, extent, area, axis)) continue;
    throw std::invalid_argument("pooling window " + std::to_string(k) + " along the " +
                                axis_name(axis) + " sees nothing but padding");
  }
  const std::int64_t end = (out.extent - 1) * stride + reach(area, axis);
  out.right_padding = std::max<std::int64_t>(0, end - left - extent);
  out.overhang = std::max<std::int64_t>(0, out.right_padding - area.pad_end[axis]);
  return out;
}

}  // namespace compress::detail
