#include "network_builder.hpp"

#include <cmath>
#include <cstdint>
#include <utility>

#include "../../support/shortest.hpp"
#include "../shapes.hpp"
#include "model_file.hpp"

namespace compress {
namespace {

// All values of one image together; 16 GiB of floats is more than any network that we can run.
constexpr std::int64_t most_elements = std::int64_t{1} << 32;

void check_finite(const std::string& layer_name, const char* what,
                  const std::vector<float>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      throw model_error("layer '" + layer_name + "': " + what + "[" + std::to_string(i) + "] is " +
                        support::shortest(values[i]));
    }
  }
}

void check_finite(const std::string& layer_name, const char* what, double value) {
  if (!std::isfinite(value)) {
    throw model_error("layer '" + layer_name + "': " + what + " is " + support::shortest(value));
  }
}

struct parameter_check {
  const std::string& name;

  void operator()(const convolution& op) const { weighted(op.weight, op.bias); }
  void operator()(const inner_product& op) const { weighted(op.weight, op.bias); }
  void operator()(const batch_norm& op) const {
    check_finite(name, "mean", op.mean);
    check_finite(name, "variance", op.variance);
    check_finite(name, "gamma", op.gamma);
    check_finite(name, "beta", op.beta);
    check_finite(name, "epsilon", op.epsilon);
    for (std::size_t i = 0; i < op.variance.size(); ++i) {
      if (op.variance[i] < 0 || !(op.variance[i] + op.epsilon > 0)) {
        throw model_error("layer '" + name + "': variance[" + std::to_string(i) + "] is " +
                          support::shortest(op.variance[i]));
      }
    }
  }
  void operator()(const scale& op) const {
    check_finite(name, "weight", op.weight);
    check_finite(name, "bias", op.bias);
  }
  void operator()(const leaky_relu& op) const {
    check_finite(name, "slope", static_cast<double>(op.slope));
  }
  void operator()(const prelu& op) const { check_finite(name, "slope", op.slope); }
  void operator()(const clip& op) const {
    if (!(op.low <= op.high)) {
      throw model_error("layer '" + name + "': clips to " + support::shortest(op.low) + " ... " +
                        support::shortest(op.high));
    }
  }
  void operator()(const eltwise& op) const { check_finite(name, "coefficient", op.coefficients); }
  void operator()(const power& op) const {
    check_finite(name, "power", static_cast<double>(op.power));
    check_finite(name, "scale", static_cast<double>(op.scale));
    check_finite(name, "shift", static_cast<double>(op.shift));
  }
  template <typename Other>
  void operator()(const Other&) const {}

 private:
  void weighted(const tensor& weight, const std::vector<float>& bias) const {
    check_finite(name, "weight", weight.values);
    check_finite(name, "bias", bias);
  }
};

}  // namespace

std::size_t network_builder::add_value(std::string name, shape dims) {
  std::int64_t count = 1;
  for (const std::int64_t extent : dims) {
    if (extent <= 0 || __builtin_mul_overflow(count, extent, &count)) {
      throw model_error("value '" + name + "' has the shape " + to_string(dims));
    }
  }
  if (__builtin_add_overflow(total_elements_, count, &total_elements_) ||
      total_elements_ > most_elements) {
    throw model_error("value '" + name + "' of shape " + to_string(dims) +
                      " makes the network too large");
  }
  net_.values.push_back({.name = std::move(name), .quantizer = std::nullopt});
  shapes_.push_back(std::move(dims));
  return net_.values.size() - 1;
}

std::size_t network_builder::add_input(std::string name, shape dims) {
  net_.input_dims = dims;
  dims.insert(dims.begin(), 1);
  net_.input = add_value(std::move(name), std::move(dims));
  return net_.input;
}

std::vector<std::size_t> network_builder::add(std::string name, operation op,
                                              std::vector<std::size_t> inputs,
                                              std::vector<std::string> output_names,
                                              std::size_t source) {
  std::string unique = name;
  for (int k = 2; !layer_names_.insert(unique).second; ++k) unique = name + "_" + std::to_string(k);

  layer added{.name = std::move(unique),
              .op = std::move(op),
              .inputs = std::move(inputs),
              .outputs = std::vector<std::size_t>(output_names.size()),
              .source = source};
  std::vector<shape> in;
  for (const std::size_t value : added.inputs) in.push_back(shapes_[value]);
  std::vector<shape> out;
  try {
    out = infer_outputs(added, in);
  } catch (const std::invalid_argument& error) {
    throw model_error(error.what());
  }
  std::visit(parameter_check{added.name}, added.op);
  for (std::size_t k = 0; k < out.size(); ++k) {
    added.outputs[k] = add_value(std::move(output_names[k]), std::move(out[k]));
  }
  net_.layers.push_back(std::move(added));
  return net_.layers.back().outputs;
}

void network_builder::drop_last() {
  std::int64_t count = 1;
  for (const std::int64_t extent : shapes_.back()) count *= extent;
  total_elements_ -= count;
  layer_names_.erase(net_.layers.back().name);
  net_.layers.pop_back();
  net_.values.pop_back();
  shapes_.pop_back();
}

layer* network_builder::producer(std::size_t value) {
  for (auto at = net_.layers.rbegin(); at != net_.layers.rend(); ++at) {
    for (const std::size_t output : at->outputs) {
      if (output == value) return &*at;
    }
  }
  return nullptr;
}

network network_builder::finish(std::size_t output) {
  net_.output = output;
  try {
    infer_shapes(net_, 1);
  } catch (const std::invalid_argument& error) {
    throw model_error(error.what());
  }
  return std::move(net_);
}

}  // namespace compress
