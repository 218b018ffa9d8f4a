// One function an operation: prepares a kernel for inputs of given layouts. Parameters are copied
// (and reordered) into the kernel. Shapes have been checked by output_shapes before.
#pragma once

#include "../network.hpp"
#include "device.hpp"

namespace compress::detail {

kernel prepare(const convolution& op, const layouts& inputs, const device& on);
kernel prepare(const inner_product& op, const layouts& inputs, const device& on);
kernel prepare(const batch_norm& op, const layouts& inputs, const device& on);
kernel prepare(const scale& op, const layouts& inputs, const device& on);
kernel prepare(const relu& op, const layouts& inputs, const device& on);
kernel prepare(const leaky_relu& op, const layouts& inputs, const device& on);
kernel prepare(const prelu& op, const layouts& inputs, const device& on);
kernel prepare(const clip& op, const layouts& inputs, const device& on);
kernel prepare(const pool& op, const layouts& inputs, const device& on);
kernel prepare(const eltwise& op, const layouts& inputs, const device& on);
kernel prepare(const concat& op, const layouts& inputs, const device& on);
kernel prepare(const slice& op, const layouts& inputs, const device& on);
kernel prepare(const pad& op, const layouts& inputs, const device& on);
kernel prepare(const power& op, const layouts& inputs, const device& on);
kernel prepare(const reshape& op, const layouts& inputs, const device& on);
kernel prepare(const softmax& op, const layouts& inputs, const device& on);
kernel prepare(const identity& op, const layouts& inputs, const device& on);

}  // namespace compress::detail
