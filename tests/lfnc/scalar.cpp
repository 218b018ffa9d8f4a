#include <lfnc/scalar.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/random.hpp"

namespace {

// The value that a 16-bit pattern stands for, from the definition: `fraction_bits` of fraction and
// the exponent bias.
double value_of(std::uint32_t bits, int fraction_bits, int bias) {
  const int exponent_bits = 15 - fraction_bits;
  const int exponent = static_cast<int>(bits >> fraction_bits) & ((1 << exponent_bits) - 1);
  const int fraction = static_cast<int>(bits) & ((1 << fraction_bits) - 1);
  const double sign = (bits & 0x8000U) != 0 ? -1 : 1;
  if (exponent == (1 << exponent_bits) - 1) {
    return fraction != 0 ? std::nan("") : sign * std::numeric_limits<double>::infinity();
  }
  const int lead = exponent == 0 ? 0 : 1 << fraction_bits;
  return sign * std::ldexp(lead + fraction, (exponent == 0 ? 1 : exponent) - bias - fraction_bits);
}

// All patterns decode to what the definition says and encode to themselves; a float between two
// neighbours goes to the nearer one, a tie to the even one, and so do the floats next to a tie.
template <class Half>
void check_all_patterns(int fraction_bits, int bias) {
  const std::uint32_t top = ((1U << (15 - fraction_bits)) - 1) << fraction_bits;  // infinity
  int wrong = 0;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    Half half;
    half.bits = static_cast<std::uint16_t>(bits);
    const float value = half;
    const double expected = value_of(bits, fraction_bits, bias);
    if (std::isnan(expected)) {
      wrong += !std::isnan(value);
      wrong += !std::isnan(static_cast<float>(Half(value)));
    } else {
      wrong += std::bit_cast<std::uint64_t>(static_cast<double>(value)) !=
               std::bit_cast<std::uint64_t>(expected);
      wrong += Half(value).bits != bits;
    }
  }
  CHECK(wrong == 0);

  for (const std::uint32_t sign : {0U, 0x8000U}) {
    for (std::uint32_t bits = 0; bits < top; ++bits) {
      const double low = value_of(sign | bits, fraction_bits, bias);
      // Beyond the last number, infinity is where the next one would be.
      const double step =
          std::abs(low - value_of(sign | (bits > 0 ? bits - 1 : 1U), fraction_bits, bias));
      const double high = bits + 1 < top ? value_of(sign | (bits + 1), fraction_bits, bias)
                                         : (sign != 0 ? low - step : low + step);
      const auto tie = static_cast<float>((low + high) / 2);
      if (static_cast<double>(tie) != (low + high) / 2) continue;  // not a float
      const std::uint32_t even = bits % 2 == 0 ? bits : bits + 1;
      wrong += Half(tie).bits != (sign | even);
      wrong += Half(std::nextafter(tie, static_cast<float>(low))).bits != (sign | bits);
      const auto limit = sign != 0 ? -std::numeric_limits<float>::infinity()
                                   : std::numeric_limits<float>::infinity();
      wrong += Half(std::nextafter(tie, limit)).bits != (sign | (bits + 1));
    }
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("float16 is IEEE binary16, rounded to nearest even") {
  check_all_patterns<lfnc::float16>(10, 15);
  CHECK(lfnc::float16(65519.996F).bits == 0x7BFF);
  CHECK(lfnc::float16(65520.0F).bits == 0x7C00);
  CHECK(lfnc::float16(std::numeric_limits<float>::max()).bits == 0x7C00);
  CHECK(lfnc::float16(std::numeric_limits<float>::denorm_min()).bits == 0);
  CHECK(lfnc::float16(-0.0F).bits == 0x8000);
}

TEST_CASE("bfloat16 is the upper half of a float, rounded to nearest even") {
  check_all_patterns<lfnc::bfloat16>(7, 127);
  CHECK(lfnc::bfloat16(std::numeric_limits<float>::max()).bits == 0x7F80);
  CHECK(lfnc::bfloat16(-0.0F).bits == 0x8000);
}

TEST_CASE("a NaN whose payload stands in the low bits alone stays a NaN") {
  const float quiet_in_low_bits = std::bit_cast<float>(0x7F800001U);
  CHECK(std::isnan(static_cast<float>(lfnc::float16(quiet_in_low_bits))));
  CHECK(std::isnan(static_cast<float>(lfnc::bfloat16(quiet_in_low_bits))));
}

#if defined(__FLT16_MANT_DIG__) && defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
TEST_CASE("float16 agrees with the compiler's own on random floats") {
  __extension__ using native = _Float16;
  generator random(1);
  int wrong = 0;
  for (int k = 0; k < 1000000; ++k) {
    const auto value = static_cast<float>(std::ldexp(random.uniform(-1, 1), random.below(48) - 28));
    wrong += lfnc::float16(value).bits != std::bit_cast<std::uint16_t>(static_cast<native>(value));
  }
  CHECK(wrong == 0);
  CHECK(lfnc::element<native>);
  CHECK(std::is_same_v<lfnc::compute_t<native>, float>);
}
#endif

TEST_CASE("conversions work at compile time") {
  constexpr lfnc::float16 half(1.5F);
  static_assert(half.bits == 0x3E00 && static_cast<float>(half) == 1.5F);
  constexpr lfnc::bfloat16 brain(-2.0F);
  static_assert(brain.bits == 0xC000 && static_cast<float>(brain) == -2.0F);
}

TEST_CASE("what may be an element, and the type it is computed in") {
  CHECK(lfnc::element<float>);
  CHECK(lfnc::element<const double>);
  CHECK(lfnc::element<lfnc::float16>);
  CHECK(lfnc::element<const lfnc::bfloat16>);
  CHECK_FALSE(lfnc::element<short>);
  CHECK_FALSE(lfnc::element<int>);
  CHECK_FALSE(lfnc::element<long double>);
  CHECK(std::is_same_v<lfnc::compute_t<const float>, float>);
  CHECK(std::is_same_v<lfnc::compute_t<const double>, double>);
  CHECK(std::is_same_v<lfnc::compute_t<lfnc::bfloat16>, float>);
  CHECK(std::is_same_v<decltype(lfnc::detail::to_compute(lfnc::float16{})), float>);
  CHECK(std::is_same_v<decltype(lfnc::detail::to_compute(std::int8_t{})), std::int8_t>);
}

TEST_CASE("finite tells numbers from NaN and the infinities") {
  for (const double x : {0.0, -0.0, 5e-324, -1.7976931348623157e308}) {
    CHECK(lfnc::detail::finite(x));
  }
  CHECK_FALSE(lfnc::detail::finite(std::nan("")));
  CHECK_FALSE(lfnc::detail::finite(-std::numeric_limits<double>::infinity()));
  CHECK_FALSE(lfnc::detail::finite(std::numeric_limits<float>::infinity()));
}
