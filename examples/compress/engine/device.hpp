// Memory and the oneDNN stream that the operations of the engine share.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "../network.hpp"
#include "dnnl_shim.hpp"
#include "recycler.hpp"

namespace compress::detail {

// A value inside the engine, in whatever layout the primitive that made it prefers. The memory may
// be shared with other blobs; whoever wants to overwrite it must be its only owner.
struct laid_out {
  dnnl::memory::desc layout;
  std::shared_ptr<float> data;
};

struct device {
  dnnl::engine cpu{dnnl::engine::kind::cpu, 0};
  dnnl::stream queue{cpu};
  std::shared_ptr<recycler> memory = std::make_shared<recycler>();
};

// Computes a layer's outputs from its inputs, which have the layouts that the kernel was prepared
// for. With overwrite the kernel may put an output into the memory of the first input.
using kernel =
    std::function<std::vector<laid_out>(const std::vector<laid_out>& inputs, bool overwrite)>;
using layouts = std::vector<dnnl::memory::desc>;

// What a kernel is prepared for, and the weights that the layer's kernels have been given in
// layouts of their own: those for another batch size mostly want the same.
struct blueprint {
  layouts inputs;
  std::vector<shape> outputs;
  std::vector<laid_out>& packed;
};

// Row-major layout of floats; dims must have 1 to 12 axes.
dnnl::memory::desc row_major(const shape& dims);

// The same extents, layout left to the primitive.
dnnl::memory::desc any_layout(const shape& dims);

// Uninitialised memory of that layout.
laid_out allocate(const device& on, const dnnl::memory::desc& layout);

// View of the blob for a primitive's arguments.
dnnl::memory bind(const device& on, const laid_out& blob);

// Copies between two layouts of the same extents.
void reorder(const device& on, const laid_out& from, const laid_out& to);

// The blob itself where it has that layout, else a reordered copy.
laid_out in_layout(const device& on, const laid_out& blob, const dnnl::memory::desc& layout);

// The blob in row-major layout.
laid_out in_row_major(const device& on, const laid_out& blob);

// Parameters where they are, to be read only; dims must match their number.
laid_out in_place(const std::vector<float>& values, const shape& dims);

// A copy of weights in that layout, out of `packed` or added to it.
laid_out pack(const device& on, const laid_out& weights, const dnnl::memory::desc& layout,
              std::vector<laid_out>& packed);

// A copy of parameters in row-major layout; dims must match their number.
laid_out parameters(const device& on, const std::vector<float>& values, const shape& dims);

}  // namespace compress::detail
