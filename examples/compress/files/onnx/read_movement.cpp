#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "reader.hpp"

namespace compress {

void onnx_reader::read_concat(onnx_node& node) {
  std::vector<std::size_t> inputs;
  for (int i = 0; i < node.proto.input_size(); ++i) inputs.push_back(value_input(node, i));
  if (inputs.empty()) node.refuse("has no inputs");
  if (!node.with.has("axis")) node.refuse("lacks axis");
  const std::size_t axis = axis_of(node, node.with.integer("axis", 1), inputs[0]);
  emit(node, concat{static_cast<std::int64_t>(axis)}, std::move(inputs));
}

// One slice layer per axis that is cut. Every k-th row or column is a maximum over 1x1 windows
// with stride k.
void onnx_reader::read_slice(onnx_node& node) {
  std::size_t value = value_input(node, 0);
  std::vector<std::int64_t> begin, end, axes, steps;
  const bool by_attributes = opset_ < 10;
  begin = by_attributes ? node.with.integers("starts").value_or(shape{}) : integers(node, 1);
  end = by_attributes ? node.with.integers("ends").value_or(shape{}) : integers(node, 2);
  axes.resize(begin.size());
  std::iota(axes.begin(), axes.end(), 0);
  steps.assign(begin.size(), 1);
  if (by_attributes) axes = node.with.integers("axes").value_or(axes);
  if (has_input(node, 3)) axes = integers(node, 3);
  if (has_input(node, 4)) steps = integers(node, 4);
  if (end.size() != begin.size() || axes.size() != begin.size() || steps.size() != begin.size()) {
    node.refuse("needs as many starts, ends, axes and steps");
  }

  std::vector<std::pair<std::string, operation>> parts;
  std::set<std::size_t> seen;
  pool stride;
  for (std::size_t i = 0; i < begin.size(); ++i) {
    const std::size_t axis = axis_of(node, axes[i], value);
    const std::int64_t extent = builder_.shape_of(value)[axis];
    if (!seen.insert(axis).second) node.refuse("names axis " + std::to_string(axis) + " twice");
    if (steps[i] < 1) node.refuse("backwards is not supported");
    const auto clamped = [extent](std::int64_t x) {
      return std::clamp<std::int64_t>(x < 0 ? x + extent : x, 0, extent);
    };
    const bool whole = clamped(begin[i]) == 0 && (end[i] > 0 && clamped(end[i]) == extent);
    if (axis == 0) {
      if (begin[i] != 0 || end[i] < std::max<std::int64_t>(batch_, 1) || steps[i] != 1) {
        node.refuse("along the batch is not supported");
      }
      continue;
    }
    if (!whole) {
      parts.emplace_back(
          "_axis" + std::to_string(axis),
          slice{static_cast<std::int64_t>(axis), {clamped(begin[i])}, {clamped(end[i])}});
    }
    if (steps[i] != 1 && axis != 2 && axis != 3) {
      node.refuse("with a step along axis " + std::to_string(axis) + " is not supported");
    }
    if (steps[i] != 1) stride.area.stride[axis - 2] = steps[i];
  }
  if (stride.area.stride[0] != 1 || stride.area.stride[1] != 1) {
    parts.emplace_back("_step", stride);
  }
  if (parts.empty()) parts.emplace_back("", identity{});
  for (std::size_t k = 0; k + 1 < parts.size(); ++k) {
    value = emit_inner(node, parts[k].first, std::move(parts[k].second), value);
  }
  emit(node, std::move(parts.back().second), {value});
}

void onnx_reader::read_split(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  const std::size_t axis = axis_of(node, node.with.integer("axis", 0), input);
  const std::int64_t extent = builder_.shape_of(input)[axis];
  const std::int64_t count = node.proto.output_size();
  if (node.with.integer("num_outputs", count) != count) {
    node.refuse("has another number of outputs than num_outputs");
  }
  auto sizes = node.with.integers("split");
  if (!sizes && has_input(node, 1)) sizes = integers(node, 1);
  if (!sizes) {  // equal parts, the last one smaller where they do not divide
    const std::int64_t part = (extent + count - 1) / count;
    sizes = std::vector<std::int64_t>(static_cast<std::size_t>(count), part);
    sizes->back() = extent - part * (count - 1);
  }
  if (static_cast<std::int64_t>(sizes->size()) != count) node.refuse("needs a size per output");
  slice op{.axis = static_cast<std::int64_t>(axis), .begin = {}, .end = {}};
  std::int64_t at = 0;
  for (const std::int64_t size : *sizes) {
    if (size <= 0 || size > extent - at) node.refuse("does not divide its input");
    op.begin.push_back(at);
    at += size;
    op.end.push_back(at);
  }
  if (at != extent) node.refuse("does not divide its input");

  std::vector<std::string> names(node.proto.output().begin(), node.proto.output().end());
  tensors_.insert(tensors_.end(), names.begin(), names.end());
  const auto outputs = builder_.add(node.name, std::move(op), {input}, names, node.index);
  for (int i = 0; i < node.proto.output_size(); ++i) {
    bind(node, i, outputs[static_cast<std::size_t>(i)]);
  }
}

void onnx_reader::read_pad(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  const std::size_t rank = builder_.shape_of(input).size();
  const std::string mode = node.with.text("mode", "constant");
  if (mode != "constant") node.refuse("with mode '" + mode + "' is not supported");
  pad op;
  std::vector<std::int64_t> pads, axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (opset_ < 11) {
    pads = node.with.integers("pads").value_or(shape{});
    op.value = node.with.number("value", 0);
  } else {
    pads = integers(node, 1);
    op.value = scalar(node, 2, 0);
    if (has_input(node, 3)) axes = integers(node, 3);
  }
  if (pads.size() != 2 * axes.size()) node.refuse("needs two pads per axis");
  op.begin.assign(rank, 0);
  op.end.assign(rank, 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = axis_of(node, axes[i], input);
    op.begin[axis] = pads[i];
    op.end[axis] = pads[i + axes.size()];
  }
  emit(node, std::move(op), {input});
}

// dims as for a batch of one; the batch axis stays free.
void onnx_reader::emit_reshape(const onnx_node& node, std::size_t value, shape dims) {
  if (dims.empty() || dims[0] != 1) node.refuse("across the batch is not supported");
  dims[0] = 0;
  emit(node, reshape{std::move(dims)}, {value});
}

void onnx_reader::read_flatten(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  const std::size_t rank = builder_.shape_of(input).size();
  std::int64_t axis = node.with.integer("axis", 1);
  if (axis < 0) axis += static_cast<std::int64_t>(rank);
  if (axis != 1) node.refuse("from another axis than 1 is not supported");
  emit(node, reshape{{0, -1}}, {input});
}

void onnx_reader::read_reshape(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  if (node.with.integer("allowzero", 0) != 0) node.refuse("with allowzero is not supported");
  shape dims = integers(node, 1);
  const shape& from = builder_.shape_of(input);
  if (dims.empty()) node.refuse("to no axes is not supported");
  // The batch may be kept (0), inferred, or named: as declared, else as one.
  if (dims[0] == -1) {
    std::int64_t image = 1, kept = 1;
    for (std::size_t i = 1; i < from.size(); ++i) image *= from[i];
    for (std::size_t i = 1; i < dims.size(); ++i) {
      const std::int64_t extent = dims[i] == 0 && i < from.size() ? from[i] : dims[i];
      if (extent <= 0 || __builtin_mul_overflow(kept, extent, &kept)) {
        node.refuse("has an extent of " + std::to_string(dims[i]));
      }
    }
    if (kept != image) node.refuse("across the batch is not supported");
    dims[0] = 0;
  } else if (dims[0] == std::max<std::int64_t>(batch_, 1)) {
    dims[0] = 0;
  }
  if (dims[0] != 0) node.refuse("across the batch is not supported");
  emit(node, reshape{std::move(dims)}, {input});
}

void onnx_reader::read_squeeze(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  const shape& from = builder_.shape_of(input);
  auto axes = node.with.integers("axes");
  if (!axes && has_input(node, 1)) axes = integers(node, 1);
  std::set<std::size_t> gone;
  for (const std::int64_t axis : axes.value_or(shape{})) gone.insert(axis_of(node, axis, input));
  if (!axes) {
    if (batch_ == 1) node.refuse("of a batch of one needs axes");
    for (std::size_t i = 1; i < from.size(); ++i) {
      if (from[i] == 1) gone.insert(i);
    }
  }
  shape dims;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!gone.contains(i)) {
      dims.push_back(from[i]);
    } else if (i == 0 || from[i] != 1) {
      node.refuse("of axis " + std::to_string(i) + " is not supported");
    }
  }
  emit_reshape(node, input, std::move(dims));
}

