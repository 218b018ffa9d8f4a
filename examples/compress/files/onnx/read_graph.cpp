#include <algorithm>
#include <set>

#include "../model_file.hpp"
#include "reader.hpp"

namespace compress {
namespace {

constexpr std::int64_t oldest_opset = 7, newest_opset = 24;

std::string name_of(const NodeProto& node) {
  return node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
}

bool in_default_domain(const NodeProto& node) {
  return node.domain().empty() || node.domain() == "ai.onnx";
}

}  // namespace

void onnx_node::refuse(const std::string& why) const {
  throw model_error("node '" + name + "' (" + proto.op_type() + ") " + why);
}

std::int64_t opset_of(const ModelProto& model) {
  std::int64_t opset = 0;
  for (const auto& import : model.opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") opset = import.version();
  }
  if (opset < oldest_opset || opset > newest_opset) {
    throw model_error("operator set " + std::to_string(opset) + " is not one of " +
                      std::to_string(oldest_opset) + " ... " + std::to_string(newest_opset));
  }
  return opset;
}

onnx_reading read_onnx(const ModelProto& model) { return onnx_reader(model).read(); }

onnx_reader::onnx_reader(const ModelProto& model)
    : model_(model), graph_(model.graph()), opset_(opset_of(model)) {}

const std::map<std::string_view, onnx_reader::method>& onnx_reader::methods() {
  static const std::map<std::string_view, method> all = {
      {"Add", &onnx_reader::read_add},
      {"AveragePool", &onnx_reader::read_average_pool},
      {"BatchNormalization", &onnx_reader::read_batch_norm},
      {"Clip", &onnx_reader::read_clip},
      {"Concat", &onnx_reader::read_concat},
      {"Constant", &onnx_reader::read_constant},
      {"Conv", &onnx_reader::read_conv},
      {"DequantizeLinear", &onnx_reader::read_dequantize},
      {"Div", &onnx_reader::read_div},
      {"Dropout", &onnx_reader::read_dropout},
      {"Flatten", &onnx_reader::read_flatten},
      {"Gemm", &onnx_reader::read_gemm},
      {"GlobalAveragePool", &onnx_reader::read_global_average},
      {"GlobalMaxPool", &onnx_reader::read_global_max},
      {"Identity", &onnx_reader::read_identity},
      {"LeakyRelu", &onnx_reader::read_leaky_relu},
      {"MatMul", &onnx_reader::read_matmul},
      {"Max", &onnx_reader::read_max},
      {"MaxPool", &onnx_reader::read_max_pool},
      {"Mul", &onnx_reader::read_mul},
      {"PRelu", &onnx_reader::read_prelu},
      {"Pad", &onnx_reader::read_pad},
      {"QuantizeLinear", &onnx_reader::read_quantize},
      {"ReduceMean", &onnx_reader::read_reduce_mean},
      {"Relu", &onnx_reader::read_relu},
      {"Reshape", &onnx_reader::read_reshape},
      {"Slice", &onnx_reader::read_slice},
      {"Softmax", &onnx_reader::read_softmax},
      {"Split", &onnx_reader::read_split},
      {"Squeeze", &onnx_reader::read_squeeze},
      {"Sub", &onnx_reader::read_sub},
      {"Sum", &onnx_reader::read_sum},
      {"Unsqueeze", &onnx_reader::read_unsqueeze},
  };
  return all;
}

onnx_reading onnx_reader::read() {
  read_initializers();
  find_live_nodes();
  refuse_unsupported();
  read_input();
  builder_.net().name = graph_.name();
  for (int i = 0; i < graph_.node_size(); ++i) {
    const NodeProto& proto = graph_.node(i);
    if (!live_[static_cast<std::size_t>(i)]) continue;
    onnx_node node{proto, static_cast<std::size_t>(i), name_of(proto), attributes(proto)};
    (this->*methods().at(proto.op_type()))(node);
    node.with.refuse_unread();
  }
  const std::size_t output = output_value();
  return {builder_.finish(output), std::move(tensors_), std::move(live_)};
}

void onnx_reader::read_initializers() {
  for (const TensorProto& tensor : graph_.initializer()) {
    if (!undecoded_.emplace(tensor.name(), &tensor).second) {
      throw model_error("two initializers are named '" + tensor.name() + "'");
    }
  }
}

// A node is live where the output of the graph depends on it; the others are left as they are.
void onnx_reader::find_live_nodes() {
  if (graph_.output_size() != 1) {
    std::string names;
    for (const auto& output : graph_.output()) names += " '" + output.name() + "'";
    throw model_error("the graph has " + std::to_string(graph_.output_size()) +
                      " outputs, but one is supported:" + names);
  }
  std::set<std::string> produced;
  for (const NodeProto& node : graph_.node()) {
    for (const std::string& output : node.output()) {
      if (output.empty()) continue;
      if (!produced.insert(output).second || undecoded_.contains(output)) {
        throw model_error("tensor '" + output + "' is produced twice");
      }
    }
  }
  uses_[graph_.output(0).name()] = 1;
  live_.assign(static_cast<std::size_t>(graph_.node_size()), false);
  for (int i = graph_.node_size() - 1; i >= 0; --i) {
    const NodeProto& node = graph_.node(i);
    const auto used = [this](const std::string& name) { return uses_.contains(name); };
    if (!std::any_of(node.output().begin(), node.output().end(), used)) continue;
    live_[static_cast<std::size_t>(i)] = true;
    for (const std::string& input : node.input()) {
      if (!input.empty()) ++uses_[input];
    }
  }
}

void onnx_reader::refuse_unsupported() const {
  std::string names;
  for (int i = 0; i < graph_.node_size(); ++i) {
    const NodeProto& node = graph_.node(i);
    if (!live_[static_cast<std::size_t>(i)]) continue;
    if (in_default_domain(node) && methods().contains(node.op_type())) continue;
    names += (names.empty() ? "" : ", ") + std::string("node '") + name_of(node) + "' (" +
             (in_default_domain(node) ? "" : node.domain() + ".") + node.op_type() + ")";
  }
  if (!names.empty()) throw model_error("not supported: " + names);
}

void onnx_reader::read_input() {
  std::vector<const onnx::ValueInfoProto*> inputs;
  std::string names;
  for (const auto& input : graph_.input()) {
    if (undecoded_.contains(input.name())) continue;
    inputs.push_back(&input);
    names += " '" + input.name() + "'";
  }
  if (inputs.size() != 1) {
    throw model_error("the graph has " + std::to_string(inputs.size()) +
                      " inputs, but one is supported:" + names);
  }
  const std::string& name = inputs[0]->name();
  const auto& type = inputs[0]->type().tensor_type();
  const int element = type.elem_type();
  if (element != TensorProto::FLOAT && element != TensorProto::FLOAT16 &&
      element != TensorProto::DOUBLE) {
    throw model_error("input '" + name + "' is not a tensor of floating-point numbers");
  }
  if (type.shape().dim_size() != 4) {
    throw model_error("input '" + name + "' has " + std::to_string(type.shape().dim_size()) +
                      " axes, but 4 (N, C, H, W) are supported");
  }
  shape dims;
  for (int i = 1; i < 4; ++i) {
    const auto& dim = type.shape().dim(i);
    if (!dim.has_dim_value() || dim.dim_value() <= 0) {
      throw model_error("input '" + name + "': axis " + std::to_string(i) +
                        " needs a fixed, positive extent");
    }
    dims.push_back(dim.dim_value());
  }
  batch_ = type.shape().dim(0).has_dim_value() ? type.shape().dim(0).dim_value() : 0;
  values_[name] = builder_.add_input(name, dims);
  tensors_.push_back(name);
}

std::size_t onnx_reader::output_value() const {
  const std::string& name = graph_.output(0).name();
  const auto found = values_.find(name);
  if (found == values_.end()) {
    throw model_error("output '" + name + "' does not depend on the input");
  }
  return found->second;
}

bool onnx_reader::has_input(const onnx_node& node, int i) const {
  return i < node.proto.input_size() && !node.proto.input(i).empty();
}

const constant* onnx_reader::constant_input(const onnx_node& node, int i) {
  if (!has_input(node, i)) return nullptr;
  const std::string& name = node.proto.input(i);
  if (const auto known = constants_.find(name); known != constants_.end()) return &known->second;
  const auto tensor = undecoded_.find(name);
  if (tensor == undecoded_.end()) return nullptr;
  return &constants_.emplace(name, decode(*tensor->second)).first->second;
}

const constant& onnx_reader::need_constant(const onnx_node& node, int i) {
  const constant* found = constant_input(node, i);
  if (found == nullptr) {
    const std::string which = std::to_string(i);
    if (!has_input(node, i)) node.refuse("lacks input " + which);
    node.refuse("needs a constant as input " + which + " ('" + node.proto.input(i) + "')");
  }
  return *found;
}

std::vector<float> onnx_reader::floats(const onnx_node& node, int i) {
  const constant& found = need_constant(node, i);
  if (const auto* values = std::get_if<std::vector<float>>(&found.values)) return *values;
  node.refuse("needs floating-point numbers as input '" + node.proto.input(i) + "'");
}

// Input 1, of floats. What the file's message says again is not kept: it may be large.
constant onnx_reader::take_weight(const onnx_node& node) {
  const constant& found = need_constant(node, 1);
  const std::string& name = node.proto.input(1);
  if (!std::holds_alternative<std::vector<float>>(found.values)) {
    node.refuse("needs floating-point numbers as input '" + name + "'");
  }
  return undecoded_.contains(name) ? std::move(constants_.extract(name).mapped()) : found;
}

std::vector<std::int64_t> onnx_reader::integers(const onnx_node& node, int i) {
  const constant& found = need_constant(node, i);
  if (const auto* values = std::get_if<std::vector<std::int64_t>>(&found.values)) return *values;
  node.refuse("needs integers as input '" + node.proto.input(i) + "'");
}

float onnx_reader::scalar(const onnx_node& node, int i, float otherwise) {
  if (!has_input(node, i)) return otherwise;
  const std::vector<float> values = floats(node, i);
  if (values.size() != 1) node.refuse("needs one number as input '" + node.proto.input(i) + "'");
  return values[0];
}

std::size_t onnx_reader::value_input(const onnx_node& node, int i) {
  if (!has_input(node, i)) node.refuse("lacks input " + std::to_string(i));
  const std::string& name = node.proto.input(i);
  const auto found = values_.find(name);
  if (found != values_.end()) return found->second;
  if (quantized_.contains(name)) node.refuse("computes on quantized values: input '" + name + "'");
  if (constants_.contains(name) || undecoded_.contains(name)) {
    node.refuse("with the constant '" + name + "' as input " + std::to_string(i) +
                " is not supported");
  }
  node.refuse("reads '" + name + "', which no earlier node produces");
}

std::size_t onnx_reader::axis_of(const onnx_node& node, std::int64_t axis,
                                 std::size_t value) const {
  const auto rank = static_cast<std::int64_t>(builder_.shape_of(value).size());
  if (axis < -rank || axis >= rank) {
    node.refuse("has axis " + std::to_string(axis) + " for an input with " + std::to_string(rank) +
                " axes");
  }
  return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

void onnx_reader::single_output(const onnx_node& node) const {
  for (int i = 1; i < node.proto.output_size(); ++i) {
    if (uses_.contains(node.proto.output(i))) {
      node.refuse("has a second output '" + node.proto.output(i) +
                  "' in use, which is not supported");
    }
  }
}

void onnx_reader::bind(const onnx_node& node, int output, std::size_t value) {
  values_[node.proto.output(output)] = value;
}

std::size_t onnx_reader::emit_as(const onnx_node& node, const std::string& layer_name,
                                 const std::string& tensor, operation op,
                                 std::vector<std::size_t> inputs) {
  tensors_.push_back(tensor);
  return builder_.add(layer_name, std::move(op), std::move(inputs), {tensor}, node.index)[0];
}

std::size_t onnx_reader::emit(const onnx_node& node, operation op,
                              std::vector<std::size_t> inputs) {
  single_output(node);
  const std::size_t value =
      emit_as(node, node.name, node.proto.output(0), std::move(op), std::move(inputs));
  bind(node, 0, value);
  return value;
}

std::size_t onnx_reader::emit_inner(const onnx_node& node, const std::string& suffix, operation op,
                                    std::size_t input) {
  return emit_as(node, node.name + suffix, node.proto.output(0), std::move(op), {input});
}

}  // namespace compress
