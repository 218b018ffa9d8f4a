#include "writer.hpp"

#include <algorithm>
#include <utility>

#include "../model_file.hpp"
#include "../transposed.hpp"
#include "raise_opset.hpp"

namespace compress {
namespace {

// The oldest format version in which operator set 13 is used and initializers need not be inputs.
constexpr std::int64_t oldest_ir_version = 7;

NodeProto make_node(const std::string& op, const std::vector<std::string>& inputs,
                    const std::string& output) {
  NodeProto node;
  node.set_op_type(op);
  node.set_name(output + "_" + op);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output);
  return node;
}

void set_axis(NodeProto& node, std::int64_t axis) {
  AttributeProto* attribute = node.add_attribute();
  attribute->set_name("axis");
  attribute->set_type(AttributeProto::INT);
  attribute->set_i(axis);
}

// What was changed. Weights are let go of once it is known that their codes say the same: the
// message that is about to be copied may be as large.
network_changes take_changes(const network& read, network& changed) {
  network_changes changes = find_changes(read, changed);
  for (const std::size_t i : changes.coded) {
    operation& op = changed.layers[i].op;
    auto* conv = std::get_if<convolution>(&op);
    std::vector<float>().swap(conv != nullptr ? conv->weight.values
                                              : std::get<inner_product>(op).weight.values);
  }
  return changes;
}

}  // namespace

onnx_writer::onnx_writer(const ModelProto& model, const onnx_reading& reading, network changed)
    : reading_(reading),
      changed_(std::move(changed)),
      changes_(take_changes(reading.net, changed_)),
      model_(model),
      graph_(*model_.mutable_graph()),
      gone_(static_cast<std::size_t>(graph_.node_size()), false) {
  for (const NodeProto& node : graph_.node()) {
    names_.insert(node.input().begin(), node.input().end());
    names_.insert(node.output().begin(), node.output().end());
  }
  for (const TensorProto& tensor : graph_.initializer()) names_.insert(tensor.name());
  for (const auto& input : graph_.input()) names_.insert(input.name());
}

ModelProto onnx_writer::write() {
  check_float();
  if (!changes_.coded.empty() || !changes_.quantized.empty()) raise();
  for (const std::size_t i : changes_.coded) write_codes(changed_.layers[i]);
  for (const std::size_t i : changes_.measured) write_statistics(changed_.layers[i]);
  for (const std::size_t i : changes_.quantized) write_quantizer(i, *changed_.values[i].quantizer);
  rebuild();
  return std::move(model_);
}

void onnx_writer::check_float() const {
  for (const auto& input : graph_.input()) {
    if (input.name() == reading_.tensors[reading_.net.input] &&
        input.type().tensor_type().elem_type() != TensorProto::FLOAT) {
      throw model_error("input '" + input.name() + "' is not of 32-bit floats: cannot be written");
    }
  }
}

std::string onnx_writer::fresh(const std::string& wanted) {
  std::string name = wanted;
  for (int k = 2; !names_.insert(name).second; ++k) name = wanted + "_" + std::to_string(k);
  return name;
}

std::string onnx_writer::add_initializer(TensorProto tensor, const std::string& wanted) {
  tensor.set_name(fresh(wanted));
  *graph_.add_initializer() = std::move(tensor);
  return graph_.initializer().rbegin()->name();
}

TensorProto* onnx_writer::initializer(const std::string& name) {
  for (TensorProto& tensor : *graph_.mutable_initializer()) {
    if (tensor.name() == name) return &tensor;
  }
  return nullptr;
}

int onnx_writer::uses_of(const std::string& name) const {
  std::ptrdiff_t count = 0;
  const auto count_in = [&](const NodeProto& node) {
    count += std::count(node.input().begin(), node.input().end(), name);
  };
  for (int i = 0; i < graph_.node_size(); ++i) {
    if (!gone_[static_cast<std::size_t>(i)]) count_in(graph_.node(i));
  }
  for (const auto& [at, nodes] : before_) std::for_each(nodes.begin(), nodes.end(), count_in);
  for (const auto& [at, nodes] : after_) std::for_each(nodes.begin(), nodes.end(), count_in);
  for (const auto& output : graph_.output()) count += output.name() == name ? 1 : 0;
  return static_cast<int>(count);
}

