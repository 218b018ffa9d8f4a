// lfnc floor 2: saturate: floats rounded to bytes by the instructions that pack with saturation.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "vectors.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Whether Op is clamp(floor(x * factor + 0.5), 0, high), or with x / factor, from floats to bytes.
template <class In, class Out, class Op>
concept saturates_to_bytes = std::is_same_v<const In, const float> &&
    std::is_same_v<Out, std::uint8_t> && requires(const Op& op) {
  requires Op::saturates;
  { op.factor - op.high } -> std::same_as<float>;
};

#if LFNC_X86_TARGETS && !defined(__clang__)
inline constexpr bool has_saturating_packs = true;

// Vectors are never handed over here: all of it becomes part of a function for AVX2.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"

// 32 elements with AVX2. The packs clamp at 0, so that only `high` is left to compare with; gcc,
// which is not told, would clamp twice and mask every byte. Below 0 truncation gives 0 or what is
// packed to 0; NaN, which passes the minimum as its second operand, becomes the least integer.
template <class Op>
LFNC_INLINE void saturate_32(const Op& op, const float* in, std::uint8_t* out) {
  typedef float floats __attribute__((vector_size(32)));
  typedef int ints __attribute__((vector_size(32)));
  typedef short shorts __attribute__((vector_size(32)));
  typedef char chars __attribute__((vector_size(32)));
  const floats factor = floats{} + op.factor;
  const floats high = floats{} + op.high;
  ints whole[4];
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    floats x;
    std::memcpy(&x, in + 8 * j, sizeof x);
    x = Op::divides ? x / factor : x * factor;
    x = __builtin_ia32_minps256(high, x) + 0.5F;
    whole[j] = reinterpret_cast<ints>(__builtin_ia32_cvttps2dq256(x));
  }
  const auto low_half = reinterpret_cast<shorts>(__builtin_ia32_packssdw256(whole[0], whole[1]));
  const auto high_half = reinterpret_cast<shorts>(__builtin_ia32_packssdw256(whole[2], whole[3]));
  const auto bytes = reinterpret_cast<chars>(__builtin_ia32_packuswb256(low_half, high_half));
  // Both halves of a register were packed by themselves.
  const ints order = {0, 4, 1, 5, 2, 6, 3, 7};
  const ints ordered = __builtin_shuffle(reinterpret_cast<ints>(bytes), order);
  std::memcpy(out, &ordered, sizeof ordered);
}

#pragma GCC diagnostic pop
#else
inline constexpr bool has_saturating_packs = false;

template <class Op>
void saturate_32(const Op&, const float*, std::uint8_t*) = delete;
#endif

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
