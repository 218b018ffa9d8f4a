#include "engine.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "../shapes.hpp"
#include "check.hpp"
#include "device.hpp"
#include "fake_quantize.hpp"
#include "operations.hpp"

namespace compress {

namespace {

using detail::kernel;
using detail::laid_out;
using detail::layouts;

std::size_t value_count(const shape& dims) {
  std::size_t count = 1;
  for (const std::int64_t extent : dims) count *= static_cast<std::size_t>(extent);
  return count;
}

shape for_images(shape dims, std::int64_t images) {
  dims[0] = images;
  return dims;
}

// Index of the last layer that reads each value; the network's output is read by the caller. A
// value that nobody reads is marked with the layer that makes it.
std::vector<std::size_t> last_readers(const network& net) {
  std::vector<std::size_t> last(net.values.size(), 0);
  for (std::size_t k = 0; k < net.layers.size(); ++k) {
    for (const std::size_t output : net.layers[k].outputs) last[output] = k;
    for (const std::size_t input : net.layers[k].inputs) last[input] = k;
  }
  last[net.output] = net.layers.size();
  return last;
}

}  // namespace

std::span<const float> blob::values() const { return {data.get(), value_count(dims)}; }

struct engine::implementation {
  struct prepared {
    layouts inputs;
    kernel run;
  };

  explicit implementation(const network& source) : net(source) {
    shapes = infer_shapes(net, 1);
    for (const layer& node : net.layers) {
      detail::check_supported(node, shapes_of(node.inputs), shapes_of(node.outputs));
    }
    last_reader = last_readers(net);
    kernels.resize(net.layers.size());
    packed.resize(net.layers.size());
    for (const value& each : net.values) check_quantizer(each);
  }

  std::vector<shape> shapes_of(const std::vector<std::size_t>& values) const {
    std::vector<shape> out;
    for (const std::size_t value : values) out.push_back(shapes[value]);
    return out;
  }

  static void check_quantizer(const value& of) {
    if (!of.quantizer) return;
    try {
      detail::check_quantizer(*of.quantizer);
    } catch (const std::invalid_argument& reason) {
      throw std::invalid_argument("value '" + of.name + "': " + reason.what());
    }
  }

  const kernel& kernel_for(std::size_t index, const std::vector<laid_out>& inputs,
                           std::int64_t images) {
    layouts wanted;
    for (const laid_out& input : inputs) wanted.push_back(input.layout);
    for (const prepared& each : kernels[index]) {
      if (each.inputs == wanted) return each.run;
    }
    detail::blueprint plan{wanted, shapes_of(net.layers[index].outputs), packed[index]};
    for (shape& dims : plan.outputs) dims[0] = images;
    kernel made = std::visit([&](const auto& op) { return detail::prepare(op, plan, on); },
                             net.layers[index].op);
    kernels[index].push_back({std::move(wanted), std::move(made)});
    return kernels[index].back().run;
  }

  laid_out fake_quantized(laid_out blob, const value& of) const {
    if (!of.quantizer) return blob;
    check_quantizer(of);
    if (blob.data.use_count() > 1) {
      laid_out copy = detail::allocate(on, blob.layout);
      detail::reorder(on, blob, copy);
      blob = std::move(copy);
    }
    detail::fake_quantize({blob.data.get(), blob.layout.get_size() / sizeof(float)}, *of.quantizer);
    return blob;
  }

  // Values that this layer reads last are taken out of the state, so that their memory is free to
  // be overwritten or released.
  std::vector<laid_out> take_inputs(batch_state& state) const {
    const layer& node = net.layers[state.next_layer_];
    std::vector<laid_out> inputs;
    for (const std::size_t input : node.inputs) inputs.push_back(*state.values_[input]);
    for (const std::size_t input : node.inputs) {
      if (last_reader[input] == state.next_layer_) state.values_[input].reset();
    }
    return inputs;
  }

  void run_next_layer(batch_state& state) {
    const layer& node = net.layers[state.next_layer_];
    std::vector<laid_out> inputs = take_inputs(state);
    const kernel& run = kernel_for(state.next_layer_, inputs, state.images_);
    const bool sole_owner = inputs[0].data.use_count() == 1;
    std::vector<laid_out> outputs = run(inputs, sole_owner);
    inputs.clear();
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      const std::size_t output = node.outputs[k];
      if (last_reader[output] == state.next_layer_) continue;
      state.values_[output] = std::make_shared<const laid_out>(
          fake_quantized(std::move(outputs[k]), net.values[output]));
    }
  }

