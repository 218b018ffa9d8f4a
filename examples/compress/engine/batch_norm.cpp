#include "operations.hpp"

namespace compress::detail {

namespace {

// y = gamma (x - mean) / sqrt(variance + epsilon) + beta; gamma and beta may be empty.
kernel normalize(const dnnl::memory::desc& data, const device& on, const std::vector<float>& mean,
                 const std::vector<float>& variance, float epsilon, const std::vector<float>& gamma,
                 const std::vector<float>& beta) {
  using dnnl::normalization_flags;
  auto flags = normalization_flags::use_global_stats;
  if (!gamma.empty()) flags |= normalization_flags::use_scale;
  if (!beta.empty()) flags |= normalization_flags::use_shift;

  const shape channels = {static_cast<std::int64_t>(mean.size())};
  std::unordered_map<int, laid_out> constants = {
      {DNNL_ARG_MEAN, parameters(on, mean, channels)},
      {DNNL_ARG_VARIANCE, parameters(on, variance, channels)}};
  if (!gamma.empty()) constants.emplace(DNNL_ARG_SCALE, parameters(on, gamma, channels));
  if (!beta.empty()) constants.emplace(DNNL_ARG_SHIFT, parameters(on, beta, channels));

  return
      [&on, constants,
       run = dnnl::batch_normalization_forward(describe_batch_norm(on.cpu, data, epsilon, flags))](
          const std::vector<laid_out>& inputs, bool overwrite) {
        laid_out output = overwrite ? inputs[0] : allocate(on, inputs[0].layout);
        std::unordered_map<int, dnnl::memory> arguments = {{DNNL_ARG_SRC, bind(on, inputs[0])},
                                                           {DNNL_ARG_DST, bind(on, output)}};
        for (const auto& [name, values] : constants) arguments.emplace(name, bind(on, values));
        run.execute(on.queue, arguments);
        return std::vector<laid_out>{output};
      };
}

}  // namespace

kernel prepare(const batch_norm& op, const layouts& inputs, const device& on) {
  return normalize(inputs[0], on, op.mean, op.variance, static_cast<float>(op.epsilon), op.gamma,
                   op.beta);
}

kernel prepare(const scale& op, const layouts& inputs, const device& on) {
  // weight (x - 0) / sqrt(1 + 0) + bias is exact, and one pass over any layout.
  const std::vector<float> zeros(op.weight.size(), 0.0F);
  const std::vector<float> ones(op.weight.size(), 1.0F);
  return normalize(inputs[0], on, zeros, ones, 0.0F, op.weight, op.bias);
}

}  // namespace compress::detail
