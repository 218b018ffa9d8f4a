// The extents of every value of a network, from the extents of its input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "network.hpp"

namespace compress {

// "(3, 224, 224)".
inline std::string to_string(const shape& dims) {
  std::string text = "(";
  for (std::size_t i = 0; i < dims.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(dims[i]);
  }
  return text + ")";
}

namespace shapes_detail {

// Kernels, strides, dilations and paddings above this are malformed; it keeps sums and products of
// two of them far inside 64 bits.
inline constexpr std::int64_t largest_window = std::int64_t{1} << 24;
inline constexpr std::int64_t largest_extent = std::int64_t{1} << 31;

[[noreturn]] inline void refuse(const layer& at, const std::string& why) {
  throw std::invalid_argument("layer '" + at.name + "': " + why);
}

inline void check_count(const layer& at, const char* what, std::size_t count, std::int64_t wanted) {
  if (static_cast<std::int64_t>(count) != wanted) {
    refuse(at, std::string(what) + " has " + std::to_string(count) + " values, but there are " +
                   std::to_string(wanted) + " channels");
  }
}

inline void check_rank(const layer& at, const shape& in, std::size_t least) {
  if (in.size() < least) {
    refuse(at, "its input " + to_string(in) + " needs at least " + std::to_string(least) + " axes");
  }
}

inline void check_axis(const layer& at, std::int64_t axis, const shape& in) {
  if (axis < 1 || axis >= static_cast<std::int64_t>(in.size())) {
    refuse(at, "axis " + std::to_string(axis) + " is not one of the axes after the batch of " +
                   to_string(in));
  }
}

// The number of elements of dims; throws where it does not fit or an extent is not positive.
inline std::int64_t checked_elements(const layer& at, const shape& dims) {
  std::int64_t count = 1;
  for (const std::int64_t extent : dims) {
    if (extent <= 0 || extent > largest_extent) {
      refuse(at, "has a value of shape " + to_string(dims));
    }
    if (__builtin_mul_overflow(count, extent, &count)) {
      refuse(at, "a value of shape " + to_string(dims) + " is too large");
    }
  }
  return count;
}

inline void check_window(const layer& at, const window& area) {
  for (int i = 0; i < 2; ++i) {
    const auto positive = [](std::int64_t x) { return x > 0 && x <= largest_window; };
    const auto padding = [](std::int64_t x) { return x >= 0 && x <= largest_window; };
    if (!positive(area.kernel[i]) || !positive(area.stride[i]) || !positive(area.dilation[i])) {
      refuse(at, "kernel, stride and dilation must be positive");
    }
    if (!padding(area.pad_begin[i]) || !padding(area.pad_end[i])) {
      refuse(at, "padding must not be negative");
    }
  }
}

// Number of windows along one axis. Rounded up, a last window that would start beyond the image
// and its leading padding is dropped (Caffe's rule, and ONNX's).
inline std::int64_t windows(const layer& at, const window& area, int i, std::int64_t extent,
                            bool ceil_mode) {
  const std::int64_t covered = area.dilation[i] * (area.kernel[i] - 1) + 1;
  const std::int64_t room = extent + area.pad_begin[i] + area.pad_end[i] - covered;
  if (room < 0) {
    refuse(at, "its window of " + std::to_string(covered) +
                   " is larger than the padded extent of axis " + std::to_string(i + 2));
  }
  std::int64_t count = (room + (ceil_mode ? area.stride[i] - 1 : 0)) / area.stride[i] + 1;
  if (ceil_mode && (count - 1) * area.stride[i] >= extent + area.pad_begin[i]) --count;
  return count;
}

// The shapes of the outputs of one layer, by kind of layer.
struct rule {
  const layer& at;
  const std::vector<shape>& in;

  std::vector<shape> operator()(const convolution& op) const {
    const shape& w = op.weight.dims;
    if (in[0].size() != 4) refuse(at, "needs an input with 4 axes, not " + to_string(in[0]));
    if (w.size() != 4) refuse(at, "needs a weight with 4 axes, not " + to_string(w));
    check_window(at, op.area);
    if (op.groups <= 0 || op.groups > largest_extent) refuse(at, "groups must be positive");
    if (w[1] <= 0 || w[1] > largest_extent || w[1] * op.groups != in[0][1]) {
      refuse(at, "its weight " + to_string(w) + " in " + std::to_string(op.groups) +
                     " groups does not fit its input " + to_string(in[0]));
    }
    if (w[0] <= 0 || w[0] % op.groups != 0) {
      refuse(at, "its " + std::to_string(w[0]) + " outputs do not divide into " +
                     std::to_string(op.groups) + " groups");
    }
    if (w[2] != op.area.kernel[0] || w[3] != op.area.kernel[1]) {
      refuse(at, "its kernel is not that of its weight " + to_string(w));
    }
    if (!op.bias.empty()) check_count(at, "bias", op.bias.size(), w[0]);
    return {{in[0][0], w[0], windows(at, op.area, 0, in[0][2], false),
             windows(at, op.area, 1, in[0][3], false)}};
  }

