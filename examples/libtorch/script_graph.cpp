#include "script_graph.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/peephole.h>
#include <torch/csrc/jit/passes/remove_mutation.h>

#include <lfnc/interop/libtorch.hpp>
#include <stdexcept>
#include <utility>

#include "padded_view.hpp"

namespace {

[[noreturn]] void refuse(const Node& node, const std::string& why) {
  throw std::runtime_error("operation '" + std::string(node.kind().toQualString()) + "' (%" +
                           (node.outputs().empty() ? "" : node.outputs()[0]->debugName()) + ") " +
                           why);
}

// A compressed network is run, not trained.
void stop_training(torch::jit::Block& block) {
  for (Node* node : block.nodes()) {
    for (torch::jit::Block* inner : node->blocks()) stop_training(*inner);
    if (node->kind() != c10::prim::GetAttr || node->s(c10::attr::name) != "training") continue;
    torch::jit::WithInsertPoint here(node);
    node->output()->replaceAllUsesWith(node->owningGraph()->insertConstant(false));
  }
}

bool changes_tensors(const Node& node) {
  const auto* schema = node.maybeSchema();
  if (schema != nullptr && schema->is_mutable()) return true;
  for (const torch::jit::Block* block : node.blocks()) {
    for (const Node* inner : block->nodes()) {
      if (changes_tensors(*inner)) return true;
    }
  }
  return false;
}

// Branches that make nothing can only raise an exception, for an input of another rank, say.
void drop_checks(torch::jit::Graph& graph) {
  for (auto node = graph.nodes().begin(); node != graph.nodes().end(); ++node) {
    if (node->kind() == c10::prim::If && node->outputs().empty() && !changes_tensors(**node)) {
      node.destroyCurrent();
    }
  }
}

}  // namespace

script_graph::script_graph(torch::jit::Module module) : module_(std::move(module)) {
  graph_ = module_.get_method("forward").graph();
  flatten();
  collect();
}

void script_graph::flatten() {
  torch::jit::Inline(*graph_);
  stop_training(*graph_->block());
  for (int round = 0; round < 2; ++round) {
    torch::jit::ConstantPropagation(graph_);
    torch::jit::PeepholeOptimize(graph_);
    torch::jit::EliminateDeadCode(graph_);
  }
  drop_checks(*graph_);
  torch::jit::EliminateDeadCode(graph_);
  torch::jit::RemoveTensorMutation(graph_);
  if (graph_->inputs().size() != 2 ||
      graph_->inputs()[1]->type()->kind() != c10::TypeKind::TensorType) {
    throw std::runtime_error("the method 'forward' does not take one tensor");
  }
  if (graph_->outputs().size() != 1 ||
      graph_->outputs()[0]->type()->kind() != c10::TypeKind::TensorType) {
    throw std::runtime_error("the method 'forward' does not give back one tensor");
  }
}

void script_graph::collect() {
  const auto add = [&](const Value* value) { index_.emplace(value, index_.size()); };
  add(graph_->inputs()[0]);
  add(graph_->inputs()[1]);
  known_.assign(2, {});
  known_[0] = module_._ivalue();
  std::unordered_map<const Value*, std::size_t> last;
  for (Node* node : graph_->nodes()) {
    for (const Value* output : node->outputs()) add(output);
    known_.resize(index_.size());
    if (node->kind() == c10::prim::Constant) {
      known_[index_.at(node->output())] = *torch::jit::toIValue(node->output());
    } else if (node->kind() == c10::prim::GetAttr) {
      const std::string& name = node->s(c10::attr::name);
      known_[index_.at(node->output())] =
          known_[index_.at(node->input())].toObject()->getAttr(name);
      const auto outer = attribute_names_.find(node->input());
      attribute_names_[node->output()] =
          outer == attribute_names_.end() ? name : outer->second + "." + name;
    } else {
      if (!node->blocks().empty()) refuse(*node, "branches on what is not known before an image");
      if (changes_tensors(*node)) refuse(*node, "changes a tensor in place");
      for (const Value* input : node->inputs()) last[input] = operations_.size();
      operations_.push_back(node);
    }
  }
  last.erase(graph_->outputs()[0]);
  last_read_.resize(operations_.size());
  for (const auto& [value, operation] : last) last_read_[operation].push_back(index_.at(value));
}

