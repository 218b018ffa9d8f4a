#include "shapes.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "windows.hpp"

namespace compress::detail {

namespace {

[[noreturn]] void refuse(const std::string& reason) { throw std::invalid_argument(reason); }

std::string text(const shape& dims) {
  std::string out = "(";
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    out += (axis == 0 ? "" : ", ") + std::to_string(dims[axis]);
  }
  return out + ")";
}

void expect_rank(const shape& in, std::size_t least, std::size_t most) {
  if (in.size() >= least && in.size() <= most) return;
  std::string wanted = std::to_string(least);
  if (most != least) wanted += " to " + std::to_string(most);
  refuse("input of shape " + text(in) + " where " + wanted + " axes are supported");
}

void expect_count(const char* what, std::size_t count, std::int64_t expected) {
  if (static_cast<std::int64_t>(count) == expected) return;
  refuse(std::string(what) + " has " + std::to_string(count) + " values where " +
         std::to_string(expected) + " are needed");
}

void expect_count_or_none(const char* what, std::size_t count, std::int64_t expected) {
  if (count != 0) expect_count(what, count, expected);
}

void expect_finite(const char* what, const std::vector<float>& values) {
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (!std::isfinite(values[k])) {
      refuse(std::string(what) + " of channel " + std::to_string(k) + " is not finite");
    }
  }
}

void expect_axis(std::int64_t axis, const shape& in) {
  if (axis >= 1 && axis < static_cast<std::int64_t>(in.size())) return;
  refuse("axis " + std::to_string(axis) + " of an input of shape " + text(in) +
         (axis == 0 ? " is the batch" : " does not exist"));
}

void expect_same_shapes(const std::vector<shape>& inputs) {
  for (std::size_t k = 1; k < inputs.size(); ++k) {
    if (inputs[k] == inputs[0]) continue;
    refuse("input " + std::to_string(k) + " has shape " + text(inputs[k]) + ", input 0 has " +
           text(inputs[0]) + "; broadcasting is not supported");
  }
}

void expect_weight(const tensor& weight, std::size_t axes) {
  if (weight.dims.size() != axes) {
    refuse("weight of shape " + text(weight.dims) + " where " + std::to_string(axes) +
           " axes are needed");
  }
  expect_count("weight", weight.values.size(), element_count(weight.dims));
}

std::int64_t pooled(const shape& in, const pool& op, int axis) {
  const std::int64_t extent = in[static_cast<std::size_t>(axis) + 2];
  return op.global ? 1 : pooled_extent(extent, op.area, axis, op.ceil_mode).extent;
}

using shapes = std::vector<shape>;

shapes infer(const convolution& op, const shapes& inputs) {
  const shape& in = inputs[0];
  expect_rank(in, 4, 4);
  expect_weight(op.weight, 4);
  check_window(op.area);
  const shape& weight = op.weight.dims;
  const std::int64_t groups = op.groups;
  if (groups < 1 || in[1] % groups != 0 || weight[0] % groups != 0) {
    refuse(std::to_string(groups) + " groups do not divide " + std::to_string(in[1]) +
           " input and " + std::to_string(weight[0]) + " output channels");
  }
  if (weight[1] != in[1] / groups) {
    refuse("weight of shape " + text(weight) + " with " + std::to_string(groups) +
           " groups does not fit an input of " + std::to_string(in[1]) + " channels");
  }
  if (weight[2] != op.area.kernel[0] || weight[3] != op.area.kernel[1]) {
    refuse("weight of shape " + text(weight) + " does not fit a kernel of " +
           std::to_string(op.area.kernel[0]) + " by " + std::to_string(op.area.kernel[1]));
  }
  expect_count_or_none("bias", op.bias.size(), weight[0]);
  return {
      {in[0], weight[0], convolved_extent(in[2], op.area, 0), convolved_extent(in[3], op.area, 1)}};
}

shapes infer(const inner_product& op, const shapes& inputs) {
  const shape& in = inputs[0];
  expect_rank(in, 2, 6);
  expect_weight(op.weight, 2);
  const std::int64_t features = element_count(in) / in[0];
  if (op.weight.dims[1] != features) {
    refuse("weight of shape " + text(op.weight.dims) + " does not fit an input of shape " +
           text(in) + ", which is " + std::to_string(features) + " values an image");
  }
  expect_count_or_none("bias", op.bias.size(), op.weight.dims[0]);
  return {{in[0], op.weight.dims[0]}};
}