// Brings the graph to an operator set with per-channel DequantizeLinear. Nodes that the output does
// not depend on may be of any kind, so they cannot be translated; they are left out.
void onnx_writer::raise() {
  if (model_.ir_version() < 4) {  // there every initializer had to be listed as an input
    auto& inputs = *graph_.mutable_input();
    for (int i = inputs.size() - 1; i >= 0; --i) {
      if (initializer(inputs[i].name()) != nullptr) inputs.DeleteSubrange(i, 1);
    }
  }
  model_.set_ir_version(std::max<std::int64_t>(model_.ir_version(), oldest_ir_version));
  const std::int64_t from = opset_of(model_);
  if (from >= first_per_channel_opset) return;
  for (int i = 0; i < graph_.node_size(); ++i) {
    NodeProto& node = *graph_.mutable_node(i);
    if (!reading_.live[static_cast<std::size_t>(i)]) {
      gone_[static_cast<std::size_t>(i)] = true;
      continue;
    }
    raise_opset(node, from, [&](TensorProto tensor) {
      const std::string wanted = node.output(0) + "_" + tensor.name();
      return add_initializer(std::move(tensor), wanted);
    });
  }
  for (auto& import : *model_.mutable_opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") {
      import.set_version(first_per_channel_opset);
    }
  }
}

// weight == alpha * codes, as DequantizeLinear(codes, alpha) along the output channels.
void onnx_writer::write_codes(layer& at) {
  const auto index = static_cast<int>(at.source);
  NodeProto& node = *graph_.mutable_node(index);
  auto* conv = std::get_if<convolution>(&at.op);
  const tensor& weight = conv != nullptr ? conv->weight : std::get<inner_product>(at.op).weight;
  weight_codes& given = conv != nullptr ? *conv->codes : *std::get<inner_product>(at.op).codes;

  std::vector<std::int8_t> codes = std::move(given.codes);
  shape dims = weight.dims;
  const bool outputs_last =
      node.op_type() == "MatMul" ||
      (node.op_type() == "Gemm" && attributes(node).integer("transB", 0) == 0);
  if (outputs_last) {
    codes = transposed(codes, dims[0], dims[1]);
    std::swap(dims[0], dims[1]);
  }
  if (node.op_type() == "Gemm") erase_attribute(node, "alpha");  // the weight includes it

  // A row of zeros may have alpha == 0, which some runtimes refuse as a scale; any does.
  std::vector<float> scale = given.alpha;
  for (float& alpha : scale) alpha = alpha == 0 ? 1.0F : alpha;
  const std::vector<std::int8_t> zeros(scale.size(), 0);
  const shape channels = {static_cast<std::int64_t>(scale.size())};

  const std::string was = node.input(1);
  const std::string codes_name = add_initializer(encode("", dims, codes), at.name + "_codes");
  std::vector<std::int8_t>().swap(codes);
  const std::string scale_name = add_initializer(encode("", channels, scale), at.name + "_alpha");
  const std::string zero_name =
      add_initializer(encode("", channels, zeros), at.name + "_zero_point");
  NodeProto dequantize = make_node("DequantizeLinear", {codes_name, scale_name, zero_name},
                                   fresh(at.name + "_weight"));
  set_axis(dequantize, outputs_last ? 1 : 0);
  node.set_input(1, dequantize.output(0));
  before_[index].push_back(std::move(dequantize));
  detach(was);
}

void onnx_writer::write_statistics(const layer& at) {
  const auto& norm = std::get<batch_norm>(at.op);
  replace_constant(at, 3, norm.mean, "_mean");
  replace_constant(at, 4, norm.variance, "_variance");
}

// In place where the node alone uses an initializer, else as an initializer of its own.
void onnx_writer::replace_constant(const layer& at, int input, const std::vector<float>& values,
                                   const std::string& suffix) {
  NodeProto& node = *graph_.mutable_node(static_cast<int>(at.source));
  const std::string was = node.input(input);
  TensorProto tensor = encode(was, {static_cast<std::int64_t>(values.size())}, values);
  TensorProto* found = initializer(was);
  if (found != nullptr && uses_of(was) == 1) {
    *found = std::move(tensor);
    return;
  }
  node.set_input(input, add_initializer(std::move(tensor), at.name + suffix));
  detach(was);
}

