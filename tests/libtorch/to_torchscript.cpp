// to_torchscript MODEL.onnx MODEL.pt: the network of an ONNX file as a TorchScript module, for the
// tests. Every layer with parameters is a module of its own, as in PyTorch.
#include <torch/csrc/jit/api/module.h>

#include <ATen/ops/tensor.h>
#include <cctype>
#include <exception>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "files/model_file.hpp"

namespace {

class converter {
 public:
  explicit converter(const compress::network& net) : net_(net), module_("__torch__.network") {
    module_.register_attribute("training", c10::BoolType::get(), true);
    code_ << "def forward(self, x0):\n";
    names_.assign(net.values.size(), "");
    names_[net.input] = "x0";
    for (const compress::layer& at : net.layers) {
      at_ = &at;
      std::visit(*this, at.op);
    }
    code_ << "  return " << names_[net.output] << "\n";
    module_.define(code_.str());
  }

  void save(const std::string& file) const { module_.save(file); }

  void operator()(const compress::convolution& op) {
    torch::jit::Module& layer = add_layer();
    parameter(layer, "weight", op.weight.values, op.weight.dims);
    if (!op.bias.empty()) parameter(layer, "bias", op.bias);
    if (op.area.pad_begin[0] != op.area.pad_end[0] || op.area.pad_begin[1] != op.area.pad_end[1]) {
      throw std::runtime_error(at_->name + ": its padding is not symmetric");
    }
    emit() << "torch.conv2d(" << in() << ", self." << name_ << ".weight, "
           << (op.bias.empty() ? "None" : "self." + name_ + ".bias") << ", " << pair(op.area.stride)
           << ", " << pair(op.area.pad_begin) << ", " << pair(op.area.dilation) << ", " << op.groups
           << ")\n";
    finish();
  }

  void operator()(const compress::inner_product& op) {
    torch::jit::Module& layer = add_layer();
    parameter(layer, "weight", op.weight.values, op.weight.dims);
    if (!op.bias.empty()) parameter(layer, "bias", op.bias);
    emit() << "torch.linear(torch.flatten(" << in() << ", 1), self." << name_ << ".weight, "
           << (op.bias.empty() ? "None" : "self." + name_ + ".bias") << ")\n";
    finish();
  }

  void operator()(const compress::batch_norm& op) {
    torch::jit::Module& layer = add_layer();
    parameter(layer, "weight", op.gamma);
    parameter(layer, "bias", op.beta);
    layer.register_buffer("running_mean", tensor(op.mean));
    layer.register_buffer("running_var", tensor(op.variance));
    const std::string self = "self." + name_;
    emit() << "torch.batch_norm(" << in() << ", " << self << ".weight, " << self << ".bias, "
           << self << ".running_mean, " << self << ".running_var, " << self << ".training, 0.1, "
           << op.epsilon << ", False)\n";
    finish();
  }

  void operator()(const compress::pool& op) {
    if (op.global && op.what == compress::pool::kind::average) {
      emit() << "torch.adaptive_avg_pool2d(" << in() << ", [1, 1])\n";
    } else if (!op.global && op.what == compress::pool::kind::max) {
      emit() << "torch.max_pool2d(" << in() << ", " << pair(op.area.kernel) << ", "
             << pair(op.area.stride) << ", " << pair(op.area.pad_begin) << ", "
             << pair(op.area.dilation) << ", " << (op.ceil_mode ? "True" : "False") << ")\n";
    } else {
      unsupported();
    }
  }
  void operator()(const compress::slice& op) {
    if (op.begin.size() != 1) unsupported();
    emit() << "torch.narrow(" << in() << ", " << op.axis << ", " << op.begin[0] << ", "
           << op.end[0] - op.begin[0] << ")\n";
  }
  void operator()(const compress::pad& op) {
    emit() << "torch.constant_pad_nd(" << in() << ", [";
    for (std::size_t d = op.begin.size(); d-- > 1;) {  // the last axis first
      code_ << op.begin[d] << ", " << op.end[d] << (d > 1 ? ", " : "");
    }
    code_ << "], " << op.value << ")\n";
  }
  void operator()(const compress::reshape& op) {
    emit() << "torch.reshape(" << in() << ", [" << in() << ".size(0)";
    for (std::size_t d = 1; d < op.dims.size(); ++d) code_ << ", " << op.dims[d];
    code_ << "])\n";
  }
  void operator()(const compress::eltwise& op) {
    if (op.what != compress::eltwise::kind::sum || !op.coefficients.empty()) unsupported();
    emit() << in(0) << " + " << in(1) << "\n";
  }
  void operator()(const compress::relu&) { emit() << "torch.relu_(" << in() << ")\n"; }
  void operator()(const compress::identity&) { emit() << in() << "\n"; }
  void operator()(const compress::softmax& op) {
    emit() << "torch.softmax(" << in() << ", " << op.axis << ")\n";
  }
  template <class Other>
  void operator()(const Other&) {
    unsupported();
  }

 private:
  [[noreturn]] void unsupported() const {
    throw std::runtime_error(at_->name + ": this kind of layer is not converted");
  }

  static std::string pair(const std::int64_t (&values)[2]) {
    return "[" + std::to_string(values[0]) + ", " + std::to_string(values[1]) + "]";
  }

  static at::Tensor tensor(const std::vector<float>& values) { return at::tensor(values); }

  torch::jit::Module& add_layer() {
    name_ = "layer" + std::to_string(count_++);
    layers_.emplace_back("__torch__." + name_);
    layers_.back().register_attribute("training", c10::BoolType::get(), true);
    return layers_.back();
  }
  void finish() { module_.register_module(name_, layers_.back()); }

  static void parameter(torch::jit::Module& layer, const std::string& name,
                        const std::vector<float>& values, const compress::shape& dims = {}) {
    at::Tensor made = tensor(values);
    if (!dims.empty()) made = made.view(dims);
    layer.register_parameter(name, made, false);
  }

  const std::string& in(std::size_t k = 0) const { return names_[at_->inputs[k]]; }

  std::ostream& emit() {
    std::string& made = names_[at_->outputs[0]];
    made = "x" + std::to_string(at_->outputs[0] + 1);
    return code_ << "  " << made << " = ";
  }

  const compress::network& net_;
  torch::jit::Module module_;
  std::vector<torch::jit::Module> layers_;
  std::vector<std::string> names_;  // of the values, in the code
  std::ostringstream code_;
  const compress::layer* at_ = nullptr;
  std::string name_;
  int count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw std::runtime_error("MODEL.onnx MODEL.pt");
    converter(compress::read_model({argv[1]})->net()).save(argv[2]);
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << "to_torchscript: " << problem.what() << '\n';
    return 1;
  }
}
