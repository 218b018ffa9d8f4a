// lfnc floor 5: compiled: what the library lfnc::compiled holds, and units need not compile again.
//
// A part is a macro that the CMake target defines as `extern` for its users, and the source file of
// the part as nothing: so one list declares what there is and makes it. What is not listed (your
// own codebooks and backends) is compiled where it is used, as ever.
#pragma once

#include <cstdint>
#include <span>

#include "../activations.hpp"
#include "../batch_norm.hpp"
#include "../calibrate.hpp"
#include "../config.hpp"
#include "../pack.hpp"
#include "../weights.hpp"

#if LFNC_IS_COMPILED
namespace lfnc {
inline namespace LFNC_ABI {

// Views of 1 to 4 dimensions, as channels too.
#define LFNC_OF_RANK(part, T, rank)                                              \
  part template tensor_view<T, rank> as_view(T*, const detail::extent(&)[rank]); \
  part template channel_view<T> channels(const tensor_view<T, rank>&, int);

#define LFNC_OF_VIEWS(part, T) \
  LFNC_OF_RANK(part, T, 1)     \
  LFNC_OF_RANK(part, T, 2)     \
  LFNC_OF_RANK(part, T, 3)     \
  LFNC_OF_RANK(part, T, 4)

#define LFNC_VIEWS(part, T) \
  LFNC_OF_VIEWS(part, T)    \
  LFNC_OF_VIEWS(part, const T)

#if defined(LFNC_COMPILED_VIEWS)
LFNC_VIEWS(LFNC_COMPILED_VIEWS, float)
LFNC_VIEWS(LFNC_COMPILED_VIEWS, double)
LFNC_VIEWS(LFNC_COMPILED_VIEWS, float16)
LFNC_VIEWS(LFNC_COMPILED_VIEWS, bfloat16)
LFNC_COMPILED_VIEWS template void detail::refuse_bits(int, int, int);
#endif

#undef LFNC_VIEWS
#undef LFNC_OF_VIEWS
#undef LFNC_OF_RANK

// Of weights of type T, which may be const. The other forms of these verbs are a line each.
#define LFNC_OF_WEIGHTS(part, T, Codebook)                                                        \
  part template void fit(const cpu&, const group_view<T>&, const Codebook&, list_view<row_fit>,   \
                         const fit_options&);                                                     \
  part template void quantize_weights(const cpu&, const group_view<T>&, const Codebook&,          \
                                      const group_view<Codebook::code_type>&, list_view<row_fit>, \
                                      const fit_options&);                                        \
  part template weight_quantization<Codebook::code_type> quantize_weights(                        \
      const cpu&, const group_view<T>&, const Codebook&, const fit_options&);                     \
  part template void encode_weights(const cpu&, const group_view<T>&, const Codebook&,            \
                                    list_view<const double>,                                      \
                                    const group_view<Codebook::code_type>&);

// Of codes of type Code.
#define LFNC_OF_CODES(part, T, Codebook, Code)                                                \
  part template void dequantize_weights(const cpu&, const group_view<Code>&, const Codebook&, \
                                        list_view<const row_fit>, const group_view<T>&);

#define LFNC_OF_CODEBOOK(part, T, Codebook)             \
  LFNC_OF_WEIGHTS(part, T, Codebook)                    \
  LFNC_OF_WEIGHTS(part, const T, Codebook)              \
  LFNC_OF_CODES(part, T, Codebook, Codebook::code_type) \
  LFNC_OF_CODES(part, T, Codebook, const Codebook::code_type)

#define LFNC_WEIGHTS(part, T)        \
  LFNC_OF_CODEBOOK(part, T, ternary) \
  LFNC_OF_CODEBOOK(part, T, uniform) \
  LFNC_OF_CODEBOOK(part, T, fixed_point)

#define LFNC_WEIGHTS_OTHER(part, T)           \
  LFNC_OF_CODEBOOK(part, T, unsigned_uniform) \
  LFNC_OF_CODEBOOK(part, T, power_of_two)     \
  LFNC_OF_CODEBOOK(part, T, levels)

#if defined(LFNC_COMPILED_WEIGHTS_FLOAT)
LFNC_WEIGHTS(LFNC_COMPILED_WEIGHTS_FLOAT, float)
#endif
#if defined(LFNC_COMPILED_WEIGHTS_DOUBLE)
LFNC_WEIGHTS(LFNC_COMPILED_WEIGHTS_DOUBLE, double)
#endif
#if defined(LFNC_COMPILED_WEIGHTS_FLOAT16)
LFNC_WEIGHTS(LFNC_COMPILED_WEIGHTS_FLOAT16, float16)
#endif
#if defined(LFNC_COMPILED_WEIGHTS_BFLOAT16)
LFNC_WEIGHTS(LFNC_COMPILED_WEIGHTS_BFLOAT16, bfloat16)
#endif
#if defined(LFNC_COMPILED_OTHER_FLOAT)
LFNC_WEIGHTS_OTHER(LFNC_COMPILED_OTHER_FLOAT, float)
#endif
#if defined(LFNC_COMPILED_OTHER_DOUBLE)
LFNC_WEIGHTS_OTHER(LFNC_COMPILED_OTHER_DOUBLE, double)
#endif
#if defined(LFNC_COMPILED_OTHER_FLOAT16)
LFNC_WEIGHTS_OTHER(LFNC_COMPILED_OTHER_FLOAT16, float16)
#endif
#if defined(LFNC_COMPILED_OTHER_BFLOAT16)
LFNC_WEIGHTS_OTHER(LFNC_COMPILED_OTHER_BFLOAT16, bfloat16)
#endif

#undef LFNC_WEIGHTS_OTHER
#undef LFNC_WEIGHTS
#undef LFNC_OF_CODEBOOK
#undef LFNC_OF_CODES
#undef LFNC_OF_WEIGHTS

// Of batches of type T, which may be const; histograms of 1 to 4 dimensions.
#define LFNC_OF_BATCH(part, T)                                                  \
  part template void accumulate_moments(const cpu&, const channel_view<T>&,     \
                                        list_view<channel_moments>);            \
  part template void accumulate_histogram(const cpu&, const tensor_view<T, 1>&, \
                                          activation_histogram*);               \
  part template void accumulate_histogram(const cpu&, const tensor_view<T, 2>&, \
                                          activation_histogram*);               \
  part template void accumulate_histogram(const cpu&, const tensor_view<T, 3>&, \
                                          activation_histogram*);               \
  part template void accumulate_histogram(const cpu&, const tensor_view<T, 4>&, \
                                          activation_histogram*);

#define LFNC_STATISTICS(part, T)                                                               \
  LFNC_OF_BATCH(part, T)                                                                       \
  LFNC_OF_BATCH(part, const T)                                                                 \
  part template renormalize_counts renormalize(std::span<const channel_moments>, std::span<T>, \
                                               std::span<T>, variance_kind,                    \
                                               const renormalize_options&);                    \
  part template renormalize_counts renormalize_anchored(                                       \
      std::span<const channel_moments>, std::span<const channel_moments>, std::span<T>,        \
      std::span<T>, const renormalize_options&);

#if defined(LFNC_COMPILED_STATISTICS)
LFNC_STATISTICS(LFNC_COMPILED_STATISTICS, float)
LFNC_STATISTICS(LFNC_COMPILED_STATISTICS, double)
LFNC_STATISTICS(LFNC_COMPILED_STATISTICS, float16)
LFNC_STATISTICS(LFNC_COMPILED_STATISTICS, bfloat16)
#endif

#undef LFNC_STATISTICS
#undef LFNC_OF_BATCH

// What quantize, fake_quantize and dequantize of any dimensions come down to.
#define LFNC_OF_MAP(part, In, Out, ...)                                             \
  part template void map(const cpu&, const group_view<In>&, const group_view<Out>&, \
                         for_all_rows<__VA_ARGS__>);

#define LFNC_OF_ENCODER(part, T, division)                                                \
  LFNC_OF_MAP(part, T, std::int8_t, detail::grid_encoder<compute_t<T>, division, true>)   \
  LFNC_OF_MAP(part, T, std::int8_t, detail::grid_encoder<compute_t<T>, division, false>)  \
  LFNC_OF_MAP(part, T, std::uint8_t, detail::grid_encoder<compute_t<T>, division, true>)  \
  LFNC_OF_MAP(part, T, std::uint8_t, detail::grid_encoder<compute_t<T>, division, false>) \
  LFNC_OF_MAP(part, T, std::remove_const_t<T>,                                            \
              detail::grid_projector<compute_t<T>, division, true>)                       \
  LFNC_OF_MAP(part, T, std::remove_const_t<T>,                                            \
              detail::grid_projector<compute_t<T>, division, false>)

#define LFNC_ACTIVATIONS(part, T)                                            \
  LFNC_OF_ENCODER(part, T, false)                                            \
  LFNC_OF_ENCODER(part, T, true)                                             \
  LFNC_OF_ENCODER(part, const T, false)                                      \
  LFNC_OF_ENCODER(part, const T, true)                                       \
  LFNC_OF_MAP(part, std::int8_t, T, detail::code_scaler<compute_t<T>>)       \
  LFNC_OF_MAP(part, std::uint8_t, T, detail::code_scaler<compute_t<T>>)      \
  LFNC_OF_MAP(part, const std::int8_t, T, detail::code_scaler<compute_t<T>>) \
  LFNC_OF_MAP(part, const std::uint8_t, T, detail::code_scaler<compute_t<T>>)

#if defined(LFNC_COMPILED_ACTIVATIONS_FLOAT)
LFNC_ACTIVATIONS(LFNC_COMPILED_ACTIVATIONS_FLOAT, float)
#endif
#if defined(LFNC_COMPILED_ACTIVATIONS_DOUBLE)
LFNC_ACTIVATIONS(LFNC_COMPILED_ACTIVATIONS_DOUBLE, double)
#endif
#if defined(LFNC_COMPILED_ACTIVATIONS_HALF)
LFNC_ACTIVATIONS(LFNC_COMPILED_ACTIVATIONS_HALF, float16)
LFNC_ACTIVATIONS(LFNC_COMPILED_ACTIVATIONS_HALF, bfloat16)
#endif

#undef LFNC_ACTIVATIONS
#undef LFNC_OF_ENCODER
#undef LFNC_OF_MAP

#if defined(LFNC_COMPILED_PACKING)
namespace detail {
#define LFNC_PACKING(part, kind)                                                               \
  part template std::size_t find_above<height<kind>>(std::span<const std::int8_t>);            \
  part template void pack_all<kind>(std::span<const std::int8_t>, std::span<std::uint8_t>);    \
  part template std::size_t first_malformed<kind>(std::span<const std::uint8_t>, std::size_t); \
  part template void unpack_all<kind>(std::span<const std::uint8_t>, std::span<std::int8_t>);

LFNC_PACKING(LFNC_COMPILED_PACKING, packing::int4)
LFNC_PACKING(LFNC_COMPILED_PACKING, packing::int4_offset8)
LFNC_PACKING(LFNC_COMPILED_PACKING, packing::ternary2)
LFNC_PACKING(LFNC_COMPILED_PACKING, packing::base3)
LFNC_PACKING(LFNC_COMPILED_PACKING, packing::int3)
LFNC_PACKING(LFNC_COMPILED_PACKING, packing::exponent3)
LFNC_PACKING(LFNC_COMPILED_PACKING, packing::exponent4)
LFNC_PACKING(LFNC_COMPILED_PACKING, packing::int8)
#undef LFNC_PACKING
}  // namespace detail
#endif

}  // namespace LFNC_ABI
}  // namespace lfnc

#endif