std::optional<at::Tensor> script_graph::attribute(const Value* value) const {
  const c10::IValue& known = known_[index_.at(value)];
  if (!attribute_names_.contains(value) || !known.isTensor()) return std::nullopt;
  return known.toTensor();
}

std::string script_graph::name_of(const Value* value) const {
  const auto found = attribute_names_.find(value);
  return found == attribute_names_.end() ? "%" + value->debugName() : found->second;
}

std::optional<c10::IValue> script_graph::constant(const Value* value) const {
  if (value->node()->kind() != c10::prim::Constant) return std::nullopt;
  return known_[index_.at(value)];
}

script_graph::state script_graph::start(at::Tensor images) const {
  state at{known_, 0};
  at.values[1] = std::move(images);
  return at;
}

void script_graph::execute(const Node& node, state& at) const {
  torch::jit::Stack stack;
  for (const Value* input : node.inputs()) stack.push_back(at.values[index_.at(input)]);
  if (node.kind() == c10::prim::ListConstruct) {  // which PyTorch's interpreter does itself
    c10::impl::GenericList list(node.output()->type()->expectRef<c10::ListType>().getElementType());
    for (const c10::IValue& element : stack) list.push_back(element);
    stack = {c10::IValue(std::move(list))};
  } else {
    const torch::jit::Operator* operation = node.maybeOperator();
    if (operation == nullptr) refuse(node, "is not supported");
    operation->getOperation (&node)(stack);
  }
  for (std::size_t k = node.outputs().size(); k-- > 0;) {
    at.values[index_.at(node.outputs()[k])] = torch::jit::pop(stack);
  }
}

void script_graph::run(state& at, std::size_t last) const {
  const at::NoGradGuard no_gradients;
  for (; at.next < last; ++at.next) {
    const Node& node = *operations_[at.next];
    execute(node, at);
    for (const Value* output : node.outputs()) {
      const auto found = quantizers_.find(output);
      if (found == quantizers_.end()) continue;
      c10::IValue& value = at.values[index_.at(output)];
      const at::Tensor in = value.toTensor();
      const at::Tensor out = at::empty_like(in);
      // As many threads as PyTorch was told to use.
      lfnc::fake_quantize(lfnc::cpu{at::get_num_threads()}, padded_view<const float>(in),
                          padded_view<float>(out), found->second);
      value = out;
    }
    for (const std::size_t done : last_read_[at.next]) {
      if (known_[done].isNone()) at.values[done] = {};
    }
  }
}

at::Tensor script_graph::tensor(const state& at, const Value* value) const {
  return at.values[index_.at(value)].toTensor();
}

at::Tensor script_graph::forward(at::Tensor images) const {
  state at = start(std::move(images));
  run(at, operations_.size());
  return tensor(at, graph_->outputs()[0]);
}

std::size_t script_graph::bytes(const state& at) const {
  std::map<const void*, std::size_t> storages;  // tensors may share one
  for (std::size_t k = 0; k < at.values.size(); ++k) {
    if (!at.values[k].isTensor() || !known_[k].isNone()) continue;
    const at::Tensor tensor = at.values[k].toTensor();
    storages[tensor.storage().data()] = tensor.storage().nbytes();
  }
  std::size_t sum = 0;
  for (const auto& [data, size] : storages) sum += size;
  return sum;
}

void script_graph::set_quantizer(const Value* value, const lfnc::activation_grid& grid) {
  quantizers_[value] = grid;
}

void script_graph::write_quantizers() {
  static const c10::Symbol name =
      c10::Symbol::fromQualString("aten::fake_quantize_per_tensor_affine");
  for (Node* node : operations_) {
    for (Value* output : node->outputs()) {
      const auto found = quantizers_.find(output);
      if (found == quantizers_.end()) continue;
      const lfnc::activation_grid& grid = found->second;
      torch::jit::WithInsertPoint behind(node->next());
      Value* quantized =
          graph_->insert(name, {output, static_cast<double>(grid.alpha), 0, grid.low, grid.high});
      output->replaceAllUsesAfterNodeWith(quantized->node(), quantized);
    }
  }
}