  std::vector<shape> operator()(const inner_product& op) const {
    check_rank(at, in[0], 2);
    const shape& w = op.weight.dims;
    const std::int64_t features = checked_elements(at, shape(in[0].begin() + 1, in[0].end()));
    if (w.size() != 2 || w[1] != features || w[0] <= 0) {
      refuse(at, "its weight " + to_string(w) + " does not fit its input " + to_string(in[0]));
    }
    if (!op.bias.empty()) check_count(at, "bias", op.bias.size(), w[0]);
    return {{in[0][0], w[0]}};
  }

  std::vector<shape> operator()(const batch_norm& op) const {
    check_rank(at, in[0], 2);
    check_count(at, "mean", op.mean.size(), in[0][1]);
    check_count(at, "variance", op.variance.size(), in[0][1]);
    if (!op.gamma.empty()) check_count(at, "gamma", op.gamma.size(), in[0][1]);
    if (!op.beta.empty()) check_count(at, "beta", op.beta.size(), in[0][1]);
    return {in[0]};
  }

  std::vector<shape> operator()(const scale& op) const {
    check_rank(at, in[0], 2);
    check_count(at, "weight", op.weight.size(), in[0][1]);
    if (!op.bias.empty()) check_count(at, "bias", op.bias.size(), in[0][1]);
    return {in[0]};
  }

  std::vector<shape> operator()(const prelu& op) const {
    check_rank(at, in[0], 2);
    if (op.slope.size() != 1) check_count(at, "slope", op.slope.size(), in[0][1]);
    return {in[0]};
  }

  std::vector<shape> operator()(const pool& op) const {
    if (in[0].size() != 4) refuse(at, "needs an input with 4 axes, not " + to_string(in[0]));
    if (op.global) return {{in[0][0], in[0][1], 1, 1}};
    check_window(at, op.area);
    for (int i = 0; i < 2; ++i) {
      const std::int64_t covered = op.area.dilation[i] * (op.area.kernel[i] - 1) + 1;
      if (op.area.pad_begin[i] >= covered || op.area.pad_end[i] >= covered) {
        refuse(at, "padding must be smaller than its window");
      }
    }
    return {{in[0][0], in[0][1], windows(at, op.area, 0, in[0][2], op.ceil_mode),
             windows(at, op.area, 1, in[0][3], op.ceil_mode)}};
  }

  std::vector<shape> operator()(const eltwise& op) const {
    for (const shape& other : in) {
      if (other != in[0]) {
        refuse(at, "its inputs differ: " + to_string(in[0]) + " and " + to_string(other));
      }
    }
    if (!op.coefficients.empty() &&
        (op.what != eltwise::kind::sum || op.coefficients.size() != in.size())) {
      refuse(at, "coefficients need a sum with as many inputs");
    }
    return {in[0]};
  }

  std::vector<shape> operator()(const concat& op) const {
    check_axis(at, op.axis, in[0]);
    const auto axis = static_cast<std::size_t>(op.axis);
    shape out = in[0];
    out[axis] = 0;
    for (const shape& part : in) {
      shape rest = part;
      if (part.size() == in[0].size()) rest[axis] = in[0][axis];
      if (rest != in[0]) {
        refuse(at, "its inputs differ: " + to_string(in[0]) + " and " + to_string(part));
      }
      if (__builtin_add_overflow(out[axis], part[axis], &out[axis])) refuse(at, "is too large");
    }
    return {out};
  }

  std::vector<shape> operator()(const slice& op) const {
    check_axis(at, op.axis, in[0]);
    const auto axis = static_cast<std::size_t>(op.axis);
    if (op.begin.size() != op.end.size() || op.begin.size() != at.outputs.size()) {
      refuse(at, "needs a begin and an end for every output");
    }
    std::vector<shape> out(op.begin.size(), in[0]);
    for (std::size_t k = 0; k < out.size(); ++k) {
      if (op.begin[k] < 0 || op.begin[k] >= op.end[k] || op.end[k] > in[0][axis]) {
        refuse(at, "slice [" + std::to_string(op.begin[k]) + ", " + std::to_string(op.end[k]) +
                       ") is not inside axis " + std::to_string(op.axis) + " of " +
                       to_string(in[0]));
      }
      out[k][axis] = op.end[k] - op.begin[k];
    }
    return out;
  }

