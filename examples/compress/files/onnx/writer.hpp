// From a changed network back to an ONNX graph.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "../network_changes.hpp"
#include "messages.hpp"
#include "reader.hpp"

namespace compress {

class onnx_writer {
 public:
  // `model` is what `reading` was read from; `changed` is reading.net with changes. Throws
  // std::invalid_argument where find_changes does.
  onnx_writer(const ModelProto& model, const onnx_reading& reading, network changed);

  // The model with all changes. Throws model_error where the model is not of float.
  ModelProto write();

 private:
  std::string fresh(const std::string& wanted);
  std::string add_initializer(TensorProto tensor, const std::string& wanted);
  TensorProto* initializer(const std::string& name);
  int uses_of(const std::string& name) const;

  void check_float() const;
  void raise();
  void write_codes(layer& at);
  void write_statistics(const layer& at);
  void replace_constant(const layer& at, int input, const std::vector<float>& values,
                        const std::string& suffix);
  void write_quantizer(std::size_t value, const activation_quantizer& quantizer);
  void detach(const std::string& name);
  void rebuild();

  const onnx_reading& reading_;
  network changed_;  // without the weights that codes stand for, and codes that are written
  network_changes changes_;
  ModelProto model_;
  GraphProto& graph_;
  std::set<std::string> names_;                   // of all tensors
  std::vector<bool> gone_;                        // nodes that are not written
  std::map<int, std::vector<NodeProto>> before_;  // by index of the node that follows
  std::map<int, std::vector<NodeProto>> after_;   // by index of the node ahead; -1: the input
};

}  // namespace compress
