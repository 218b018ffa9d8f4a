#include "activation_points.hpp"

#include <map>
#include <optional>
#include <set>

namespace compress {

namespace {

// Whether a layer's output is an activation point, and if so whether it is signed.
std::optional<bool> activation_of(const operation& op) {
  if (std::holds_alternative<relu>(op)) return false;
  if (const auto* bounds = std::get_if<clip>(&op)) return bounds->low < 0;
  if (std::holds_alternative<leaky_relu>(op) || std::holds_alternative<prelu>(op)) return true;
  return std::nullopt;
}

// Layers whose output lies on the grid of their inputs (average pooling: near it).
bool passes_on(const operation& op) {
  return std::holds_alternative<pool>(op) || std::holds_alternative<reshape>(op) ||
         std::holds_alternative<identity>(op) || std::holds_alternative<concat>(op) ||
         std::holds_alternative<slice>(op) || std::holds_alternative<pad>(op);
}

bool has_weights(const operation& op) {
  return std::holds_alternative<convolution>(op) || std::holds_alternative<inner_product>(op);
}

}  // namespace

std::vector<activation_point> activation_points(const network& net) {
  std::map<std::size_t, const layer*> producer;
  std::map<std::size_t, bool> points;  // value to whether it is signed
  std::set<std::size_t> read{net.output};
  std::vector<std::size_t> open;  // values that layers with weights read
  for (const layer& at : net.layers) {
    for (const std::size_t value : at.outputs) producer[value] = &at;
    read.insert(at.inputs.begin(), at.inputs.end());
    if (const std::optional<bool> is_signed = activation_of(at.op)) {
      points[at.outputs[0]] = *is_signed;
    }
    if (has_weights(at.op)) open.push_back(at.inputs[0]);
  }
  std::set<std::size_t> seen;
  while (!open.empty()) {
    const std::size_t value = open.back();
    open.pop_back();
    if (value == net.input || points.contains(value) || !seen.insert(value).second) continue;
    const layer& from = *producer.at(value);
    if (passes_on(from.op)) {
      open.insert(open.end(), from.inputs.begin(), from.inputs.end());
    } else {
      points[value] = true;
    }
  }
  std::vector<activation_point> ordered;
  for (const layer& at : net.layers) {
    for (const std::size_t value : at.outputs) {
      if (points.contains(value) && read.contains(value)) ordered.push_back({value, points[value]});
    }
  }
  return ordered;
}

}  // namespace compress
