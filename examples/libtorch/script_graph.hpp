// The forward method of a TorchScript module as a list of operations that can be run in parts.
#pragma once

#include <ATen/core/ivalue.h>  // first, for clang++ in C++20
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

#include <cstddef>
#include <lfnc/quantize.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

using torch::jit::Node;
using torch::jit::Value;

// Flattens the module's forward method in place: calls are inlined, self.training is false, and
// what follows from constants is gone. Keeps the module, whose parameters and buffers are read anew
// whenever an operation runs.
class script_graph {
 public:
  // A batch of images somewhere between the first and the last operation. Copies share tensors,
  // which no operation changes.
  struct state {
    std::vector<c10::IValue> values;  // of values that operations to come will read
    std::size_t next = 0;             // operation
  };

  // Throws std::runtime_error, naming the operation, where the method takes other things than one
  // tensor or gives back something else, branches on its input, or changes tensors that others
  // read.
  explicit script_graph(torch::jit::Module module);

  // In the order of execution.
  const std::vector<Node*>& operations() const { return operations_; }

  // The tensor behind a value that is an attribute of the module or of a module in it, and its
  // name ("layer1.0.conv1.weight"); nothing for other values.
  std::optional<at::Tensor> attribute(const Value* value) const;
  std::string name_of(const Value* value) const;

  // What is known of a value before any image, such as a stride.
  std::optional<c10::IValue> constant(const Value* value) const;

  const Value* input() const { return graph_->inputs()[1]; }

  state start(at::Tensor images) const;
  // Runs the operations up to, not including, `last`.
  void run(state& at, std::size_t last) const;
  // A value that operations to come will read, or the output.
  at::Tensor tensor(const state& at, const Value* value) const;
  at::Tensor forward(at::Tensor images) const;
  // Memory behind a state's tensors, parameters left out.
  std::size_t bytes(const state& at) const;

  // From now on run() puts the value on the grid right after it was made.
  void set_quantizer(const Value* value, const lfnc::activation_grid& grid);

  // Puts the quantizers into the module's method, as fake_quantize_per_tensor_affine behind each
  // value. This object is of no use afterwards. (That operation rounds a value right between two
  // levels to the even code, lfnc to the upper one.)
  void write_quantizers();

 private:
  void flatten();
  void collect();
  void execute(const Node& node, state& at) const;

  torch::jit::Module module_;
  std::shared_ptr<torch::jit::Graph> graph_;
  std::vector<Node*> operations_;
  std::unordered_map<const Value*, std::size_t> index_;
  std::unordered_map<const Value*, std::string> attribute_names_;
  std::vector<c10::IValue> known_;                   // constants and attributes, by index
  std::vector<std::vector<std::size_t>> last_read_;  // by operation: values to let go of
  std::map<const Value*, lfnc::activation_grid> quantizers_;
};
