#include "attributes.hpp"

#include "../model_file.hpp"

namespace compress {
namespace {

[[noreturn]] void refuse(const NodeProto& node, const std::string& attribute,
                         const std::string& why) {
  const std::string name =
      node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
  throw model_error("node '" + name + "' (" + node.op_type() + "): attribute '" + attribute + "' " +
                    why);
}

}  // namespace

const AttributeProto* attributes::find(const std::string& name,
                                       AttributeProto::AttributeType type) {
  read_.insert(name);
  for (const AttributeProto& attribute : node_.attribute()) {
    if (attribute.name() != name) continue;
    if (attribute.type() != type) refuse(node_, name, "has the wrong type");
    return &attribute;
  }
  return nullptr;
}

bool attributes::has(const std::string& name) const {
  for (const AttributeProto& attribute : node_.attribute()) {
    if (attribute.name() == name) return true;
  }
  return false;
}

std::int64_t attributes::integer(const std::string& name, std::int64_t otherwise) {
  const AttributeProto* found = find(name, AttributeProto::INT);
  return found != nullptr ? found->i() : otherwise;
}

float attributes::number(const std::string& name, float otherwise) {
  const AttributeProto* found = find(name, AttributeProto::FLOAT);
  return found != nullptr ? found->f() : otherwise;
}

std::string attributes::text(const std::string& name, const std::string& otherwise) {
  const AttributeProto* found = find(name, AttributeProto::STRING);
  return found != nullptr ? found->s() : otherwise;
}

std::optional<std::vector<std::int64_t>> attributes::integers(const std::string& name) {
  const AttributeProto* found = find(name, AttributeProto::INTS);
  if (found == nullptr) return std::nullopt;
  return std::vector<std::int64_t>(found->ints().begin(), found->ints().end());
}

std::optional<std::vector<float>> attributes::numbers(const std::string& name) {
  const AttributeProto* found = find(name, AttributeProto::FLOATS);
  if (found == nullptr) return std::nullopt;
  return std::vector<float>(found->floats().begin(), found->floats().end());
}

const TensorProto* attributes::tensor(const std::string& name) {
  const AttributeProto* found = find(name, AttributeProto::TENSOR);
  return found != nullptr ? &found->t() : nullptr;
}

void attributes::refuse_unread() const {
  for (const AttributeProto& attribute : node_.attribute()) {
    if (!read_.contains(attribute.name())) {
      refuse(node_, attribute.name(), "is not supported");
    }
  }
}

void erase_attribute(NodeProto& node, const std::string& name) {
  for (int i = node.attribute_size() - 1; i >= 0; --i) {
    if (node.attribute(i).name() == name) node.mutable_attribute()->DeleteSubrange(i, 1);
  }
}

}  // namespace compress
