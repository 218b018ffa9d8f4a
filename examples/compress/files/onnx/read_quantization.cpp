#include <algorithm>
#include <cmath>
#include <utility>

#include "../../../support/shortest.hpp"
#include "reader.hpp"

namespace compress {

float onnx_reader::quantization_scale(const onnx_node& node) {
  const std::vector<float> values = floats(node, 1);
  if (values.size() != 1) node.refuse("of activations needs one scale");
  if (!(values[0] > 0) || !std::isfinite(values[0])) {
    node.refuse("has the scale " + support::shortest(values[0]));
  }
  return values[0];
}

void onnx_reader::read_quantize(onnx_node& node) {
  quantized found;
  found.value = value_input(node, 0);
  found.only_user = uses_.at(node.proto.input(0)) == 1;
  found.alpha = quantization_scale(node);
  int type = static_cast<int>(node.with.integer("output_dtype", 0));
  if (has_input(node, 2)) {
    for (const std::int64_t zero : integers(node, 2)) {
      if (zero != 0) node.refuse("has the zero point " + std::to_string(zero) + ", not 0");
    }
    const auto tensor = undecoded_.find(node.proto.input(2));
    if (tensor == undecoded_.end()) node.refuse("needs an initializer as zero point");
    type = tensor->second->data_type();
  }
  if (type != 0 && type != TensorProto::UINT8 && type != TensorProto::INT8) {
    node.refuse("to data type " + std::to_string(type) + " is not supported");
  }
  found.low = type == TensorProto::INT8 ? -128 : 0;
  found.high = type == TensorProto::INT8 ? 127 : 255;
  if (node.with.integer("block_size", 0) != 0) node.refuse("in blocks is not supported");
  node.with.ignore("axis");
  node.with.ignore("saturate");
  node.with.ignore("precision");
  single_output(node);
  quantized_[node.proto.output(0)] = found;
}

// A pair of QuantizeLinear and DequantizeLinear is the quantizer of the value that it reads.
void onnx_reader::read_dequantize(onnx_node& node) {
  const auto pair = has_input(node, 0) ? quantized_.find(node.proto.input(0)) : quantized_.end();
  if (pair == quantized_.end()) {
    dequantize_constant(node);
    return;
  }
  quantized found = pair->second;
  if (quantization_scale(node) != found.alpha) node.refuse("has another scale than its pair");
  if (has_input(node, 2)) {
    for (const std::int64_t zero : integers(node, 2)) {
      if (zero != 0) node.refuse("has the zero point " + std::to_string(zero) + ", not 0");
    }
  }
  if (node.with.integer("block_size", 0) != 0) node.refuse("in blocks is not supported");
  node.with.ignore("axis");
  node.with.ignore("output_dtype");
  single_output(node);

  if (found.only_user) absorb_clip(found);
  std::size_t value = found.value;
  if (!found.only_user || builder_.net().values[value].quantizer) {
    value = emit(node, identity{}, {value});
  }
  const std::string& output = node.proto.output(0);
  builder_.net().values[value].quantizer = {found.alpha, found.low, found.high};
  if (output == graph_.output(0).name()) builder_.net().values[value].name = output;
  bind(node, 0, value);
}

// A Clip right before the pair that cuts at two codes inside the integer type's range only narrows
// the range of codes.
void onnx_reader::absorb_clip(quantized& found) {
  network& net = builder_.net();
  if (net.layers.empty() || found.value + 1 != net.values.size()) return;
  const layer& last = net.layers.back();
  const clip* cut = std::get_if<clip>(&last.op);
  if (cut == nullptr || last.outputs[0] != found.value) return;
  const std::size_t input = last.inputs[0];
  if (uses_.at(tensors_[input]) != 1 || net.values[input].quantizer) return;

  const float low = std::round(cut->low / found.alpha), high = std::round(cut->high / found.alpha);
  const auto lowest = static_cast<float>(found.low), highest = static_cast<float>(found.high);
  if (!(low >= lowest) || !(high <= highest) || (low == lowest && high == highest)) return;
  if (low * found.alpha != cut->low || high * found.alpha != cut->high) return;
  builder_.drop_last();
  tensors_.pop_back();
  found.value = input;
  found.low = static_cast<int>(low);
  found.high = static_cast<int>(high);
}

// value = scale (code - zero point), with one scale in all or one per extent of an axis.
void onnx_reader::dequantize_constant(onnx_node& node) {
  const constant& stored = need_constant(node, 0);
  const std::vector<std::int64_t> integer = integers(node, 0);
  const std::vector<float> scale = floats(node, 1);
  std::vector<std::int64_t> zero(scale.size(), 0);
  if (has_input(node, 2)) zero = integers(node, 2);
  if (node.with.integer("block_size", 0) != 0) node.refuse("in blocks is not supported");
  node.with.ignore("output_dtype");
  std::int64_t axis = node.with.integer("axis", 1);
  const auto rank = static_cast<std::int64_t>(stored.dims.size());
  if (axis < 0) axis += rank;

  std::size_t inner = integer.size();
  if (scale.size() != 1) {
    if (axis < 0 || axis >= rank) node.refuse("has an axis that its input does not have");
    if (static_cast<std::int64_t>(scale.size()) != stored.dims[static_cast<std::size_t>(axis)]) {
      node.refuse("needs one scale per extent of axis " + std::to_string(axis));
    }
    inner = 1;
    for (auto i = static_cast<std::size_t>(axis) + 1; i < stored.dims.size(); ++i) {
      inner *= static_cast<std::size_t>(stored.dims[i]);
    }
  }
  if (zero.size() != scale.size()) node.refuse("needs as many zero points as scales");

  constant result{.dims = stored.dims, .values = {}, .codes = std::nullopt};
  std::vector<float> values(integer.size());
  for (std::size_t i = 0; i < integer.size(); ++i) {
    const std::size_t k = i / inner % scale.size();
    values[i] = scale[k] * static_cast<float>(integer[i] - zero[k]);
  }
  result.values = std::move(values);
  const auto tensor = undecoded_.find(node.proto.input(0));
  const bool centred = std::all_of(zero.begin(), zero.end(), [](auto z) { return z == 0; });
  if (tensor != undecoded_.end() && tensor->second->data_type() == TensorProto::INT8 && centred) {
    result.codes = stored_codes{{integer.begin(), integer.end()}, scale, axis};
  }
  single_output(node);
  constants_[node.proto.output(0)] = std::move(result);
}

}  // namespace compress