shapes infer(const batch_norm& op, const shapes& inputs) {
  const shape& in = inputs[0];
  expect_rank(in, 2, 5);
  expect_count("mean", op.mean.size(), in[1]);
  expect_count("variance", op.variance.size(), in[1]);
  expect_count_or_none("gamma", op.gamma.size(), in[1]);
  expect_count_or_none("beta", op.beta.size(), in[1]);
  expect_finite("mean", op.mean);
  expect_finite("variance", op.variance);
  if (!(op.epsilon >= 0) || !std::isfinite(op.epsilon)) {
    refuse("epsilon " + std::to_string(op.epsilon) + " is negative or not finite");
  }
  for (std::size_t k = 0; k < op.variance.size(); ++k) {
    if (op.variance[k] < 0 || op.variance[k] + static_cast<float>(op.epsilon) == 0) {
      refuse("variance " + std::to_string(op.variance[k]) + " of channel " + std::to_string(k) +
             " cannot be divided by");
    }
  }
  return {in};
}

shapes infer(const scale& op, const shapes& inputs) {
  expect_rank(inputs[0], 2, 5);
  expect_count("weight", op.weight.size(), inputs[0][1]);
  expect_count_or_none("bias", op.bias.size(), inputs[0][1]);
  return {inputs[0]};
}

shapes infer(const relu&, const shapes& inputs) { return {inputs[0]}; }

shapes infer(const leaky_relu&, const shapes& inputs) { return {inputs[0]}; }

shapes infer(const prelu& op, const shapes& inputs) {
  expect_rank(inputs[0], 2, 5);
  if (op.slope.size() != 1) expect_count("slope", op.slope.size(), inputs[0][1]);
  return {inputs[0]};
}

shapes infer(const clip& op, const shapes& inputs) {
  if (!(op.low <= op.high)) {
    refuse("clip range " + std::to_string(op.low) + ".." + std::to_string(op.high) + " is empty");
  }
  return {inputs[0]};
}

shapes infer(const pool& op, const shapes& inputs) {
  expect_rank(inputs[0], 4, 4);
  if (!op.global) check_window(op.area);
  const shape& in = inputs[0];
  return {{in[0], in[1], pooled(in, op, 0), pooled(in, op, 1)}};
}

shapes infer(const eltwise& op, const shapes& inputs) {
  expect_same_shapes(inputs);
  if (op.what == eltwise::kind::sum) {
    expect_count_or_none("coefficients", op.coefficients.size(),
                         static_cast<std::int64_t>(inputs.size()));
  } else if (!op.coefficients.empty()) {
    refuse("coefficients are supported for sums only");
  }
  return {inputs[0]};
}

shapes infer(const concat& op, const shapes& inputs) {
  expect_axis(op.axis, inputs[0]);
  const auto axis = static_cast<std::size_t>(op.axis);
  shape out = inputs[0];
  for (std::size_t k = 1; k < inputs.size(); ++k) {
    shape other = inputs[k];
    if (other.size() == out.size()) other[axis] = out[axis];
    if (other != out) {
      refuse("input " + std::to_string(k) + " of shape " + text(inputs[k]) +
             " cannot be joined to " + text(inputs[0]) + " along axis " + std::to_string(axis));
    }
    out[axis] += inputs[k][axis];
  }
  return {out};
}

shapes infer(const slice& op, const shapes& inputs) {
  expect_axis(op.axis, inputs[0]);
  const auto axis = static_cast<std::size_t>(op.axis);
  expect_count("end", op.end.size(), static_cast<std::int64_t>(op.begin.size()));
  shapes out;
  for (std::size_t k = 0; k < op.begin.size(); ++k) {
    if (op.begin[k] < 0 || op.begin[k] >= op.end[k] || op.end[k] > inputs[0][axis]) {
      refuse("output " + std::to_string(k) + " is [" + std::to_string(op.begin[k]) + ", " +
             std::to_string(op.end[k]) + ") of an axis of extent " +
             std::to_string(inputs[0][axis]));
    }
    out.push_back(inputs[0]);
    out.back()[axis] = op.end[k] - op.begin[k];
  }
  return out;
}

shapes infer(const pad& op, const shapes& inputs) {
  const shape& in = inputs[0];
  expect_count("begin", op.begin.size(), static_cast<std::int64_t>(in.size()));
  expect_count("end", op.end.size(), static_cast<std::int64_t>(in.size()));
  constexpr std::int64_t most = std::int64_t{1} << 20;
  shape out = in;
  for (std::size_t axis = 0; axis < in.size(); ++axis) {
    for (const std::int64_t amount : {op.begin[axis], op.end[axis]}) {
      if (amount < 0 || amount > most || (axis == 0 && amount != 0)) {
        refuse("padding " + std::to_string(amount) + " of axis " + std::to_string(axis) +
               " is not supported");
      }
      out[axis] += amount;
    }
  }
  return {out};
}

