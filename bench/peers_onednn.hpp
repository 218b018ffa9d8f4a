// oneDNN 2 and 3 (main.cpp gives it one thread), in the instruction set that it chooses itself.
// What it prepares is prepared before the clock runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

namespace peer {

// One call of a primitive, as often as wanted.
struct onednn_call {
  dnnl::stream stream;
  dnnl::primitive primitive;
  std::unordered_map<int, dnnl::memory> arguments;

  void operator()() {
    primitive.execute(stream, arguments);
    stream.wait();
  }
};

inline const dnnl::engine& onednn_cpu() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

// oneDNN wants memory without const, and does not write to sources.
inline dnnl::memory onednn_memory(const dnnl::memory::desc& layout, const void* data) {
  return {layout, onednn_cpu(), const_cast<void*>(data)};
}

// to = from * scale for `count` numbers, rounded and saturated where `to` is bytes.
inline onednn_call onednn_reorder(const void* from, dnnl::memory::data_type from_type, void* to,
                                  dnnl::memory::data_type to_type, std::size_t count, float scale) {
  using tag = dnnl::memory::format_tag;
  const dnnl::memory::dims size{static_cast<dnnl::memory::dim>(count)};
  const dnnl::memory::desc source(size, from_type, tag::a);
  const dnnl::memory::desc target(size, to_type, tag::a);
  std::unordered_map<int, dnnl::memory> arguments{{DNNL_ARG_FROM, onednn_memory(source, from)},
                                                  {DNNL_ARG_TO, onednn_memory(target, to)}};
  dnnl::primitive_attr attributes;
#if DNNL_VERSION_MAJOR >= 3
  attributes.set_scales_mask(DNNL_ARG_SRC, 0);
  dnnl::memory factor({{1}, dnnl::memory::data_type::f32, tag::a}, onednn_cpu());
  *static_cast<float*>(factor.get_data_handle()) = scale;
  arguments.insert({DNNL_ARG_ATTR_SCALES | DNNL_ARG_SRC, factor});
#else
  attributes.set_output_scales(0, {scale});
#endif
  const dnnl::reorder::primitive_desc how(onednn_cpu(), source, onednn_cpu(), target, attributes);
  return {dnnl::stream(onednn_cpu()), dnnl::reorder(how), arguments};
}

// Mean and variance of every channel of images x channels x height x width, and the normalized
// batch, which `out` has room for and which it cannot leave out.
inline onednn_call onednn_batch_norm(const float* x, float* out, float* mean, float* variance,
                                     const dnnl::memory::dims& shape, bool nhwc) {
  using tag = dnnl::memory::format_tag;
  const auto type = dnnl::memory::data_type::f32;
  const dnnl::memory::desc batch(shape, type, nhwc ? tag::nhwc : tag::nchw);
  const dnnl::memory::desc channels({shape[1]}, type, tag::a);
  const auto training = dnnl::prop_kind::forward_training;
  const auto plain = dnnl::normalization_flags::none;
  constexpr float epsilon = 1e-5F;
#if DNNL_VERSION_MAJOR >= 3
  const dnnl::batch_normalization_forward::primitive_desc how(onednn_cpu(), training, batch, batch,
                                                              epsilon, plain);
#else
  const dnnl::batch_normalization_forward::primitive_desc how({training, batch, epsilon, plain},
                                                              onednn_cpu());
#endif
  return {dnnl::stream(onednn_cpu()),
          dnnl::batch_normalization_forward(how),
          {{DNNL_ARG_SRC, onednn_memory(batch, x)},
           {DNNL_ARG_DST, onednn_memory(batch, out)},
           {DNNL_ARG_MEAN, onednn_memory(channels, mean)},
           {DNNL_ARG_VARIANCE, onednn_memory(channels, variance)}}};
}

}  // namespace peer
