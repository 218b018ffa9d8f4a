#include <algorithm>
#include <utility>

#include "../../shapes.hpp"
#include "reader.hpp"

namespace compress {

// The window of a convolution or pooling node; SAME padding is worked out from the input's extents:
// as many outputs as ceil(extent / stride), the odd pixel at the end (UPPER) or begin (LOWER).
window onnx_reader::window_of(onnx_node& node, std::size_t value,
                              const std::vector<std::int64_t>& kernel) {
  const auto two = [&](const char* name, std::int64_t otherwise) {
    const auto found =
        node.with.integers(name).value_or(std::vector<std::int64_t>{otherwise, otherwise});
    if (found.size() != 2) node.refuse(std::string("needs two ") + name);
    for (const std::int64_t x : found) {
      if (x <= 0 || x > shapes_detail::largest_window) {
        node.refuse(std::string("has ") + name + " " + std::to_string(x));
      }
    }
    return found;
  };
  const shape& dims = builder_.shape_of(value);
  if (dims.size() != 4 || kernel.size() != 2) node.refuse("needs two spatial axes");
  const auto stride = two("strides", 1), dilation = two("dilations", 1);
  const auto pads = node.with.integers("pads").value_or(std::vector<std::int64_t>{0, 0, 0, 0});
  const std::string automatic = node.with.text("auto_pad", "NOTSET");
  if (pads.size() != 4) node.refuse("needs four pads");
  if (automatic != "NOTSET" && automatic != "VALID" && automatic != "SAME_UPPER" &&
      automatic != "SAME_LOWER") {
    node.refuse("has the auto_pad " + automatic);
  }
  window area;
  for (std::size_t i = 0; i < 2; ++i) {
    if (kernel[i] <= 0 || kernel[i] > shapes_detail::largest_window) {
      node.refuse("has a kernel extent of " + std::to_string(kernel[i]));
    }
    area.kernel[i] = kernel[i];
    area.stride[i] = stride[i];
    area.dilation[i] = dilation[i];
    if (automatic == "NOTSET") {
      area.pad_begin[i] = pads[i];
      area.pad_end[i] = pads[i + 2];
    } else if (automatic != "VALID") {
      const std::int64_t extent = dims[i + 2];
      const std::int64_t outputs = (extent + stride[i] - 1) / stride[i];
      const std::int64_t needed = (outputs - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + 1;
      const std::int64_t total = std::max<std::int64_t>(needed - extent, 0);
      area.pad_begin[i] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
      area.pad_end[i] = total - area.pad_begin[i];
    }
  }
  return area;
}

void onnx_reader::read_max_pool(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  const auto kernel = node.with.integers("kernel_shape");
  if (!kernel) node.refuse("lacks kernel_shape");
  pool op;
  op.area = window_of(node, input, *kernel);
  op.ceil_mode = node.with.integer("ceil_mode", 0) != 0;
  node.with.ignore("storage_order");  // of the indices, which are refused
  emit(node, op, {input});
}

void onnx_reader::read_average_pool(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  const auto kernel = node.with.integers("kernel_shape");
  if (!kernel) node.refuse("lacks kernel_shape");
  pool op;
  op.what = pool::kind::average;
  op.area = window_of(node, input, *kernel);
  op.ceil_mode = node.with.integer("ceil_mode", 0) != 0;
  op.count_include_pad = node.with.integer("count_include_pad", 0) != 0;
  emit(node, op, {input});
}

void onnx_reader::read_global_average(onnx_node& node) {
  pool op;
  op.what = pool::kind::average;
  op.global = true;
  emit(node, op, {value_input(node, 0)});
}

void onnx_reader::read_global_max(onnx_node& node) {
  pool op;
  op.global = true;
  emit(node, op, {value_input(node, 0)});
}

// The mean over height and width is global average pooling, then a reshape without keepdims.
void onnx_reader::read_reduce_mean(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  auto axes = node.with.integers("axes");
  if (!axes && has_input(node, 1)) axes = integers(node, 1);
  const bool keep = node.with.integer("keepdims", 1) != 0;
  node.with.ignore("noop_with_empty_axes");  // empty axes are refused
  shape over;
  for (const std::int64_t axis : axes.value_or(shape{})) {
    over.push_back(static_cast<std::int64_t>(axis_of(node, axis, input)));
  }
  std::sort(over.begin(), over.end());
  if (builder_.shape_of(input).size() != 4 || over != shape{2, 3}) {
    node.refuse("over other axes than height and width is not supported");
  }
  pool op;
  op.what = pool::kind::average;
  op.global = true;
  if (keep) {
    emit(node, op, {input});
  } else {
    emit(node, reshape{{0, 0}}, {emit_inner(node, "_pool", op, input)});
  }
}

}  // namespace compress
