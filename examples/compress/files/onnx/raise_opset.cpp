#include "raise_opset.hpp"

#include <vector>

#include "attributes.hpp"
#include "constants.hpp"

namespace compress {
namespace {

// Moves an integer-list attribute to the next input.
void list_to_input(NodeProto& node, const std::string& name,
                   const std::function<std::string(TensorProto)>& add) {
  const auto values = attributes(node).integers(name);
  if (!values) return;
  erase_attribute(node, name);
  node.add_input(add(encode(name, {static_cast<std::int64_t>(values->size())}, *values)));
}

// Moves a number attribute to the next input, which stays empty where the attribute is absent.
void number_to_input(NodeProto& node, const std::string& name,
                     const std::function<std::string(TensorProto)>& add) {
  attributes with(node);
  if (!with.has(name)) {
    node.add_input("");
    return;
  }
  const std::vector<float> values = {with.number(name, 0)};
  erase_attribute(node, name);
  node.add_input(add(encode(name, {}, values)));
}

}  // namespace

void raise_opset(NodeProto& node, std::int64_t from,
                 const std::function<std::string(TensorProto)>& add) {
  const std::string& op = node.op_type();
  if (op == "BatchNormalization" && from < 9) {
    erase_attribute(node, "spatial");  // the reader takes only its default
  } else if (op == "Dropout" && from < 12) {
    erase_attribute(node, "ratio");  // without effect at inference
  } else if (op == "Clip" && from < 11) {
    number_to_input(node, "min", add);
    number_to_input(node, "max", add);
  } else if (op == "Pad" && from < 11) {
    list_to_input(node, "pads", add);
    number_to_input(node, "value", add);
  } else if (op == "Slice" && from < 10) {
    list_to_input(node, "starts", add);
    list_to_input(node, "ends", add);
    list_to_input(node, "axes", add);
  } else if (op == "Split" && from < 13) {
    list_to_input(node, "split", add);
  } else if ((op == "Squeeze" || op == "Unsqueeze") && from < 13) {
    list_to_input(node, "axes", add);
  } else if (op == "Softmax" && from < 13 && !attributes(node).has("axis")) {
    AttributeProto* axis = node.add_attribute();  // the default was 1, it became -1
    axis->set_name("axis");
    axis->set_type(AttributeProto::INT);
    axis->set_i(1);
  }
}

}  // namespace compress
