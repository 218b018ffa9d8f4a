// The attributes of one ONNX node, each asked for by name, none left unread.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "messages.hpp"

namespace compress {

// Throws model_error, naming node and attribute, where an attribute has another type than asked
// for, or was never asked for: a meaning that we do not know is not ignored.
class attributes {
 public:
  explicit attributes(const NodeProto& node) : node_(node) {}

  bool has(const std::string& name) const;
  std::int64_t integer(const std::string& name, std::int64_t otherwise);
  float number(const std::string& name, float otherwise);
  std::string text(const std::string& name, const std::string& otherwise);
  std::optional<std::vector<std::int64_t>> integers(const std::string& name);
  std::optional<std::vector<float>> numbers(const std::string& name);
  const TensorProto* tensor(const std::string& name);

  // Marks an attribute that does not change what the node computes at inference.
  void ignore(const std::string& name) { read_.insert(name); }

  // To be called after the last question.
  void refuse_unread() const;

 private:
  const AttributeProto* find(const std::string& name, AttributeProto::AttributeType type);

  const NodeProto& node_;
  std::set<std::string> read_;
};

// Removes an attribute where the node has it.
void erase_attribute(NodeProto& node, const std::string& name);

}  // namespace compress
