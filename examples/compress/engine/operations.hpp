// One function an operation: prepares a kernel for inputs of given layouts and outputs of given
// shapes. Parameters are copied (and reordered) into the kernel, but for weights of inner products,
// which stay in the operation: it must outlive the kernel. Everything has been checked by
// infer_outputs and check_supported before. The device must outlive the kernel.
#pragma once

#include "../network.hpp"
#include "device.hpp"

namespace compress::detail {

kernel prepare(const convolution& op, const blueprint& plan, const device& on);
kernel prepare(const inner_product& op, const blueprint& plan, const device& on);
kernel prepare(const batch_norm& op, const blueprint& plan, const device& on);
kernel prepare(const scale& op, const blueprint& plan, const device& on);
kernel prepare(const relu& op, const blueprint& plan, const device& on);
kernel prepare(const leaky_relu& op, const blueprint& plan, const device& on);
kernel prepare(const prelu& op, const blueprint& plan, const device& on);
kernel prepare(const clip& op, const blueprint& plan, const device& on);
kernel prepare(const pool& op, const blueprint& plan, const device& on);
kernel prepare(const eltwise& op, const blueprint& plan, const device& on);
kernel prepare(const concat& op, const blueprint& plan, const device& on);
kernel prepare(const slice& op, const blueprint& plan, const device& on);
kernel prepare(const pad& op, const blueprint& plan, const device& on);
kernel prepare(const power& op, const blueprint& plan, const device& on);
kernel prepare(const reshape& op, const blueprint& plan, const device& on);
kernel prepare(const softmax& op, const blueprint& plan, const device& on);
kernel prepare(const identity& op, const blueprint& plan, const device& on);

}  // namespace compress::detail
