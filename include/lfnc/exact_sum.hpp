// lfnc floor 1: exact_sum: a sum of doubles without rounding, whatever the order.
#pragma once

#include <cstddef>
#include <cstdint>

#include "config.hpp"

namespace lfnc {

struct exact_sum;

inline namespace LFNC_ABI {
namespace detail {

LFNC_HD constexpr void normalize_sum(exact_sum& sum);
LFNC_HD constexpr void add_to_sum(exact_sum& sum, double value);
LFNC_HD constexpr void add_to_sum(exact_sum& sum, const double* values, std::int64_t count,
                                  std::int64_t stride);
LFNC_HD constexpr void add_to_sum(exact_sum& sum, const exact_sum& other);
constexpr double take_leading(exact_sum& sum);
constexpr bool equal_sums(exact_sum a, exact_sum b);

}  // namespace detail
}  // namespace LFNC_ABI

// The exact sum of any finite doubles, in fixed point over the whole double range (a
// superaccumulator: Kulisch; Neal, "Fast exact summation using small and large superaccumulators",
// 2015). Addition is associative, so no batch split, thread count or machine count can change the
// result. 64-bit words hold 32-bit digits: the upper halves take carries, which are propagated
// every 2^29 additions. Plain data of 552 bytes.
struct exact_sum {
  static constexpr int words = 68;  // bit 0 is 2^-1074, the top digit 2^(32 * 67 - 1074)
  static constexpr int block = 32;  // values that are summed together before they meet the digits

  std::int64_t digit[words] = {};  // from the lowest on
  std::int64_t pending = 0;        // additions since carries were last propagated

  LFNC_INLINE constexpr exact_sum() = default;  // 0

  // Adds a finite value: about 2 ns.
  LFNC_HD LFNC_INLINE constexpr void add(double value) { detail::add_to_sum(*this, value); }

  // Adds `count` finite values, `stride` apart: the same sum as one by one, sooner.
  LFNC_HD LFNC_INLINE constexpr void add(const double* values, std::int64_t count,
                                         std::int64_t stride = 1) {
    detail::add_to_sum(*this, values, count, stride);
  }

  // Adds what another sum holds. Exact.
  LFNC_HD LFNC_INLINE constexpr void add(const exact_sum& other) {
    detail::add_to_sum(*this, other);
  }

  // Brings the digits into their one canonical form: all but the top in 0 .. 2^32 - 1, the top
  // carrying the sign. Equal sums have equal canonical digits.
  LFNC_HD LFNC_INLINE constexpr void normalize() { detail::normalize_sum(*this); }

  // The sum rounded to double, within one unit in the last place; beyond the range, infinite.
  LFNC_INLINE constexpr double value() const {
    exact_sum copy = *this;
    return detail::take_leading(copy);
  }

  // Rounds like value() and subtracts what was returned: called again and again it unfolds the sum
  // into doubles of falling magnitude whose total is exact.
  LFNC_INLINE constexpr double take_leading() { return detail::take_leading(*this); }

