#include "operations.hpp"

namespace compress::detail {

kernel prepare(const inner_product& op, const blueprint& plan, const device& on) {
  // oneDNN takes images as they are, in any layout; other ranks are flattened from axis 1.
  shape in = dims_of(plan.inputs[0]);
  const std::int64_t outputs = op.weight.dims[0];
  if (in.size() != 4) in = {in[0], op.weight.dims[1]};
  shape filters = in;
  filters[0] = outputs;

  laid_out bias;
  if (!op.bias.empty()) bias = parameters(on, op.bias, {outputs});
  // The weights, most of what many networks weigh, stay where the network has them: reading them
  // takes as long in any layout, and a second copy would take memory from the images.
  const laid_out weights = in_place(op.weight.values, filters);
  const dnnl::memory::desc source = row_major(in);
  const dnnl::memory::desc out = row_major(plan.outputs[0]);
  const auto pd =
      op.bias.empty()
          ? describe<dnnl::inner_product_forward>(on.cpu, source, weights.layout, out)
          : describe<dnnl::inner_product_forward>(on.cpu, source, weights.layout, bias.layout, out);

  return [&on, bias, weights, source, target = pd.dst_desc(),
          run = dnnl::inner_product_forward(pd)](const std::vector<laid_out>& blobs, bool) {
    laid_out input = in_row_major(on, blobs[0]);
    input.layout = source;
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
