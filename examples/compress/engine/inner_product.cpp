#include "operations.hpp"

namespace compress::detail {

kernel prepare(const inner_product& op, const layouts& inputs, const device& on) {
  // oneDNN takes images as they are, in any layout; other ranks are flattened from axis 1.
  shape in = dims_of(inputs[0]);
  const std::int64_t outputs = op.weight.dims[0];
  if (in.size() != 4) in = {in[0], op.weight.dims[1]};
  shape filters = in;
  filters[0] = outputs;
  const bool flatten = dims_of(inputs[0]) != in;

  laid_out bias;
  if (!op.bias.empty()) bias = parameters(on, op.bias, {outputs});
  const dnnl::memory::desc out = row_major({in[0], outputs});
  const auto pd =
      op.bias.empty()
          ? describe<dnnl::inner_product_forward>(on.cpu, any_layout(in), any_layout(filters), out)
          : describe<dnnl::inner_product_forward>(on.cpu, any_layout(in), any_layout(filters),
                                                  bias.layout, out);
  const laid_out weights =
      in_layout(on, parameters(on, op.weight.values, filters), pd.weights_desc());

  return [&on, in, flatten, bias, weights, source = pd.src_desc(), target = pd.dst_desc(),
          run = dnnl::inner_product_forward(pd)](const std::vector<laid_out>& blobs, bool) {
    laid_out input = blobs[0];
    if (flatten) {
      input = in_row_major(on, input);
      input.layout = row_major(in);
    }
    input = in_layout(on, input, source);
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
