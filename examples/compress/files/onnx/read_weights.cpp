#include <algorithm>
#include <utility>

#include "../transposed.hpp"
#include "reader.hpp"

namespace compress {
// The codes behind a weight, where their scale is one per output channel (`axis`) or one in all.
std::optional<weight_codes> onnx_reader::codes_of(const constant& weight, std::int64_t axis) const {
  if (!weight.codes) return std::nullopt;
  const auto outputs = static_cast<std::size_t>(weight.dims[static_cast<std::size_t>(axis)]);
  weight_codes found{.codebook = "stored", .bits = 8, .codes = weight.codes->codes, .alpha = {}};
  if (weight.codes->scale.size() == 1) {
    found.alpha.assign(outputs, weight.codes->scale[0]);
  } else if (weight.codes->axis == axis) {
    found.alpha = weight.codes->scale;
  } else {
    return std::nullopt;
  }
  return found;
}

void onnx_reader::read_conv(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  constant weight = take_weight(node);
  convolution op;
  op.weight = {weight.dims, std::get<std::vector<float>>(std::move(weight.values))};
  if (weight.dims.size() != 4) node.refuse("is not two-dimensional, which is not supported");
  if (has_input(node, 2)) op.bias = floats(node, 2);
  op.groups = node.with.integer("group", 1);
  const std::vector<std::int64_t> kernel(weight.dims.begin() + 2, weight.dims.end());
  if (node.with.integers("kernel_shape").value_or(kernel) != kernel) {
    node.refuse("has a kernel_shape other than that of its weight");
  }
  op.area = window_of(node, input, kernel);
  op.codes = codes_of(weight, 0);
  emit(node, std::move(op), {input});
}

// Y = alpha A B' + beta C
void onnx_reader::read_gemm(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  constant weight = take_weight(node);
  if (node.with.integer("transA", 0) != 0) node.refuse("with transA is not supported");
  if (weight.dims.size() != 2 || builder_.shape_of(input).size() != 2) {
    node.refuse("needs an input and a weight with two axes");
  }
  const bool rows_are_outputs = node.with.integer("transB", 0) != 0;
  const float alpha = node.with.number("alpha", 1), beta = node.with.number("beta", 1);

  inner_product op;
  op.weight = {weight.dims, std::get<std::vector<float>>(std::move(weight.values))};
  op.codes = codes_of(weight, rows_are_outputs ? 0 : 1);
  if (!rows_are_outputs) {
    op.weight.values = transposed(op.weight.values, weight.dims[0], weight.dims[1]);
    op.weight.dims = {weight.dims[1], weight.dims[0]};
    if (op.codes) op.codes->codes = transposed(op.codes->codes, weight.dims[0], weight.dims[1]);
  }
  for (float& w : op.weight.values) w *= alpha;
  if (op.codes) {
    for (float& a : op.codes->alpha) a *= alpha;
  }
  if (has_input(node, 2) && beta != 0) {
    const std::vector<float> bias = floats(node, 2);
    const auto outputs = static_cast<std::size_t>(op.weight.dims[0]);
    const shape& dims = need_constant(node, 2).dims;
    if (bias.size() != 1 && (bias.size() != outputs || dims.empty() || dims.size() > 2 ||
                             dims.back() != op.weight.dims[0])) {
      node.refuse("has a C that is not one value per output");
    }
    op.bias.resize(outputs);
    for (std::size_t o = 0; o < outputs; ++o) op.bias[o] = beta * bias[bias.size() == 1 ? 0 : o];
  }
  emit(node, std::move(op), {input});
}

void onnx_reader::read_matmul(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  constant weight = take_weight(node);
  if (weight.dims.size() != 2 || builder_.shape_of(input).size() != 2) {
    node.refuse("needs an input and a weight with two axes");
  }
  inner_product op;
  op.weight = {{weight.dims[1], weight.dims[0]},
               transposed(std::get<std::vector<float>>(std::move(weight.values)), weight.dims[0],
                          weight.dims[1])};
  op.codes = codes_of(weight, 1);
  if (op.codes) op.codes->codes = transposed(op.codes->codes, weight.dims[0], weight.dims[1]);
  emit(node, std::move(op), {input});
}

void onnx_reader::read_batch_norm(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  if (node.with.integer("training_mode", 0) != 0) node.refuse("in training mode is not supported");
  if (node.with.integer("spatial", 1) != 1) node.refuse("with spatial = 0 is not supported");
  node.with.ignore("momentum");
  batch_norm op;
  op.gamma = floats(node, 1);
  op.beta = floats(node, 2);
  op.mean = floats(node, 3);
  op.variance = floats(node, 4);
  op.epsilon = static_cast<double>(node.with.number("epsilon", 1e-5F));
  emit(node, std::move(op), {input});
}

}  // namespace compress