  LFNC_INLINE friend constexpr bool operator==(const exact_sum& a, const exact_sum& b) {
    return detail::equal_sums(a, b);
  }
};

inline namespace LFNC_ABI {
namespace detail {

LFNC_HD constexpr void normalize_sum(exact_sum& sum) {
  std::int64_t carry = 0;
  for (std::size_t k = 0; k + 1 < exact_sum::words; ++k) {
    const std::int64_t total = sum.digit[k] + carry;
    carry = total >> 32;
    sum.digit[k] = total & 0xFFFFFFFF;
  }
  sum.digit[exact_sum::words - 1] += carry;
  sum.pending = 0;
}

// What a value adds to three neighbouring digits.
struct sum_addend {
  std::size_t first;
  std::int64_t low;
  std::int64_t middle;
  std::int64_t high;
};
LFNC_HD constexpr sum_addend addend_of(double value) {
  const auto raw = __builtin_bit_cast(std::uint64_t, value);
  const int exponent = static_cast<int>((raw >> 52) & 0x7FFU);
  const std::uint64_t fraction = raw & 0xFFFFFFFFFFFFFU;
  const std::uint64_t mantissa = exponent == 0 ? fraction : fraction | (std::uint64_t{1} << 52);
  const int position = exponent == 0 ? 0 : exponent - 1;
  const int shift = position & 31;
  // mantissa << shift has up to 84 bits: three digits.
  const std::uint64_t low = (mantissa & 0xFFFFFFFFU) << shift;
  const std::uint64_t high = (mantissa >> 32) << shift;
  const std::uint64_t middle = (low >> 32) + (high & 0xFFFFFFFFU);
  const std::int64_t sign = raw >> 63 != 0 ? -1 : 1;
  return {static_cast<std::size_t>(position >> 5),
          sign * static_cast<std::int64_t>(low & 0xFFFFFFFFU),
          sign * static_cast<std::int64_t>(middle), sign * static_cast<std::int64_t>(high >> 32)};
}

LFNC_HD constexpr void add_to_sum(exact_sum& sum, double value) {
  if (value == 0) return;
  const sum_addend addend = addend_of(value);
  sum.digit[addend.first] += addend.low;
  sum.digit[addend.first + 1] += addend.middle;
  sum.digit[addend.first + 2] += addend.high;
  if (++sum.pending >= (std::int64_t{1} << 29)) normalize_sum(sum);
}

LFNC_HD constexpr void add_to_sum(exact_sum& sum, const exact_sum& other) {
  exact_sum addend = other;
  normalize_sum(addend);
  normalize_sum(sum);
  for (std::size_t k = 0; k < exact_sum::words; ++k) sum.digit[k] += addend.digit[k];
  sum.pending = 1;
}

// value[k] = of(value[k], value[k + Width]) for all k below Width, then half the width.
template <int Width, class Of>
LFNC_HD constexpr double fold_block(double* value, const Of& of) {
  for (int k = 0; k < Width; ++k) value[k] = of(value[k], value[k + Width]);
  if constexpr (Width > 1) {
    return fold_block<Width / 2>(value, of);
  } else {
    return value[0];
  }
}

LFNC_HD constexpr double larger_of(double a, double b) { return a > b ? a : b; }

// Adds the sum of the parts (sigma + v) - sigma; `rest`, which may be `values`, receives what
// they leave. Whether that is nothing.
LFNC_HD constexpr bool add_parts(exact_sum& sum, double sigma, const double* values, double* rest) {
  constexpr int half = exact_sum::block / 2;
  double part[half];
  double left[half];
  for (int k = 0; k < half; ++k) {
    const double part_a = (sigma + values[k]) - sigma;
    const double part_b = (sigma + values[k + half]) - sigma;
    const double rest_a = values[k] - part_a;
    const double rest_b = values[k + half] - part_b;
    part[k] = part_a + part_b;
    rest[k] = rest_a;
    rest[k + half] = rest_b;
    left[k] = larger_of(larger_of(rest_a, -rest_a), larger_of(rest_b, -rest_b));
  }
  add_to_sum(sum, fold_block<half / 2>(part, [](double a, double b) { return a + b; }));
  return fold_block<half / 2>(left, larger_of) == 0;
}

// Without rounding (Rump, Ogita, Oishi, "Accurate floating-point summation", 2008, lemma 3.3):
// with sigma a power of two at least 64 times the largest magnitude, high = (sigma + v) - sigma
// is a multiple of 2^-53 sigma and rest = v - high a double, at most 2^-53 sigma; the sum of 32
// such high parts needs no more than 53 bits, in any order. The rest is parted again in the same
// way. So 94 bits below the largest value go into two doubles, and mostly nothing is left.
LFNC_HD constexpr void add_block(exact_sum& sum, const double* values) {
  constexpr int half = exact_sum::block / 2;
  double largest_of[half];
  for (int k = 0; k < half; ++k) {
    const double a = larger_of(values[k], -values[k]);
    const double b = larger_of(values[k + half], -values[k + half]);
    largest_of[k] = larger_of(a, b);
  }
  const double largest = fold_block<half / 2>(largest_of, larger_of);
  if (!(largest > 0x1p-900 && largest < 0x1p900)) {
    for (int k = 0; k < exact_sum::block; ++k) add_to_sum(sum, values[k]);
    return;
  }
  const std::uint64_t exponent = __builtin_bit_cast(std::uint64_t, largest) >> 52;
  const double sigma = __builtin_bit_cast(double, (exponent + 7) << 52);
  const double tau = sigma * 0x1p-47;
  double rest[exact_sum::block];
  // What began as float is mostly one part alone.
  if (add_parts(sum, sigma, values, rest)) return;
  if (add_parts(sum, tau, rest, rest)) return;
  for (int k = 0; k < exact_sum::block; ++k) add_to_sum(sum, rest[k]);
}

LFNC_HD constexpr void add_to_sum(exact_sum& sum, const double* values, std::int64_t count,
                                  std::int64_t stride) {
  constexpr int block = exact_sum::block;
  for (; count >= block; values += block * stride, count -= block) {
    double together[block];
    for (int k = 0; k < block; ++k) together[k] = values[k * stride];
    add_block(sum, together);
  }
  for (std::int64_t k = 0; k < count; ++k) add_to_sum(sum, values[k * stride]);
}

constexpr void negate_sum(exact_sum& sum) {
  for (std::int64_t& word : sum.digit) word = -word;
  normalize_sum(sum);
}

// digit * 2^exponent; exact where the result is not subnormal, and there the digits are.
constexpr double scaled_digit(std::int64_t value, int exponent) {
  double result = static_cast<double>(value);
  for (; exponent > 900; exponent -= 900) result *= 0x1p900;
  for (; exponent < -900; exponent += 900) result *= 0x1p-900;
  const auto factor = static_cast<std::uint64_t>(exponent + 1023) << 52;
  return result * __builtin_bit_cast(double, factor);
}

constexpr double take_leading(exact_sum& sum) {
  normalize_sum(sum);
  const bool negative = sum.digit[exact_sum::words - 1] < 0;
  if (negative) negate_sum(sum);
  int top = exact_sum::words - 1;
  while (top > 0 && sum.digit[static_cast<std::size_t>(top)] == 0) --top;
  // The two digits under the top one complete 53 bits wherever the top one begins.
  double total = 0;
  for (int k = top; k >= 0 && k > top - 3; --k) {
    total += scaled_digit(sum.digit[static_cast<std::size_t>(k)], 32 * k - 1074);
  }
  if (negative) negate_sum(sum);
  const double leading = negative ? -total : total;
  if (leading - leading == 0) add_to_sum(sum, -leading);
  return leading;
}

constexpr bool equal_sums(exact_sum a, exact_sum b) {
  normalize_sum(a);
  normalize_sum(b);
  for (int k = 0; k < exact_sum::words; ++k) {
    if (a.digit[k] != b.digit[k]) return false;
  }
  return true;
}

}  // namespace detail
}  // namespace LFNC_ABI

}  // namespace lfnc
