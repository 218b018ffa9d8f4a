#include "to_onnx.hpp"

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "files/onnx/constants.hpp"
#include "shapes.hpp"

namespace paper {
namespace {

using compress::AttributeProto;
using compress::NodeProto;

void set(NodeProto& node, const std::string& name, std::int64_t value) {
  AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(AttributeProto::INT);
  attribute.set_i(value);
}

void set(NodeProto& node, const std::string& name, std::initializer_list<std::int64_t> values) {
  AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

void set_window(NodeProto& node, const compress::window& area) {
  set(node, "kernel_shape", {area.kernel[0], area.kernel[1]});
  set(node, "strides", {area.stride[0], area.stride[1]});
  set(node, "pads", {area.pad_begin[0], area.pad_begin[1], area.pad_end[0], area.pad_end[1]});
}

class exporter {
 public:
  explicit exporter(const compress::network& net) : net_(net), shapes_(infer_shapes(net, 1)) {
    model_.set_ir_version(7);
    model_.set_producer_name("lfnc-paper-network");
    model_.add_opset_import()->set_version(13);
    graph().set_name(net.name);
    describe(*graph().add_input(), net.input);
    describe(*graph().add_output(), net.output);
    for (const compress::layer& at : net.layers) {
      at_ = &at;
      std::visit(*this, at.op);
    }
  }

  compress::ModelProto take() { return std::move(model_); }

  void operator()(const compress::convolution& op) {
    NodeProto& node = add("Conv");
    constant(node, "weight", op.weight.dims, op.weight.values);
    if (!op.bias.empty()) list(node, "bias", op.bias);
    set_window(node, op.area);
    set(node, "group", op.groups);
  }

  // Gemm wants two axes.
  void operator()(const compress::inner_product& op) {
    if (shapes_[at_->inputs[0]].size() > 2) {
      NodeProto& flatten = add("Flatten");
      flatten.set_name(at_->name + "_flatten");
      flatten.set_output(0, flatten.name());
      set(flatten, "axis", 1);
    }
    NodeProto& node = add("Gemm");
    if (shapes_[at_->inputs[0]].size() > 2) node.set_input(0, at_->name + "_flatten");
    constant(node, "weight", op.weight.dims, op.weight.values);
    if (!op.bias.empty()) list(node, "bias", op.bias);
    set(node, "transB", 1);
  }

  void operator()(const compress::batch_norm& op) {
    NodeProto& node = add("BatchNormalization");
    list(node, "gamma", op.gamma);
    list(node, "beta", op.beta);
    list(node, "mean", op.mean);
    list(node, "variance", op.variance);
    AttributeProto& epsilon = *node.add_attribute();
    epsilon.set_name("epsilon");
    epsilon.set_type(AttributeProto::FLOAT);
    epsilon.set_f(static_cast<float>(op.epsilon));
  }

  void operator()(const compress::pool& op) {
    const bool average = op.what == compress::pool::kind::average;
    if (op.global) {
      add(average ? "GlobalAveragePool" : "GlobalMaxPool");
      return;
    }
    NodeProto& node = add(average ? "AveragePool" : "MaxPool");
    set_window(node, op.area);
    set(node, "ceil_mode", op.ceil_mode ? 1 : 0);
  }

  void operator()(const compress::relu&) { add("Relu"); }
  void operator()(const compress::eltwise&) { add("Add"); }
  void operator()(const compress::softmax& op) { set(add("Softmax"), "axis", op.axis); }

  template <class Other>
  void operator()(const Other&) {
    throw std::invalid_argument("layer '" + at_->name + "' cannot be written to ONNX");
  }

 private:
  compress::GraphProto& graph() { return *model_.mutable_graph(); }

  template <class Info>
  void describe(Info& info, std::size_t value) {
    info.set_name(net_.values[value].name);
    auto& type = *info.mutable_type()->mutable_tensor_type();
    type.set_elem_type(compress::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_param("N");
    for (std::size_t d = 1; d < shapes_[value].size(); ++d) {
      type.mutable_shape()->add_dim()->set_dim_value(shapes_[value][d]);
    }
  }

  NodeProto& add(const std::string& type) {
    NodeProto& node = *graph().add_node();
    node.set_op_type(type);
    node.set_name(at_->name);
    for (const std::size_t value : at_->inputs) node.add_input(net_.values[value].name);
    for (const std::size_t value : at_->outputs) node.add_output(net_.values[value].name);
    return node;
  }

  void constant(NodeProto& node, const std::string& what, const compress::shape& dims,
                const std::vector<float>& values) {
    const std::string name = at_->name + "." + what;
    node.add_input(name);
    *graph().add_initializer() = compress::encode(name, dims, values);
  }

  void list(NodeProto& node, const std::string& what, const std::vector<float>& values) {
    constant(node, what, {static_cast<std::int64_t>(values.size())}, values);
  }

  const compress::network& net_;
  std::vector<compress::shape> shapes_;
  compress::ModelProto model_;
  const compress::layer* at_ = nullptr;
};

}  // namespace

compress::ModelProto to_onnx(const compress::network& net) { return exporter(net).take(); }

}  // namespace paper