  const network& net;
  std::vector<shape> shapes;
  std::vector<std::size_t> last_reader;
  detail::device on;
  std::vector<std::vector<prepared>> kernels;  // by layer: one for each combination of layouts
  std::vector<std::vector<laid_out>> packed;   // by layer: weights in the layouts of its kernels
};

engine::engine(const network& net) : self_(std::make_unique<implementation>(net)) {}
engine::engine(engine&&) noexcept = default;
engine& engine::operator=(engine&&) noexcept = default;
engine::~engine() = default;

const network& engine::net() const { return self_->net; }

shape engine::value_dims(std::size_t value) const {
  const shape& dims = self_->shapes.at(value);
  if (dims.empty()) throw std::invalid_argument("no layer produces value " + std::to_string(value));
  return {dims.begin() + 1, dims.end()};
}

batch_state engine::start(tensor images) const {
  const network& net = self_->net;
  const shape expected =
      for_images(self_->shapes[net.input], images.dims.empty() ? 0 : images.dims[0]);
  if (images.dims != expected || expected[0] < 1 ||
      images.values.size() != value_count(images.dims)) {
    throw std::invalid_argument("a batch of " + to_string(images.dims) + " where network '" +
                                net.name + "' takes images of " + to_string(net.input_dims));
  }
  batch_state state;
  state.images_ = expected[0];
  state.values_.resize(net.values.size());
  const auto owner = std::make_shared<std::vector<float>>(std::move(images.values));
  laid_out input{detail::row_major(expected), {owner, owner->data()}};
  input = self_->fake_quantized(std::move(input), net.values[net.input]);
  state.values_[net.input] = std::make_shared<const laid_out>(std::move(input));
  return state;
}

void engine::run(batch_state& state, std::size_t last) {
  const network& net = self_->net;
  if (last < state.next_layer_ || last > net.layers.size() ||
      state.values_.size() != net.values.size()) {
    throw std::invalid_argument("cannot run up to layer " + std::to_string(last) + " of " +
                                std::to_string(net.layers.size()) + " from layer " +
                                std::to_string(state.next_layer_));
  }
  for (; state.next_layer_ < last; ++state.next_layer_) {
    try {
      self_->run_next_layer(state);
    } catch (const dnnl::error& failure) {
      throw std::runtime_error("layer '" + net.layers[state.next_layer_].name +
                               "': oneDNN: " + failure.what());
    }
  }
}

void engine::run(batch_state& state) { run(state, self_->net.layers.size()); }

blob engine::read(const batch_state& state, std::size_t value) const {
  if (!state.holds(value)) {
    throw std::invalid_argument("the batch does not hold value " + std::to_string(value) +
                                " before layer " + std::to_string(state.next_layer_));
  }
  const laid_out plain = detail::in_row_major(self_->on, *state.values_[value]);
  return {detail::dims_of(plain.layout), plain.data};
}

std::size_t engine::bytes(const batch_state& state) const {
  std::map<const float*, std::size_t> blocks;  // values may share one
  for (const auto& value : state.values_) {
    if (value == nullptr) continue;
    std::size_t& block = blocks[value->data.get()];
    block = std::max(block, value->layout.get_size());
  }
  std::size_t total = 0;
  for (const auto& [start, size] : blocks) total += size;
  return total;
}

std::size_t engine::packed_bytes() const {
  std::size_t total = 0;
  for (const layer& node : self_->net.layers) {
    const auto* conv = std::get_if<convolution>(&node.op);
    if (conv != nullptr) total += conv->weight.values.size() * sizeof(float);
  }
  return total;
}

std::size_t engine::spare_bytes() const { return self_->on.memory->limit(); }

void engine::limit_spare_bytes(std::size_t bytes) { self_->on.memory->limit(bytes); }

blob engine::forward(tensor images) {
  batch_state state = start(std::move(images));
  run(state);
  return read(state, self_->net.output);
}

void engine::refresh(std::size_t layer) {
  const network& net = self_->net;
  if (layer >= net.layers.size()) {
    throw std::invalid_argument("layer " + std::to_string(layer) + " of " +
                                std::to_string(net.layers.size()));
  }
  const compress::layer& node = net.layers[layer];
  const std::vector<shape> inputs = self_->shapes_of(node.inputs);
  const std::vector<shape> outputs = self_->shapes_of(node.outputs);
  if (infer_outputs(node, inputs) != outputs) {
    throw std::invalid_argument("layer '" + node.name + "': the shape of an output has changed");
  }
  detail::check_supported(node, inputs, outputs);
  self_->kernels[layer].clear();
  self_->packed[layer].clear();
}

}  // namespace compress
