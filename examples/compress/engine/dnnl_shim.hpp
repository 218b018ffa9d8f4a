// What differs between oneDNN 2 and 3: operation descriptors went away in 3, a few primitives
// lost their _v2 suffix, and argument orders changed. Everything else is used directly.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <utility>
#include <vector>

namespace compress::detail {

inline dnnl::memory::dims dims_of(const dnnl::memory::desc& layout) {
#if DNNL_VERSION_MAJOR >= 3
  return layout.get_dims();
#else
  return layout.dims();
#endif
}

#if DNNL_VERSION_MAJOR >= 3
using dilated_pooling = dnnl::pooling_forward;
using softmax_primitive = dnnl::softmax_forward;
#else
using dilated_pooling = dnnl::pooling_v2_forward;
using softmax_primitive = dnnl::softmax_v2_forward;
#endif

// The primitive descriptor of an inference primitive whose arguments are the same in 2 and 3.
template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe(const dnnl::engine& cpu, Arguments&&... arguments) {
  constexpr auto inference = dnnl::prop_kind::forward_inference;
#if DNNL_VERSION_MAJOR >= 3
  return {cpu, inference, std::forward<Arguments>(arguments)...};
#else
  return {typename Primitive::desc(inference, std::forward<Arguments>(arguments)...), cpu};
#endif
}

// Element-wise primitive whose output has the layout of its input.
inline dnnl::eltwise_forward::primitive_desc describe_elementwise(const dnnl::engine& cpu,
                                                                  dnnl::algorithm what,
                                                                  const dnnl::memory::desc& data,
                                                                  float alpha, float beta) {
#if DNNL_VERSION_MAJOR >= 3
  return describe<dnnl::eltwise_forward>(cpu, what, data, data, alpha, beta);
#else
  return describe<dnnl::eltwise_forward>(cpu, what, data, alpha, beta);
#endif
}

// Batch normalization whose output has the layout of its input.
inline dnnl::batch_normalization_forward::primitive_desc describe_batch_norm(
    const dnnl::engine& cpu, const dnnl::memory::desc& data, float epsilon,
    dnnl::normalization_flags flags) {
#if DNNL_VERSION_MAJOR >= 3
  return describe<dnnl::batch_normalization_forward>(cpu, data, data, epsilon, flags);
#else
  return describe<dnnl::batch_normalization_forward>(cpu, data, epsilon, flags);
#endif
}

// PReLU whose output has the layout of its input.
inline dnnl::prelu_forward::primitive_desc describe_prelu(const dnnl::engine& cpu,
                                                          const dnnl::memory::desc& data,
                                                          const dnnl::memory::desc& slope) {
#if DNNL_VERSION_MAJOR >= 3
  return describe<dnnl::prelu_forward>(cpu, data, slope, data);
#else
  return describe<dnnl::prelu_forward>(cpu, data, slope);
#endif
}

inline dnnl::binary::primitive_desc describe_binary(const dnnl::engine& cpu, dnnl::algorithm what,
                                                    const dnnl::memory::desc& data) {
#if DNNL_VERSION_MAJOR >= 3
  return {cpu, what, data, data, data};
#else
  return {dnnl::binary::desc(what, data, data, data), cpu};
#endif
}

inline dnnl::sum::primitive_desc describe_sum(const dnnl::engine& cpu,
                                              const dnnl::memory::desc& output,
                                              const std::vector<float>& coefficients,
                                              const std::vector<dnnl::memory::desc>& inputs) {
#if DNNL_VERSION_MAJOR >= 3
  return {cpu, output, coefficients, inputs};
#else
  return {output, coefficients, inputs, cpu};
#endif
}

inline dnnl::concat::primitive_desc describe_concat(const dnnl::engine& cpu, int axis,
                                                    const std::vector<dnnl::memory::desc>& inputs) {
#if DNNL_VERSION_MAJOR >= 3
  return {cpu, axis, inputs};
#else
  return {axis, inputs, cpu};
#endif
}

}  // namespace compress::detail
