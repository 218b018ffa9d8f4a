// lfnc floor 1: exact_sum: a sum of doubles without rounding, whatever the order.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "config.hpp"

namespace lfnc {

// The exact sum of any finite doubles, in fixed point over the whole double range (a
// superaccumulator: Kulisch; Neal, "Fast exact summation using small and large superaccumulators",
// 2015). Addition is associative, so no batch split, thread count or machine count can change the
// result. 64-bit words hold 32-bit digits: the upper halves take carries, which are propagated
// every 2^29 additions. Plain data of 552 bytes.
struct exact_sum {
  static constexpr int words = 68;  // bit 0 is 2^-1074, the top digit 2^(32 * 67 - 1074)

  std::array<std::int64_t, words> digit{};
  std::int64_t pending = 0;  // additions since carries were last propagated

  // Adds a finite value: about 2 ns.
  LFNC_HD constexpr void add(double value) {
    if (value == 0) return;
    const auto raw = std::bit_cast<std::uint64_t>(value);
    const int exponent = static_cast<int>((raw >> 52) & 0x7FFU);
    const std::uint64_t fraction = raw & 0xFFFFFFFFFFFFFU;
    const std::uint64_t mantissa = exponent == 0 ? fraction : fraction | (std::uint64_t{1} << 52);
    const int position = exponent == 0 ? 0 : exponent - 1;
    const auto first = static_cast<std::size_t>(position >> 5);
    const int shift = position & 31;
    // mantissa << shift has up to 84 bits: three digits.
    const std::uint64_t low = (mantissa & 0xFFFFFFFFU) << shift;
    const std::uint64_t high = (mantissa >> 32) << shift;
    const std::uint64_t middle = (low >> 32) + (high & 0xFFFFFFFFU);
    const std::int64_t sign = raw >> 63 != 0 ? -1 : 1;
    digit[first] += sign * static_cast<std::int64_t>(low & 0xFFFFFFFFU);
    digit[first + 1] += sign * static_cast<std::int64_t>(middle);
    digit[first + 2] += sign * static_cast<std::int64_t>(high >> 32);
    if (++pending >= (std::int64_t{1} << 29)) normalize();
  }

  LFNC_HD constexpr void add(const exact_sum& other) {
    exact_sum addend = other;
    addend.normalize();
    normalize();
    for (std::size_t k = 0; k < words; ++k) digit[k] += addend.digit[k];
    pending = 1;
  }

  // Brings the digits into their one canonical form: all but the top in 0 .. 2^32 - 1, the top
  // carrying the sign. Equal sums have equal canonical digits.
  LFNC_HD constexpr void normalize() {
    std::int64_t carry = 0;
    for (std::size_t k = 0; k + 1 < words; ++k) {
      const std::int64_t total = digit[k] + carry;
      carry = total >> 32;
      digit[k] = total & 0xFFFFFFFF;
    }
    digit[words - 1] += carry;
    pending = 0;
  }

  // The sum rounded to double, within one unit in the last place; beyond the range, infinite.
  constexpr double value() const {
    exact_sum copy = *this;
    return copy.take_leading();
  }

  // Rounds like value() and subtracts what was returned: called again and again it unfolds the sum
  // into doubles of falling magnitude whose total is exact.
  constexpr double take_leading() {
    normalize();
    const bool negative = digit[words - 1] < 0;
    if (negative) negate();
    int top = words - 1;
    while (top > 0 && digit[static_cast<std::size_t>(top)] == 0) --top;
    // The two digits under the top one complete 53 bits wherever the top one begins.
    double total = 0;
    for (int k = top; k >= 0 && k > top - 3; --k) {
      total += scaled(digit[static_cast<std::size_t>(k)], 32 * k - 1074);
    }
    if (negative) negate();
    const double leading = negative ? -total : total;
    if (leading - leading == 0) add(-leading);
    return leading;
  }

  friend constexpr bool operator==(exact_sum a, exact_sum b) {
    a.normalize();
    b.normalize();
    return a.digit == b.digit;
  }

 private:
  constexpr void negate() {
    for (std::int64_t& word : digit) word = -word;
    normalize();
  }

  // digit * 2^exponent; exact where the result is not subnormal, and there the digits are.
  static constexpr double scaled(std::int64_t value, int exponent) {
    double result = static_cast<double>(value);
    for (; exponent > 900; exponent -= 900) result *= 0x1p900;
    for (; exponent < -900; exponent += 900) result *= 0x1p-900;
    const auto factor = static_cast<std::uint64_t>(exponent + 1023) << 52;
    return result * std::bit_cast<double>(factor);
  }
};

}  // namespace lfnc
