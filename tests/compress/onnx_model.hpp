// ONNX models made in memory.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "files/onnx/constants.hpp"
#include "files/onnx/onnx_file.hpp"
#include "support.hpp"

namespace compress::test {

class onnx_node_maker {
 public:
  explicit onnx_node_maker(NodeProto& node) : node_(node) {}

  onnx_node_maker& with(const std::string& name, std::int64_t value) {
    AttributeProto& attribute = add(name, AttributeProto::INT);
    attribute.set_i(value);
    return *this;
  }
  onnx_node_maker& with(const std::string& name, int value) {
    return with(name, static_cast<std::int64_t>(value));
  }
  onnx_node_maker& with(const std::string& name, float value) {
    AttributeProto& attribute = add(name, AttributeProto::FLOAT);
    attribute.set_f(value);
    return *this;
  }
  onnx_node_maker& with(const std::string& name, const char* value) {
    AttributeProto& attribute = add(name, AttributeProto::STRING);
    attribute.set_s(value);
    return *this;
  }
  onnx_node_maker& with(const std::string& name, std::initializer_list<std::int64_t> values) {
    AttributeProto& attribute = add(name, AttributeProto::INTS);
    for (const std::int64_t value : values) attribute.add_ints(value);
    return *this;
  }
  onnx_node_maker& with(const std::string& name, const TensorProto& value) {
    *add(name, AttributeProto::TENSOR).mutable_t() = value;
    return *this;
  }
  onnx_node_maker& output(const std::string& name) {
    node_.add_output(name);
    return *this;
  }

 private:
  AttributeProto& add(const std::string& name, AttributeProto::AttributeType type) {
    AttributeProto& attribute = *node_.add_attribute();
    attribute.set_name(name);
    attribute.set_type(type);
    return attribute;
  }

  NodeProto& node_;
};

// A chain of nodes: each one named after its output.
struct onnx_model {
  ModelProto proto;

  explicit onnx_model(std::int64_t opset = 13, const shape& input = {0, 4, 8, 6}) {
    proto.set_ir_version(7);
    proto.set_producer_name("test");
    auto* import = proto.add_opset_import();
    import->set_domain("");
    import->set_version(opset);
    proto.mutable_graph()->set_name("model");
    add_input("x", input);
  }

  GraphProto& graph() { return *proto.mutable_graph(); }

  // An extent of 0 stays free.
  void add_input(const std::string& name, const shape& dims) {
    auto* info = graph().add_input();
    info->set_name(name);
    auto* type = info->mutable_type()->mutable_tensor_type();
    type->set_elem_type(TensorProto::FLOAT);
    for (const std::int64_t extent : dims) {
      auto* dim = type->mutable_shape()->add_dim();
      if (extent != 0) {
        dim->set_dim_value(extent);
      } else {
        dim->set_dim_param("N");
      }
    }
  }

  void add_output(const std::string& name) {
    auto* info = graph().add_output();
    info->set_name(name);
    info->mutable_type()->mutable_tensor_type()->set_elem_type(TensorProto::FLOAT);
  }

  template <typename Value>
  std::string constant(const std::string& name, const shape& dims,
                       const std::vector<Value>& values) {
    *graph().add_initializer() = encode(name, dims, values);
    return name;
  }
  std::string floats(const std::string& name, const shape& dims) {
    std::size_t count = 1;
    for (const std::int64_t extent : dims) count *= static_cast<std::size_t>(extent);
    return constant(name, dims, numbers(count));
  }
  std::string integers(const std::string& name, const std::vector<std::int64_t>& values) {
    return constant(name, {static_cast<std::int64_t>(values.size())}, values);
  }

  onnx_node_maker node(const std::string& op, const std::vector<std::string>& inputs,
                       const std::string& output) {
    NodeProto& made = *graph().add_node();
    made.set_op_type(op);
    made.set_name(output);
    for (const std::string& input : inputs) made.add_input(input);
    made.add_output(output);
    return onnx_node_maker(made);
  }

  std::unique_ptr<model_file> read() const {
    std::string bytes;
    proto.SerializeToString(&bytes);
    return read_onnx_file(bytes);
  }

  // Reads with the last node's first output as the output of the graph.
  network net() {
    if (graph().output_size() == 0) add_output(graph().node().rbegin()->output(0));
    return read()->net();
  }
};

// The last node's layer of a model, for a look at one operation.
template <typename Operation>
Operation last(onnx_model model) {
  const network net = model.net();
  return std::get<Operation>(net.layers.back().op);
}

}  // namespace compress::test
