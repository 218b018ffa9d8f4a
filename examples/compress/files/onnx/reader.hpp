// From an ONNX graph to a network.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../network_builder.hpp"
#include "attributes.hpp"
#include "constants.hpp"
#include "messages.hpp"

namespace compress {

struct onnx_reading {
  network net;
  // For each value the tensor of the graph that carries it. A node that became several layers has
  // inner values; they carry the name of the node's output, with which a quantizer on them
  // commutes (they are joined by layers that only move data).
  std::vector<std::string> tensors;
  std::vector<bool> live;  // by node: the output depends on it
};

// The operator set (domain "") that the model declares. Throws model_error outside 7 ... 24.
std::int64_t opset_of(const ModelProto& model);

// Throws model_error: see onnx_reader::read.
onnx_reading read_onnx(const ModelProto& model);

// One node on its way into the network.
struct onnx_node {
  const NodeProto& proto;
  std::size_t index;
  std::string name;  // of the node, or of its first output where it has none
  attributes with;

  [[noreturn]] void refuse(const std::string& why) const;
};

class onnx_reader {
 public:
  explicit onnx_reader(const ModelProto& model);

  // Throws model_error, naming node or tensor, on whatever is not supported or does not fit.
  onnx_reading read();

 private:
  using method = void (onnx_reader::*)(onnx_node&);
  static const std::map<std::string_view, method>& methods();

  // read_graph.cpp: the graph around the nodes
  void read_initializers();
  void find_live_nodes();
  void refuse_unsupported() const;
  void read_input();
  std::size_t output_value() const;

  // Node inputs and outputs.
  bool has_input(const onnx_node& node, int i) const;
  const constant* constant_input(const onnx_node& node, int i);  // null: absent or not constant
  const constant& need_constant(const onnx_node& node, int i);
  std::vector<float> floats(const onnx_node& node, int i);
  constant take_weight(const onnx_node& node);
  std::vector<std::int64_t> integers(const onnx_node& node, int i);
  float scalar(const onnx_node& node, int i, float otherwise);
  std::size_t value_input(const onnx_node& node, int i);
  std::size_t axis_of(const onnx_node& node, std::int64_t axis, std::size_t value) const;
  void single_output(const onnx_node& node) const;
  std::size_t emit(const onnx_node& node, operation op, std::vector<std::size_t> inputs);
  std::size_t emit_inner(const onnx_node& node, const std::string& suffix, operation op,
                         std::size_t input);
  std::size_t emit_as(const onnx_node& node, const std::string& layer, const std::string& tensor,
                      operation op, std::vector<std::size_t> inputs);
  void bind(const onnx_node& node, int output, std::size_t value);

  // read_weights.cpp
  void read_conv(onnx_node& node);
  void read_gemm(onnx_node& node);
  void read_matmul(onnx_node& node);
  void read_batch_norm(onnx_node& node);
  std::optional<weight_codes> codes_of(const constant& weight, std::int64_t axis) const;

  // read_quantization.cpp
  void read_quantize(onnx_node& node);
  void read_dequantize(onnx_node& node);
  void dequantize_constant(onnx_node& node);
  float quantization_scale(const onnx_node& node);
  struct quantized {  // what a QuantizeLinear made, until its DequantizeLinear is found
    std::size_t value = 0;
    float alpha = 0;
    int low = 0, high = 0;
    bool only_user = false;  // nothing else reads the value
  };
  void absorb_clip(quantized& found);

  // read_arithmetic.cpp
  void read_relu(onnx_node& node);
  void read_leaky_relu(onnx_node& node);
  void read_prelu(onnx_node& node);
  void read_clip(onnx_node& node);
  void read_add(onnx_node& node);
  void read_sub(onnx_node& node);
  void read_mul(onnx_node& node);
  void read_div(onnx_node& node);
  void read_sum(onnx_node& node);
  void read_max(onnx_node& node);
  void read_softmax(onnx_node& node);
  std::vector<float> per_channel(const onnx_node& node, const constant& values, std::size_t value);
  void read_affine(onnx_node& node, std::size_t value, std::vector<float> weight,
                   std::vector<float> bias);
  bool absorb_bias(const onnx_node& node, std::size_t value, const std::vector<float>& bias);

  // read_pooling.cpp
  void read_max_pool(onnx_node& node);
  void read_average_pool(onnx_node& node);
  void read_global_average(onnx_node& node);
  void read_global_max(onnx_node& node);
  void read_reduce_mean(onnx_node& node);
  window window_of(onnx_node& node, std::size_t value, const std::vector<std::int64_t>& kernel);

  // read_movement.cpp
  void read_concat(onnx_node& node);
  void read_slice(onnx_node& node);
  void read_split(onnx_node& node);
  void read_pad(onnx_node& node);
  void read_flatten(onnx_node& node);
  void read_reshape(onnx_node& node);
  void read_squeeze(onnx_node& node);
  void read_unsqueeze(onnx_node& node);
  void read_identity(onnx_node& node);
  void read_dropout(onnx_node& node);
  void read_constant(onnx_node& node);
  void emit_reshape(const onnx_node& node, std::size_t value, shape dims);

  const ModelProto& model_;
  const GraphProto& graph_;
  std::int64_t opset_;
  std::int64_t batch_ = 0;  // of the input as declared; 0 where it is free
  network_builder builder_;
  std::vector<std::string> tensors_;
  std::vector<bool> live_;
  std::map<std::string, int> uses_;  // by live nodes, and by the output of the graph
  std::map<std::string, const TensorProto*> undecoded_;
  std::map<std::string, constant> constants_;
  std::map<std::string, std::size_t> values_;
  std::map<std::string, quantized> quantized_;
};

}  // namespace compress
