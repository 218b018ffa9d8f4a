// lfnc floor 0: the one rounding rule, written so that no compiler can fuse it away.
#pragma once

#include <concepts>
#include <limits>

#include "../config.hpp"

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

// Whether trunc(fma(x, factor, 0.5)) is trunc(x * factor + 0.5), both steps rounded, for every
// float x that gives at least 0, so that the fewer instructions may be used.
//
// Let s be the exact product and t the rounded one. From n + 0.5 with n >= 1 on down to the next
// power of two floats lie u apart, and n + 1 and what is next below it lie u apart as well. So the
// rounded s + 0.5 reaches n + 1 where s >= n + 0.5 - u/2 (a tie goes to n + 1, which is even in
// units of u), and that is where t reaches n + 0.5 (even as well), whence t + 0.5 = n + 1. Only 0.5
// is a power of two itself: t + 0.5 becomes 1 from t = 0.5 - 2^-25 on, that is for
// s > 0.5 - 1.5 * 2^-25, and s + 0.5 for s >= 0.5 - 2^-25. Between these bounds there is at most
// one x * factor: they are apart by 2^-25 of themselves, neighbouring floats x by 2^-24 or more. It
// is that of the float nearest to their middle divided by the factor, and exact in double. The
// factor is positive, its inverse finite.
constexpr bool fuses_alike(float factor) {
  constexpr double from = 0.5 - 1.5 * 0x1p-25;
  constexpr double to = 0.5 - 0x1p-25;
  const auto x = static_cast<float>((from + to) / 2 / static_cast<double>(factor));
  const double product = static_cast<double>(x) * static_cast<double>(factor);
  return product <= from || product >= to;
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
