#include "operations.hpp"

namespace compress::detail {

kernel prepare(const convolution& op, const blueprint& plan, const device& on) {
  const shape in = dims_of(plan.inputs[0]);
  const shape& weight = op.weight.dims;
  const window& area = op.area;
  const shape& out = plan.outputs[0];
  // oneDNN keeps the groups in an axis of their own: (G, O / G, I / G, kernel h, kernel w).
  const shape filters =
      op.groups == 1 ? weight
                     : shape{op.groups, weight[0] / op.groups, weight[1], weight[2], weight[3]};
  const dnnl::memory::dims strides = {area.stride[0], area.stride[1]};
  const dnnl::memory::dims gaps = {area.dilation[0] - 1, area.dilation[1] - 1};
  const dnnl::memory::dims begin = {area.pad_begin[0], area.pad_begin[1]};
  const dnnl::memory::dims end = {area.pad_end[0], area.pad_end[1]};
  constexpr auto direct = dnnl::algorithm::convolution_direct;

  laid_out bias;
  if (!op.bias.empty()) bias = parameters(on, op.bias, {weight[0]});
  const auto pd =
      op.bias.empty()
          ? describe<dnnl::convolution_forward>(on.cpu, direct, any_layout(in), any_layout(filters),
                                                any_layout(out), strides, gaps, begin, end)
          : describe<dnnl::convolution_forward>(on.cpu, direct, any_layout(in), any_layout(filters),
                                                bias.layout, any_layout(out), strides, gaps, begin,
                                                end);
  const laid_out weights =
      pack(on, in_place(op.weight.values, filters), pd.weights_desc(), plan.packed);

  return [&on, bias, weights, source = pd.src_desc(), target = pd.dst_desc(),
          run = dnnl::convolution_forward(pd)](const std::vector<laid_out>& blobs, bool) {
    const laid_out input = in_layout(on, blobs[0], source);
    laid_out output = allocate(on, target);
    std::unordered_map<int, dnnl::memory> arguments = {{DNNL_ARG_SRC, bind(on, input)},
                                                       {DNNL_ARG_WEIGHTS, bind(on, weights)},
                                                       {DNNL_ARG_DST, bind(on, output)}};
    if (bias.data) arguments.emplace(DNNL_ARG_BIAS, bind(on, bias));
    run.execute(on.queue, arguments);
    return std::vector<laid_out>{output};
  };
}

}  // namespace compress::detail
