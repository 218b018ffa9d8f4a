#include <algorithm>

#include "operations.hpp"

namespace compress::detail {

namespace {

// oneDNN orders the sums of an inner product by the number of images and of threads, so that the
// same image would not always give the same values. Every multiplication here is one of 24 images
// (the last ones filled up with zeros) by the weights of 64 outputs, on one thread: its kernels
// take 4, 6 or 8 images at a time, depending on the CPU, and add up those left over in another
// order.
constexpr std::int64_t images_at_once = 24;
constexpr std::int64_t outputs_at_once = 64;

std::int64_t rounded_up(std::int64_t images) {
  return (images + images_at_once - 1) / images_at_once * images_at_once;
}

struct product {
  const float* weights;  // (outputs, inputs)
  const float* bias;     // or null
  std::int64_t inputs;
  std::int64_t outputs;

  // Outputs first .. first + count - 1 of `images` images; memory is there for rounded_up(images).
  void run(std::int64_t first, std::int64_t count, const float* from, float* to,
           std::int64_t images) const {
    for (std::int64_t k = 0; k < images; k += images_at_once) {
      dnnl::sgemm('N', 'T', images_at_once, count, inputs, 1, from + k * inputs, inputs,
                  weights + first * inputs, inputs, 0, to + k * outputs + first, outputs);
    }
    if (bias == nullptr) return;
    for (std::int64_t k = 0; k < images; ++k) {
      for (std::int64_t o = first; o < first + count; ++o) to[k * outputs + o] += bias[o];
    }
  }
};

}  // namespace

kernel prepare(const inner_product& op, const blueprint& plan, const device& on) {
  const product each{op.weight.values.data(), op.bias.empty() ? nullptr : op.bias.data(),
                     op.weight.dims[1], op.weight.dims[0]};
  const std::int64_t images = plan.outputs[0][0];

  return [&on, each, images, target = row_major(plan.outputs[0])](
             const std::vector<laid_out>& blobs, bool) {
    laid_out input = in_row_major(on, blobs[0]);
    const std::int64_t rows = rounded_up(images);
    if (rows > images) {
      const laid_out filled = allocate(on, row_major({rows, each.inputs}));
      float* const end = std::copy_n(input.data.get(), images * each.inputs, filled.data.get());
      std::fill_n(end, (rows - images) * each.inputs, 0.0F);
      input = filled;
    }
    const laid_out output{target, allocate(on, row_major({rows, each.outputs})).data};
#if defined(_OPENMP)  // oneDNN uses one thread within
#pragma omp parallel for schedule(dynamic)
#endif
    for (std::int64_t first = 0; first < each.outputs; first += outputs_at_once) {
      each.run(first, std::min(outputs_at_once, each.outputs - first), input.data.get(),
               output.data.get(), images);
    }
    return std::vector<laid_out>{output};
  };
}

}  // namespace compress::detail
