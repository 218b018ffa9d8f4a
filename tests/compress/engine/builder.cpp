#include "builder.hpp"

#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

namespace compress::test {

std::vector<float> random_values(generator& random, std::int64_t count) {
  std::normal_distribution<float> normal;
  std::vector<float> out(static_cast<std::size_t>(count));
  for (float& x : out) x = normal(random);
  return out;
}

tensor random_tensor(generator& random, const shape& dims) {
  const std::int64_t count =
      std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
  return {dims, random_values(random, count)};
}

namespace {

// Random values that keep the size of what they are multiplied with.
tensor random_weight(generator& random, const shape& dims) {
  tensor weight = random_tensor(random, dims);
  const auto terms = static_cast<float>(weight.values.size()) / static_cast<float>(dims[0]);
  for (float& w : weight.values) w /= std::sqrt(terms);
  return weight;
}

}  // namespace

convolution random_convolution(generator& random, std::int64_t in, std::int64_t out,
                               const window& area, std::int64_t groups, bool bias) {
  convolution op;
  op.area = area;
  op.groups = groups;
  op.weight = random_weight(random, {out, in / groups, area.kernel[0], area.kernel[1]});
  if (bias) op.bias = random_values(random, out);
  return op;
}

inner_product random_inner_product(generator& random, std::int64_t in, std::int64_t out,
                                   bool bias) {
  inner_product op;
  op.weight = random_weight(random, {out, in});
  if (bias) op.bias = random_values(random, out);
  return op;
}

batch_norm random_batch_norm(generator& random, std::int64_t count, bool gamma, bool beta) {
  batch_norm op;
  op.mean = random_values(random, count);
  op.variance = random_values(random, count);
  for (float& x : op.variance) x = 0.1F + x * x;
  if (gamma) op.gamma = random_values(random, count);
  if (beta) op.beta = random_values(random, count);
  op.epsilon = 1e-3;
  return op;
}

scale random_scale(generator& random, std::int64_t count, bool bias) {
  scale op;
  op.weight = random_values(random, count);
  if (bias) op.bias = random_values(random, count);
  return op;
}

window square(std::int64_t kernel, std::int64_t stride, std::int64_t pad) {
  window area;
  for (int axis = 0; axis < 2; ++axis) {
    area.kernel[axis] = kernel;
    area.stride[axis] = stride;
    area.pad_begin[axis] = area.pad_end[axis] = pad;
  }
  return area;
}

builder::builder(const shape& input_dims) {
  net.name = "test";
  net.input_dims = input_dims;
  net.values.push_back({"input", {}});
}

std::size_t builder::add(operation op, const std::vector<std::size_t>& inputs,
                         std::size_t outputs) {
  layer node;
  node.name = "layer " + std::to_string(net.layers.size());
  node.op = std::move(op);
  node.inputs = inputs;
  for (std::size_t k = 0; k < outputs; ++k) {
    node.outputs.push_back(net.values.size());
    net.values.push_back({"value " + std::to_string(net.values.size()), {}});
  }
  net.output = node.outputs.back();
  net.layers.push_back(std::move(node));
  return net.output;
}

}  // namespace compress::test
