// lfnc floor 0: element types, and the type that each is computed in.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "config.hpp"

namespace lfnc {

// Signed, 64 bits everywhere: extents, strides and element counts.
using index_t = std::int64_t;

// IEEE 754 binary16 as storage: 16 bits, converted to float exactly and from float to nearest even.
struct float16 {
  std::uint16_t bits = 0;  // as stored

  LFNC_INLINE constexpr float16() = default;
  // The nearest one; a tie goes to the even one, what is too large to infinity.
  LFNC_HD LFNC_INLINE constexpr explicit float16(float value) : bits(encode(value)) {}

  // Exact.
  LFNC_HD LFNC_INLINE constexpr operator float() const {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16;
    const std::uint32_t exponent = (bits >> 10) & 0x1FU;
    const std::uint32_t fraction = bits & 0x3FFU;
    if (exponent == 31) return __builtin_bit_cast(float, sign | 0x7F800000U | (fraction << 13));
    if (exponent != 0) {
      return __builtin_bit_cast(float, sign | ((exponent + 112) << 23) | (fraction << 13));
    }
    // Zero and subnormals: fraction * 2^-24, exact in float.
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return __builtin_bit_cast(float, sign | __builtin_bit_cast(std::uint32_t, magnitude));
  }

 private:
  LFNC_HD LFNC_INLINE static constexpr std::uint16_t encode(float value) {
    const auto raw = __builtin_bit_cast(std::uint32_t, value);
    const auto sign = static_cast<std::uint16_t>((raw >> 16) & 0x8000U);
    const std::uint32_t magnitude = raw & 0x7FFFFFFFU;
    if (magnitude > 0x7F800000U) return static_cast<std::uint16_t>(sign | 0x7E00U);   // NaN
    if (magnitude >= 0x477FF000U) return static_cast<std::uint16_t>(sign | 0x7C00U);  // >= 65520
    if (magnitude < 0x38800000U) {
      // Below 2^-14: adding 0.5 leaves the value in units of 2^-24, rounded by the addition.
      const float shifted = __builtin_bit_cast(float, magnitude) + 0.5F;
      const std::uint32_t units = __builtin_bit_cast(std::uint32_t, shifted) - 0x3F000000U;
      return static_cast<std::uint16_t>(sign | units);
    }
    const std::uint32_t rebased = magnitude - (112U << 23);
    const std::uint32_t rounded = rebased + 0xFFFU + ((rebased >> 13) & 1U);
    return static_cast<std::uint16_t>(sign | (rounded >> 13));
  }
};

// bfloat16 as storage: the upper half of a float; from float to nearest even.
struct bfloat16 {
  std::uint16_t bits = 0;  // as stored

  LFNC_INLINE constexpr bfloat16() = default;
  // The nearest one; a tie goes to the even one, what is too large to infinity.
  LFNC_HD LFNC_INLINE constexpr explicit bfloat16(float value) {
    const auto raw = __builtin_bit_cast(std::uint32_t, value);
    const bool nan = (raw & 0x7FFFFFFFU) > 0x7F800000U;
    const std::uint32_t rounded = nan ? (raw | 0x00400000U) : raw + 0x7FFFU + ((raw >> 16) & 1U);
    bits = static_cast<std::uint16_t>(rounded >> 16);
  }

  // Exact.
  LFNC_HD LFNC_INLINE constexpr operator float() const {
    return __builtin_bit_cast(float, static_cast<std::uint32_t>(bits) << 16);
  }
};

// What a tensor of numbers may hold: float, double, and any 16-bit type that converts to float
// (float16 and bfloat16 above, the compiler's _Float16, an engine's own half).
template <class T>
concept element =
    std::same_as<std::remove_const_t<T>, float> || std::same_as<std::remove_const_t<T>, double> ||
    (sizeof(T) == 2 && !std::integral<T> &&
     requires(const T& value) { static_cast<float>(value); });

// double is computed in double, everything else in float (accumulation is in double throughout).
template <element T>
using compute_t = std::conditional_t<std::same_as<std::remove_const_t<T>, double>, double, float>;

inline namespace LFNC_ABI {
namespace detail {

template <class T>
LFNC_HD constexpr auto to_compute(const T& value) {
  if constexpr (std::integral<T>) {
    return value;
  } else {
    return static_cast<compute_t<T>>(value);
  }
}

template <std::floating_point T>
LFNC_HD constexpr bool finite(T value) {
  // x - x is 0 for a number and NaN for NaN and the infinities.
  return value - value == T(0);
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