  std::vector<shape> operator()(const pad& op) const {
    if (op.begin.size() != in[0].size() || op.end.size() != in[0].size()) {
      refuse(at, "needs one padding for every axis of " + to_string(in[0]));
    }
    shape out = in[0];
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto bad = [i](std::int64_t x) { return x < 0 || x > largest_window || (i == 0 && x); };
      if (bad(op.begin[i]) || bad(op.end[i])) {
        refuse(at, "cannot pad axis " + std::to_string(i) + " by " + std::to_string(op.begin[i]) +
                       " and " + std::to_string(op.end[i]));
      }
      out[i] += op.begin[i] + op.end[i];
    }
    return {out};
  }

  std::vector<shape> operator()(const reshape& op) const {
    if (op.dims.empty() || op.dims[0] != 0) refuse(at, "must keep the batch axis");
    shape out = op.dims;
    std::size_t inferred = out.size();
    std::int64_t known = 1;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (out[i] == -1) {
        if (inferred != out.size()) refuse(at, "has two extents to infer");
        inferred = i;
        continue;
      }
      if (out[i] == 0) {
        if (i >= in[0].size()) refuse(at, "keeps an axis that its input does not have");
        out[i] = in[0][i];
      }
      known = checked_elements(at, {known, out[i]});
    }
    const std::int64_t count = checked_elements(at, in[0]);
    if (inferred != out.size()) out[inferred] = count / known;
    if (checked_elements(at, out) != count) {
      refuse(at, "cannot reshape " + to_string(in[0]) + " to " + to_string(op.dims));
    }
    return {out};
  }

  std::vector<shape> operator()(const softmax& op) const {
    check_axis(at, op.axis, in[0]);
    return {in[0]};
  }

  std::vector<shape> operator()(const relu&) const { return {in[0]}; }
  std::vector<shape> operator()(const leaky_relu&) const { return {in[0]}; }
  std::vector<shape> operator()(const clip&) const { return {in[0]}; }
  std::vector<shape> operator()(const power&) const { return {in[0]}; }
  std::vector<shape> operator()(const identity&) const { return {in[0]}; }
};

}  // namespace shapes_detail

// The shapes of the outputs of `at`, whose inputs have the shapes `in` (each with its batch axis).
// Throws std::invalid_argument, naming the layer, where they do not fit its weights or each other,
// an extent would not be positive, or a number of elements would overflow.
inline std::vector<shape> infer_outputs(const layer& at, const std::vector<shape>& in) {
  const bool many = std::holds_alternative<eltwise>(at.op) || std::holds_alternative<concat>(at.op);
  if (in.empty() || (!many && in.size() != 1)) {
    shapes_detail::refuse(at, "has " + std::to_string(in.size()) + " inputs");
  }
  std::vector<shape> out = std::visit(shapes_detail::rule{at, in}, at.op);
  if (out.size() != at.outputs.size()) {
    shapes_detail::refuse(at, "has " + std::to_string(at.outputs.size()) + " outputs");
  }
  for (const shape& dims : out) shapes_detail::checked_elements(at, dims);
  return out;
}

// One shape per value of `net` for `batch` images: axis 0 is the batch; the shape of a value that
// no layer produces is empty. Throws std::invalid_argument, naming the layer, where infer_outputs
// does, or where a layer reads a value that no earlier layer has produced.
inline std::vector<shape> infer_shapes(const network& net, std::int64_t batch) {
  std::vector<shape> shapes(net.values.size());
  const layer input{.name = "input", .op = identity{}, .inputs = {}, .outputs = {}, .source = 0};
  if (net.input >= shapes.size()) shapes_detail::refuse(input, "the network has no input value");
  shape in{batch};
  in.insert(in.end(), net.input_dims.begin(), net.input_dims.end());
  shapes_detail::checked_elements(input, in);
  shapes[net.input] = in;

  for (const layer& at : net.layers) {
    std::vector<shape> inputs;
    for (const std::size_t value : at.inputs) {
      if (value >= shapes.size() || shapes[value].empty()) {
        shapes_detail::refuse(at,
                              "reads value " + std::to_string(value) + " before it is produced");
      }
      inputs.push_back(shapes[value]);
    }
    const std::vector<shape> outputs = infer_outputs(at, inputs);
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      if (at.outputs[k] >= shapes.size() || !shapes[at.outputs[k]].empty()) {
        shapes_detail::refuse(
            at, "produces value " + std::to_string(at.outputs[k]) + ", which is not new");
      }
      shapes[at.outputs[k]] = outputs[k];
    }
  }
  if (net.output >= shapes.size() || shapes[net.output].empty()) {
    shapes_detail::refuse(input, "the network has no output value");
  }
  return shapes;
}

}  // namespace compress
