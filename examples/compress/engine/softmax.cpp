#include "operations.hpp"

namespace compress::detail {

kernel prepare(const softmax& op, const layouts& inputs, const device& on) {
  const dnnl::memory::desc data = row_major(dims_of(inputs[0]));
  const auto pd = describe<softmax_primitive>(on.cpu, dnnl::algorithm::softmax_accurate, data, data,
                                              static_cast<int>(op.axis));
  return [&on, data, run = softmax_primitive(pd)](const std::vector<laid_out>& blobs, bool) {
    const laid_out input = in_layout(on, blobs[0], data);
    laid_out output = allocate(on, data);
    run.execute(on.queue, {{DNNL_ARG_SRC, bind(on, input)}, {DNNL_ARG_DST, bind(on, output)}});
    return std::vector<laid_out>{output};
  };
}

}  // namespace compress::detail
