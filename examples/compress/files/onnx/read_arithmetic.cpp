#include <algorithm>
#include <limits>
#include <utility>

#include "reader.hpp"

namespace compress {

void onnx_reader::read_relu(onnx_node& node) { emit(node, relu{}, {value_input(node, 0)}); }

void onnx_reader::read_leaky_relu(onnx_node& node) {
  emit(node, leaky_relu{node.with.number("alpha", 0.01F)}, {value_input(node, 0)});
}

void onnx_reader::read_prelu(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  const std::vector<float> slope = floats(node, 1);
  if (slope.size() == 1) {
    emit(node, prelu{slope}, {input});
  } else {
    emit(node, prelu{per_channel(node, need_constant(node, 1), input)}, {input});
  }
}

void onnx_reader::read_clip(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  constexpr float lowest = std::numeric_limits<float>::lowest();
  constexpr float highest = std::numeric_limits<float>::max();
  clip op;
  op.low = opset_ < 11 ? node.with.number("min", lowest) : scalar(node, 1, lowest);
  op.high = opset_ < 11 ? node.with.number("max", highest) : scalar(node, 2, highest);
  emit(node, op, {input});
}

// A constant spread over the channels of `value`: it must be one number, or have the extent of
// axis 1 there (counted from the last axis, as broadcasting does) and 1 everywhere else.
std::vector<float> onnx_reader::per_channel(const onnx_node& node, const constant& values,
                                            std::size_t value) {
  const shape& dims = builder_.shape_of(value);
  const auto* numbers = std::get_if<std::vector<float>>(&values.values);
  if (numbers == nullptr) node.refuse("has a constant that is not floating-point");
  if (dims.size() < 2) node.refuse("needs an input with a channel axis");
  const auto channels = static_cast<std::size_t>(dims[1]);
  bool fits = values.dims.size() <= dims.size();
  for (std::size_t i = 0; fits && i < values.dims.size(); ++i) {
    const std::size_t axis = dims.size() - values.dims.size() + i;
    fits = values.dims[i] == 1 || (axis == 1 && values.dims[i] == dims[1]);
  }
  if (!fits) node.refuse("has a constant that is not one number per channel");
  if (numbers->size() == 1) return std::vector<float>(channels, (*numbers)[0]);
  return *numbers;
}

void onnx_reader::read_affine(onnx_node& node, std::size_t value, std::vector<float> weight,
                              std::vector<float> bias) {
  emit(node, scale{std::move(weight), std::move(bias)}, {value});
}

// MatMul followed by Add is one inner product with a bias, where nothing else reads the product.
bool onnx_reader::absorb_bias(const onnx_node& node, std::size_t value,
                              const std::vector<float>& bias) {
  layer* maker = builder_.producer(value);
  if (maker == nullptr) return false;
  auto* product = std::get_if<inner_product>(&maker->op);
  if (product == nullptr || !product->bias.empty() || uses_.at(tensors_[value]) != 1 ||
      builder_.net().values[value].quantizer) {
    return false;
  }
  product->bias = bias;
  builder_.net().values[value].name = tensors_[value] = node.proto.output(0);
  bind(node, 0, value);
  return true;
}

void onnx_reader::read_add(onnx_node& node) {
  const bool left = constant_input(node, 0) != nullptr, right = constant_input(node, 1) != nullptr;
  if (!left && !right) {
    emit(node, eltwise{}, {value_input(node, 0), value_input(node, 1)});
    return;
  }
  const std::size_t value = value_input(node, left ? 1 : 0);
  std::vector<float> bias = per_channel(node, need_constant(node, left ? 0 : 1), value);
  if (absorb_bias(node, value, bias)) return;
  const std::vector<float> ones(bias.size(), 1.0F);
  read_affine(node, value, ones, std::move(bias));
}

void onnx_reader::read_sub(onnx_node& node) {
  const bool left = constant_input(node, 0) != nullptr, right = constant_input(node, 1) != nullptr;
  if (!left && !right) {
    emit(node, eltwise{eltwise::kind::sum, {1.0F, -1.0F}},
         {value_input(node, 0), value_input(node, 1)});
    return;
  }
  const std::size_t value = value_input(node, left ? 1 : 0);
  std::vector<float> bias = per_channel(node, need_constant(node, left ? 0 : 1), value);
  const std::vector<float> signs(bias.size(), left ? -1.0F : 1.0F);
  if (right) {
    for (float& b : bias) b = -b;
  }
  read_affine(node, value, signs, std::move(bias));
}

void onnx_reader::read_mul(onnx_node& node) {
  const bool left = constant_input(node, 0) != nullptr, right = constant_input(node, 1) != nullptr;
  if (!left && !right) {
    emit(node, eltwise{eltwise::kind::product, {}}, {value_input(node, 0), value_input(node, 1)});
    return;
  }
  const std::size_t value = value_input(node, left ? 1 : 0);
  read_affine(node, value, per_channel(node, need_constant(node, left ? 0 : 1), value), {});
}

void onnx_reader::read_div(onnx_node& node) {
  const std::size_t value = value_input(node, 0);
  std::vector<float> weight = per_channel(node, need_constant(node, 1), value);
  for (float& w : weight) w = 1.0F / w;
  read_affine(node, value, std::move(weight), {});
}

void onnx_reader::read_sum(onnx_node& node) {
  std::vector<std::size_t> inputs;
  for (int i = 0; i < node.proto.input_size(); ++i) inputs.push_back(value_input(node, i));
  emit(node, eltwise{}, std::move(inputs));
}

void onnx_reader::read_max(onnx_node& node) {
  std::vector<std::size_t> inputs;
  for (int i = 0; i < node.proto.input_size(); ++i) inputs.push_back(value_input(node, i));
  emit(node, eltwise{eltwise::kind::maximum, {}}, std::move(inputs));
}

// Before operator set 13 softmax ran over all axes from `axis` on together; that is the same only
// where the others have one element.
void onnx_reader::read_softmax(onnx_node& node) {
  const std::size_t input = value_input(node, 0);
  const std::size_t axis = axis_of(node, node.with.integer("axis", opset_ < 13 ? 1 : -1), input);
  const shape& dims = builder_.shape_of(input);
  if (axis == 0) node.refuse("over the batch is not supported");
  const auto single = [](std::int64_t extent) { return extent == 1; };
  if (opset_ < 13 &&
      !std::all_of(dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, dims.end(), single)) {
    node.refuse("over several axes is not supported");
  }
  emit(node, softmax{static_cast<std::int64_t>(axis)}, {input});
}

}  // namespace compress
