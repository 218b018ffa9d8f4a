#include "operations.hpp"

namespace compress::detail {

namespace {

// All inputs in the layout of the first one.
std::vector<laid_out> aligned(const device& on, const std::vector<laid_out>& inputs) {
  std::vector<laid_out> out;
  for (const laid_out& input : inputs) out.push_back(in_layout(on, input, inputs[0].layout));
  return out;
}

kernel add(const eltwise& op, const layouts& inputs, const device& on) {
  std::vector<float> coefficients = op.coefficients;
  if (coefficients.empty()) coefficients.assign(inputs.size(), 1.0F);
  const layouts same(inputs.size(), inputs[0]);
  const dnnl::sum run(describe_sum(on.cpu, inputs[0], coefficients, same));
  return [&on, run](const std::vector<laid_out>& blobs, bool overwrite) {
    const std::vector<laid_out> terms = aligned(on, blobs);
    laid_out output = overwrite ? terms[0] : allocate(on, terms[0].layout);
    std::unordered_map<int, dnnl::memory> arguments = {{DNNL_ARG_DST, bind(on, output)}};
    for (std::size_t k = 0; k < terms.size(); ++k) {
      arguments.emplace(DNNL_ARG_MULTIPLE_SRC + static_cast<int>(k), bind(on, terms[k]));
    }
    run.execute(on.queue, arguments);
    return std::vector<laid_out>{output};
  };
}

}  // namespace

kernel prepare(const eltwise& op, const layouts& inputs, const device& on) {
  if (op.what == eltwise::kind::sum) return add(op, inputs, on);
  const auto what =
      op.what == eltwise::kind::product ? dnnl::algorithm::binary_mul : dnnl::algorithm::binary_max;
  const dnnl::binary run(describe_binary(on.cpu, what, inputs[0]));
  return [&on, run](const std::vector<laid_out>& blobs, bool overwrite) {
    const std::vector<laid_out> factors = aligned(on, blobs);
    laid_out output = overwrite ? factors[0] : allocate(on, factors[0].layout);
    for (std::size_t k = 1; k < factors.size(); ++k) {
      const laid_out& so_far = k == 1 ? factors[0] : output;
      run.execute(on.queue, {{DNNL_ARG_SRC_0, bind(on, so_far)},
                             {DNNL_ARG_SRC_1, bind(on, factors[k])},
                             {DNNL_ARG_DST, bind(on, output)}});
    }
    return std::vector<laid_out>{output};
  };
}

}  // namespace compress::detail
