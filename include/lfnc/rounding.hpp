// lfnc floor 0: the one rounding rule, written so that no compiler can fuse it away.
#pragma once

#include <concepts>
#include <limits>

#include "config.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// As constants, since device code may not call the functions that give them.
template <std::floating_point T>
inline constexpr T highest = std::numeric_limits<T>::max();
template <std::floating_point T>
inline constexpr T infinity = std::numeric_limits<T>::infinity();
template <std::floating_point T>
inline constexpr T least_above_zero = std::numeric_limits<T>::denorm_min();

// clamp(floor(value + 0.5), low, high) for whole numbers low <= high. NaN becomes low.
//
// The clamp comes first, which gives the same result (low and high are whole) and stands between
// the multiplication that made `value` and the addition: with nothing to contract, x * inv + 0.5
// has the same bits with and without fused multiply-add, on the CPU and on the GPU. floor is
// truncation with one step back, which every instruction set has.
template <std::floating_point T>
LFNC_HD constexpr int round_clamped(T value, T low, T high) {
  value = value > low ? value : low;
  value = value < high ? value : high;
  value += T(0.5);
  const int whole = static_cast<int>(value);
  return whole - static_cast<int>(value < static_cast<T>(whole));
}

// The same for low >= 0, in fewer instructions: what is at least 0.5 is rounded down by truncation.
// low is handed over although it is 0 mostly, since gcc compares with the constant in two
// instructions and with a variable in one.
template <std::floating_point T>
LFNC_HD constexpr int round_clamped_unsigned(T value, T low, T high) {
  value = value > low ? value : low;
  value = value < high ? value : high;
  return static_cast<int>(value + T(0.5));
}

// `product` as it was rounded: the comparison keeps a following addition from being fused with the
// multiplication. It tells infinity from the numbers, so that not even a square, whose sign is
// known, makes it superfluous; NaN becomes infinity, without which it would be no operation at all.
// Only where a product is inexact: in double, that is for double tensors.
template <std::floating_point T>
LFNC_HD constexpr T rounded(T product) {
  return product <= highest<T> ? product : infinity<T>;
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