void onnx_writer::write_quantizer(std::size_t value, const activation_quantizer& quantizer) {
  const std::string tensor = reading_.tensors[value];
  for (std::size_t other = 0; other < changed_.values.size(); ++other) {
    if (other != value && reading_.tensors[other] == tensor && changed_.values[other].quantizer) {
      throw model_error("values '" + changed_.values[value].name + "' and '" +
                        changed_.values[other].name +
                        "' are one tensor of the file: only one of them can be quantized");
    }
  }
  int producer = -1;
  for (int i = 0; i < graph_.node_size(); ++i) {
    const auto& outputs = graph_.node(i).output();
    if (std::find(outputs.begin(), outputs.end(), tensor) != outputs.end()) producer = i;
  }
  const bool is_output = graph_.output(0).name() == tensor;
  std::string from = tensor, to = tensor;
  if (is_output && producer >= 0) {  // the graph's output keeps its name
    from = fresh(tensor + "_float");
    for (std::string& output : *graph_.mutable_node(producer)->mutable_output()) {
      if (output == tensor) output = from;
    }
  } else {
    to = fresh(tensor + "_dequantized");
    for (NodeProto& node : *graph_.mutable_node()) {
      std::replace(node.mutable_input()->begin(), node.mutable_input()->end(), tensor, to);
    }
  }

  std::vector<NodeProto>& nodes = after_[producer];
  const bool is_signed = quantizer.low < 0;
  const int lowest = is_signed ? -128 : 0, highest = is_signed ? 127 : 255;
  if (quantizer.low != lowest || quantizer.high != highest) {
    const auto bound = [&](int code, const char* suffix) {
      const std::vector<float> at = {quantizer.alpha * static_cast<float>(code)};
      return add_initializer(encode("", {}, at), tensor + suffix);
    };
    const std::string low = bound(quantizer.low, "_low"), high = bound(quantizer.high, "_high");
    nodes.push_back(make_node("Clip", {from, low, high}, fresh(tensor + "_clipped")));
    from = nodes.back().output(0);
  }
  const std::vector<float> alpha = {quantizer.alpha};
  const std::string scale = add_initializer(encode("", {}, alpha), tensor + "_alpha");
  const std::string zero = add_initializer(is_signed ? encode("", {}, std::vector<std::int8_t>{0})
                                                     : encode("", {}, std::vector<std::uint8_t>{0}),
                                           tensor + "_zero_point");
  nodes.push_back(make_node("QuantizeLinear", {from, scale, zero}, fresh(tensor + "_quantized")));
  nodes.push_back(make_node("DequantizeLinear", {nodes.back().output(0), scale, zero}, to));
}

// Leaves out what made `name`, constants and the nodes that pass them on, once nothing uses it.
void onnx_writer::detach(const std::string& name) {
  if (name.empty() || uses_of(name) != 0) return;
  for (int i = 0; i < graph_.initializer_size(); ++i) {
    if (graph_.initializer(i).name() != name) continue;
    graph_.mutable_initializer()->DeleteSubrange(i, 1);
    auto& inputs = *graph_.mutable_input();
    for (int k = inputs.size() - 1; k >= 0; --k) {
      if (inputs[k].name() == name) inputs.DeleteSubrange(k, 1);
    }
    return;
  }
  for (int i = 0; i < graph_.node_size(); ++i) {
    const auto& outputs = graph_.node(i).output();
    if (outputs.size() != 1 || outputs[0] != name) continue;
    gone_[static_cast<std::size_t>(i)] = true;
    for (const std::string& input : graph_.node(i).input()) detach(input);
    return;
  }
}

void onnx_writer::rebuild() {
  google::protobuf::RepeatedPtrField<NodeProto> nodes;
  const auto append = [&nodes](std::vector<NodeProto>& more) {
    for (NodeProto& node : more) *nodes.Add() = std::move(node);
  };
  append(after_[-1]);
  for (int i = 0; i < graph_.node_size(); ++i) {
    append(before_[i]);
    if (!gone_[static_cast<std::size_t>(i)]) *nodes.Add() = std::move(*graph_.mutable_node(i));
    append(after_[i]);
  }
  graph_.mutable_node()->Swap(&nodes);

  std::set<std::string> produced;
  for (const NodeProto& node : graph_.node()) {
    produced.insert(node.output().begin(), node.output().end());
  }
  auto& infos = *graph_.mutable_value_info();
  for (int i = infos.size() - 1; i >= 0; --i) {
    if (!produced.contains(infos[i].name())) infos.DeleteSubrange(i, 1);
  }
}

}  // namespace compress