void onnx_reader::read_unsqueeze(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  auto axes = node.with.integers("axes");
  if (!axes && has_input(node, 1)) axes = integers(node, 1);
  if (!axes) node.refuse("needs axes");
  const shape from = builder_.shape_of(input);
  const std::size_t rank = from.size() + axes->size();
  std::set<std::size_t> added;
  for (const std::int64_t axis : *axes) {
    const std::int64_t at = axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
    if (at < 1 || at >= static_cast<std::int64_t>(rank) ||
        !added.insert(static_cast<std::size_t>(at)).second) {
      node.refuse("at axis " + std::to_string(axis) + " is not supported");
    }
  }
  shape dims;
  auto next = from.begin();
  for (std::size_t i = 0; i < rank; ++i) dims.push_back(added.contains(i) ? 1 : *next++);
  emit_reshape(node, input, std::move(dims));
}

void onnx_reader::read_identity(onnx_node& node) {
  if (const constant* same = constant_input(node, 0)) {
    constants_[node.proto.output(0)] = constant(*same);
    return;
  }
  emit(node, identity{}, {value_input(node, 0)});
}

void onnx_reader::read_dropout(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  if (has_input(node, 2)) {
    const std::vector<std::int64_t> training = integers(node, 2);
    if (training.size() != 1 || training[0] != 0) {
      node.refuse("in training mode is not supported");
    }
  }
  node.with.ignore("ratio");
  node.with.ignore("seed");
  emit(node, identity{}, {input});
}

void onnx_reader::read_constant(onnx_node& node) {
  constant result;
  if (const TensorProto* tensor = node.with.tensor("value")) {
    undecoded_[node.proto.output(0)] = tensor;
    return;
  }
  if (const auto many = node.with.numbers("value_floats")) {
    result = {{static_cast<std::int64_t>(many->size())}, *many, std::nullopt};
  } else if (const auto integers = node.with.integers("value_ints")) {
    result = {{static_cast<std::int64_t>(integers->size())}, *integers, std::nullopt};
  } else if (node.with.has("value_float")) {
    result = {{}, std::vector<float>{node.with.number("value_float", 0)}, std::nullopt};
  } else if (node.with.has("value_int")) {
    result = {{}, std::vector<std::int64_t>{node.with.integer("value_int", 0)}, std::nullopt};
  } else {
    node.refuse("of this kind is not supported");
  }
  constants_[node.proto.output(0)] = std::move(result);
}

}  // namespace compress
