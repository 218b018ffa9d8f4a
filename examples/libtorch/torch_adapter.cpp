#include "torch_adapter.hpp"

#include <map>
#include <set>
#include <stdexcept>

#include "as_tensor.hpp"
#include "padded_view.hpp"

namespace {

using kinds = std::set<std::string>;

bool is(const Node& node, const kinds& names) { return names.contains(node.kind().toQualString()); }

bool has_weights(const Node& node) {
  return is(node, {"aten::conv2d", "aten::_convolution", "aten::convolution", "aten::linear"});
}

bool is_batch_norm(const Node& node) { return is(node, {"aten::batch_norm"}); }

// What lies on the grid of its input (average pooling: near it).
bool passes_on(const Node& node) {
  return is(node, {"aten::max_pool2d", "aten::avg_pool2d", "aten::adaptive_avg_pool2d",
                   "aten::flatten", "aten::view", "aten::reshape", "aten::dropout",
                   "aten::contiguous", "aten::cat", "aten::mean", "aten::constant_pad_nd",
                   "aten::pad", "aten::slice", "prim::ListConstruct"});
}

// ReLU and clipping from 0.
bool rectifies(const script_graph& graph, const Node& node) {
  if (is(node, {"aten::relu", "aten::relu6"})) return true;
  if (!is(node, {"aten::hardtanh", "aten::clamp"})) return false;
  const auto low = graph.constant(node.inputs()[1]);
  return low && low->isScalar() && low->toScalar().toDouble() >= 0;
}

// Activation points: whether they are signed.
std::map<const Value*, bool> find_points(const script_graph& graph) {
  std::map<const Value*, bool> points;
  std::vector<const Value*> open;
  for (const Node* node : graph.operations()) {
    if (rectifies(graph, *node)) points[node->output()] = false;
    if (has_weights(*node)) open.push_back(node->inputs()[0]);
  }
  std::set<const Value*> seen;
  while (!open.empty()) {
    const Value* value = open.back();
    open.pop_back();
    if (value == graph.input() || points.contains(value) || !seen.insert(value).second) continue;
    const Node& made_by = *value->node();
    if (!passes_on(made_by)) {
      points[value] = true;
      continue;
    }
    if (is(made_by, {"prim::ListConstruct"})) {
      open.insert(open.end(), made_by.inputs().begin(), made_by.inputs().end());
    } else {
      open.push_back(made_by.inputs()[0]);
    }
  }
  return points;
}

void check_own(const script_graph& graph, const Node& node, std::size_t input) {
  const Value* value = node.inputs()[input];
  const auto tensor = graph.attribute(value);
  if (!tensor) {
    throw std::runtime_error("operation '" + std::string(node.kind().toQualString()) + "': %" +
                             value->debugName() + " is no tensor of the module");
  }
  if (!tensor->is_cpu() || tensor->scalar_type() != at::kFloat || !tensor->is_contiguous()) {
    throw std::runtime_error(graph.name_of(value) + ": is not of contiguous floats on the CPU");
  }
}

// "conv1" of "conv1.weight".
std::string owner_of(const std::string& attribute) {
  const std::size_t dot = attribute.rfind('.');
  return dot == std::string::npos ? attribute : attribute.substr(0, dot);
}

}  // namespace

torch_adapter::torch_adapter(script_graph& graph, const support::image_set& images)
    : graph_(graph), images_(images) {
  const std::map<const Value*, bool> points = find_points(graph);
  for (std::size_t k = 0; k < graph.operations().size(); ++k) {
    const Node& node = *graph.operations()[k];
    if (has_weights(node)) {
      check_own(graph, node, 1);
      list(lfnc::layer_kind::weights, owner_of(graph.name_of(node.inputs()[1])), false,
           {k, node.inputs()[0]});
    }
    if (is_batch_norm(node)) {
      check_own(graph, node, 3);
      check_own(graph, node, 4);
      const auto training = graph.constant(node.inputs()[5]);
      if (!training || training->toBool()) {
        throw std::runtime_error(graph.name_of(node.inputs()[3]) + ": is in training mode");
      }
      list(lfnc::layer_kind::batch_norm, owner_of(graph.name_of(node.inputs()[3])), false,
           {k, node.inputs()[0]});
    }
    for (const Value* output : node.outputs()) {
      const auto point = points.find(output);
      if (point == points.end()) continue;
      list(lfnc::layer_kind::activation, graph.name_of(output), point->second, {k, output});
    }
  }
}

void torch_adapter::list(lfnc::layer_kind kind, const std::string& name, bool is_signed, place at) {
  listed_.push_back({kind, name, is_signed});
  places_.push_back(at);
}

lfnc::tensor_view<float, 4> torch_adapter::weights(std::size_t index) const {
  const Node& node = *graph_.operations()[places_[index].operation];
  return padded_view<float>(*graph_.attribute(node.inputs()[1]));
}

lfnc::norm_statistics<float> torch_adapter::statistics(std::size_t index) const {
  const Node& node = *graph_.operations()[places_[index].operation];
  const auto span = [&](std::size_t input) {
    const at::Tensor values = *graph_.attribute(node.inputs()[input]);
    return std::span<float>(values.data_ptr<float>(), static_cast<std::size_t>(values.numel()));
  };
  return {span(3), span(4), graph_.constant(node.inputs()[7])->toDouble()};
}

void torch_adapter::set_quantizer(std::size_t index, const lfnc::activation_grid& grid) {
  graph_.set_quantizer(places_[index].value, grid);
}

torch_adapter::state torch_adapter::start(std::size_t first, std::size_t count) const {
  return graph_.start(as_tensor(images_.batch(first, count)));
}

void torch_adapter::advance(state& at, std::size_t index) const {
  const bool made = listed_[index].kind == lfnc::layer_kind::activation;
  graph_.run(at, places_[index].operation + (made ? 1 : 0));
}

lfnc::tensor_view<const float, 4> torch_adapter::values(const state& at, std::size_t index) const {
  return padded_view<const float>(graph_.tensor(at, places_[index].value));
}
