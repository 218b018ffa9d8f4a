#include "operations.hpp"

namespace compress::detail {

namespace {

kernel elementwise(dnnl::algorithm what, float alpha, float beta, const dnnl::memory::desc& data,
                   const device& on) {
  const dnnl::eltwise_forward run(describe_elementwise(on.cpu, what, data, alpha, beta));
  return [&on, run](const std::vector<laid_out>& inputs, bool overwrite) {
    laid_out output = overwrite ? inputs[0] : allocate(on, inputs[0].layout);
    run.execute(on.queue, {{DNNL_ARG_SRC, bind(on, inputs[0])}, {DNNL_ARG_DST, bind(on, output)}});
    return std::vector<laid_out>{output};
  };
}

kernel leaky(float slope, const dnnl::memory::desc& data, const device& on) {
  return elementwise(dnnl::algorithm::eltwise_relu, slope, 0, data, on);
}

}  // namespace

kernel prepare(const relu&, const layouts& inputs, const device& on) {
  return leaky(0, inputs[0], on);
}

kernel prepare(const leaky_relu& op, const layouts& inputs, const device& on) {
  return leaky(op.slope, inputs[0], on);
}

kernel prepare(const prelu& op, const layouts& inputs, const device& on) {
  if (op.slope.size() == 1) return leaky(op.slope[0], inputs[0], on);
  shape per_channel(dims_of(inputs[0]).size(), 1);
  per_channel[1] = static_cast<std::int64_t>(op.slope.size());
  const auto pd = describe_prelu(on.cpu, inputs[0], any_layout(per_channel));
  const laid_out slope = in_layout(on, parameters(on, op.slope, per_channel), pd.weights_desc());
  return [&on, slope, run = dnnl::prelu_forward(pd)](const std::vector<laid_out>& blobs, bool) {
    laid_out output = allocate(on, blobs[0].layout);
    run.execute(on.queue, {{DNNL_ARG_SRC, bind(on, blobs[0])},
                           {DNNL_ARG_WEIGHTS, bind(on, slope)},
                           {DNNL_ARG_DST, bind(on, output)}});
    return std::vector<laid_out>{output};
  };
}

kernel prepare(const clip& op, const layouts& inputs, const device& on) {
  return elementwise(dnnl::algorithm::eltwise_clip, op.low, op.high, inputs[0], on);
}

kernel prepare(const power& op, const layouts& inputs, const device& on) {
  // (shift + scale x)^power as a line followed by a power, either left out where it does nothing.
  kernel line = elementwise(dnnl::algorithm::eltwise_linear, op.scale, op.shift, inputs[0], on);
  if (op.power == 1) return line;
  kernel raise = elementwise(dnnl::algorithm::eltwise_pow, 1, op.power, inputs[0], on);
  if (op.scale == 1 && op.shift == 0) return raise;
  return [line, raise](const std::vector<laid_out>& blobs, bool overwrite) {
    return raise(line(blobs, overwrite), true);
  };
}

}  // namespace compress::detail