shapes infer(const power& op, const shapes& inputs) {
  if (!std::isfinite(op.power) || !std::isfinite(op.scale) || !std::isfinite(op.shift)) {
    refuse("power, scale and shift must be finite");
  }
  return {inputs[0]};
}

shapes infer(const reshape& op, const shapes& inputs) { return {reshaped(op, inputs[0])}; }

shapes infer(const softmax& op, const shapes& inputs) {
  expect_axis(op.axis, inputs[0]);
  return {inputs[0]};
}

shapes infer(const identity&, const shapes& inputs) { return {inputs[0]}; }

bool takes_many(const operation& op) {
  return std::holds_alternative<eltwise>(op) || std::holds_alternative<concat>(op);
}

void expect_index(const char* what, std::size_t value, const network& net) {
  if (value < net.values.size()) return;
  refuse(std::string(what) + " is value " + std::to_string(value) + " of " +
         std::to_string(net.values.size()));
}

// Shapes of the layer's outputs, written to where they belong; an empty shape is an unset value.
void set_output_shapes(const network& net, const layer& node, shapes& all) {
  shapes inputs;
  for (const std::size_t input : node.inputs) {
    expect_index("input", input, net);
    if (all[input].empty()) refuse("input '" + net.values[input].name + "' is not computed yet");
    inputs.push_back(all[input]);
  }
  const shapes outputs = output_shapes(node, inputs);
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    expect_index("output", node.outputs[k], net);
    const std::string& name = net.values[node.outputs[k]].name;
    if (!all[node.outputs[k]].empty()) refuse("output '" + name + "' is computed twice");
    element_count(outputs[k]);
    if (outputs[k][0] != all[net.input][0]) {
      refuse("output '" + name + "' of shape " + text(outputs[k]) + " loses the batch axis");
    }
    all[node.outputs[k]] = outputs[k];
  }
}

}  // namespace

std::int64_t element_count(const shape& dims) {
  if (dims.empty() || dims.size() > 12)
    refuse("a value of " + std::to_string(dims.size()) + " axes");
  constexpr std::int64_t most = std::int64_t{1} << 30;
  std::int64_t image = 1;
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    if (dims[axis] < 1) refuse("a value of shape " + text(dims) + " is empty");
    if (axis == 0) continue;
    if (dims[axis] > most / image) refuse("a value of shape " + text(dims) + " is too large");
    image *= dims[axis];
  }
  if (dims[0] > std::numeric_limits<std::int64_t>::max() / most) {
    refuse("a value of shape " + text(dims) + " is too large");
  }
  return dims[0] * image;
}

shape reshaped(const reshape& op, const shape& in) {
  const std::int64_t total = element_count(in);
  shape out = op.dims;
  std::int64_t known = 1;
  std::size_t inferred = out.size();
  for (std::size_t axis = 0; axis < out.size(); ++axis) {
    if (out[axis] == 0 && axis < in.size()) out[axis] = in[axis];
    if (out[axis] == -1 && inferred == out.size()) {
      inferred = axis;
      continue;
    }
    if (out[axis] < 1 || out[axis] > total / known) {
      refuse("shape " + text(op.dims) + " does not fit an input of shape " + text(in));
    }
    known *= out[axis];
  }
  if (inferred < out.size()) {
    out[inferred] = total / known;
    known *= out[inferred];
  }
  if (known != total) {
    refuse("shape " + text(op.dims) + " does not fit an input of shape " + text(in));
  }
  return out;
}

std::vector<shape> output_shapes(const layer& node, const std::vector<shape>& inputs) {
  if (inputs.empty()) refuse("no input");
  if (inputs.size() > 1 && !takes_many(node.op)) {
    refuse(std::to_string(inputs.size()) + " inputs where 1 is supported");
  }
  const shapes outputs = std::visit([&](const auto& op) { return infer(op, inputs); }, node.op);
  expect_count("list of outputs", node.outputs.size(), static_cast<std::int64_t>(outputs.size()));
  return outputs;
}

std::vector<shape> value_shapes(const network& net, std::int64_t images) {
  expect_index("the network's input", net.input, net);
  expect_index("the network's output", net.output, net);
  shapes all(net.values.size());
  shape input = {images};
  input.insert(input.end(), net.input_dims.begin(), net.input_dims.end());
  element_count(input);
  all[net.input] = input;
  for (const layer& node : net.layers) {
    try {
      set_output_shapes(net, node, all);
    } catch (const std::invalid_argument& reason) {
      throw std::invalid_argument("layer '" + node.name + "': " + reason.what());
    }
  }
  if (all[net.output].empty()) {
    refuse("the network's output '" + net.values[net.output].name + "' is not computed");
  }
  return all;
}

}  // namespace compress::detail
