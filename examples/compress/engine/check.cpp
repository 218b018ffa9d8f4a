#include "check.hpp"

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>

#include "../../support/shortest.hpp"

namespace compress::detail {

namespace {

[[noreturn]] void refuse(const std::string& reason) { throw std::invalid_argument(reason); }

// Floats of one image; beyond any real network, but not beyond what a hostile file asks for.
constexpr std::int64_t most_elements = std::int64_t{1} << 30;

std::int64_t elements(const shape& dims, std::size_t first_axis) {
  std::int64_t count = 1;
  for (std::size_t axis = first_axis; axis < dims.size(); ++axis) {
    if (dims[axis] > most_elements / count) {
      refuse("a value or weight of over 2^30 numbers is not supported");
    }
    count *= dims[axis];
  }
  return count;
}

void expect_axes(const shape& dims, std::size_t most) {
  if (dims.size() <= most) return;
  refuse("an input of " + std::to_string(dims.size()) + " axes is not supported");
}

void expect_whole(const tensor& weight) {
  const std::int64_t count = elements(weight.dims, 0);
  if (static_cast<std::int64_t>(weight.values.size()) == count) return;
  refuse("weight has " + std::to_string(weight.values.size()) + " values where its shape has " +
         std::to_string(count));
}

// The windows of pooling that see nothing but padding have neither a maximum nor an average.
void expect_input_in_windows(const window& area, int axis, std::int64_t extent,
                             std::int64_t windows) {
  for (std::int64_t k = 0; k < windows; ++k) {
    bool seen = false;
    for (std::int64_t tap = 0; tap < area.kernel[axis] && !seen; ++tap) {
      const std::int64_t position =
          k * area.stride[axis] - area.pad_begin[axis] + tap * area.dilation[axis];
      seen = position >= 0 && position < extent;
    }
    if (!seen) {
      refuse("window " + std::to_string(k) + " along the " + (axis == 0 ? "height" : "width") +
             " sees nothing but padding");
    }
  }
}

struct rule {
  const std::vector<shape>& inputs;
  const std::vector<shape>& outputs;

  void operator()(const convolution& op) const { expect_whole(op.weight); }

  void operator()(const inner_product& op) const { expect_whole(op.weight); }

  void operator()(const batch_norm& op) const {
    expect_axes(inputs[0], 5);
    if (!(op.epsilon >= 0) || !std::isfinite(op.epsilon)) {
      refuse("epsilon " + support::shortest(op.epsilon) + " is negative or not finite");
    }
    for (std::size_t k = 0; k < op.mean.size(); ++k) {
      if (!std::isfinite(op.mean[k])) {
        refuse("mean of channel " + std::to_string(k) + " is not finite");
      }
      if (!std::isfinite(op.variance[k]) || op.variance[k] < 0 ||
          op.variance[k] + static_cast<float>(op.epsilon) == 0) {
        refuse("variance " + support::shortest(op.variance[k]) + " of channel " +
               std::to_string(k) + " cannot be divided by");
      }
    }
  }

  void operator()(const scale&) const { expect_axes(inputs[0], 5); }

  void operator()(const prelu&) const { expect_axes(inputs[0], 5); }

  void operator()(const clip& op) const {
    if (op.low <= op.high) return;
    refuse("clip range " + support::shortest(op.low) + ".." + support::shortest(op.high) +
           " is empty");
  }

  void operator()(const pool& op) const {
    if (op.global) return;
    for (int axis = 0; axis < 2; ++axis) {
      const std::size_t at = static_cast<std::size_t>(axis) + 2;
      expect_input_in_windows(op.area, axis, inputs[0][at], outputs[0][at]);
    }
  }

  void operator()(const power& op) const {
    if (std::isfinite(op.power) && std::isfinite(op.scale) && std::isfinite(op.shift)) return;
    refuse("power, scale and shift must be finite");
  }

  void operator()(const relu&) const {}
  void operator()(const leaky_relu&) const {}
  void operator()(const eltwise&) const {}
  void operator()(const concat&) const {}
  void operator()(const slice&) const {}
  void operator()(const pad&) const {}
  void operator()(const reshape&) const {}
  void operator()(const softmax&) const {}
  void operator()(const identity&) const {}
};

}  // namespace

void check_supported(const layer& node, const std::vector<shape>& inputs,
                     const std::vector<shape>& outputs) {
  try {
    for (const shape& dims : inputs) {
      expect_axes(dims, 6);
      elements(dims, 1);
    }
    for (const shape& dims : outputs) elements(dims, 1);
    std::visit(rule{inputs, outputs}, node.op);
  } catch (const std::invalid_argument& reason) {
    throw std::invalid_argument("layer '" + node.name + "': " + reason.what());
  }
}

}  // namespace compress::detail
