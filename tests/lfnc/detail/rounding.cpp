// Compiled twice: as usual, and optimized for a processor with fused multiply-add, where a compiler
// may fuse x * inverse + 0.5 unless it is kept from it.
#include <lfnc/detail/rounding.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/random.hpp"

namespace {

// clamp(floor(x * inverse + 0.5), low, high), every step rounded: volatile keeps the compiler from
// fusing any two.
template <class T>
int reference(T x, T inverse, int low, int high) {
  const volatile T product = x * inverse;
  if (std::isnan(product)) return low;
  const volatile T shifted = product + T(0.5);
  const T whole = std::floor(shifted);
  if (whole < static_cast<T>(low)) return low;
  if (whole > static_cast<T>(high)) return high;
  return static_cast<int>(whole);
}

struct range {
  int low;
  int high;
};
constexpr range ranges[] = {{-1, 1}, {-7, 7}, {-127, 127}, {-128, 127}, {0, 1}, {0, 127}, {0, 255}};

// The codes of a whole vector, in a loop that a compiler may vectorize.
template <class T>
void check_codes(const std::vector<T>& values, T inverse) {
  std::vector<int> codes(values.size());
  for (const range r : ranges) {
    const auto low = static_cast<T>(r.low);
    const auto high = static_cast<T>(r.high);
    for (std::size_t k = 0; k < values.size(); ++k) {
      codes[k] = lfnc::detail::round_clamped(values[k] * inverse, low, high);
    }
    int wrong = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
      wrong += codes[k] != reference(values[k], inverse, r.low, r.high);
    }
    CHECK(wrong == 0);
    if (r.low < 0) continue;
    for (std::size_t k = 0; k < values.size(); ++k) {
      codes[k] = lfnc::detail::round_clamped_unsigned(values[k] * inverse, T(0), high);
    }
    for (std::size_t k = 0; k < values.size(); ++k) {
      wrong += codes[k] != reference(values[k], inverse, r.low, r.high);
    }
    CHECK(wrong == 0);
  }
}

// Ties and their neighbours at this inverse, zeros, extremes, NaN.
template <class T>
std::vector<T> hard_values(T inverse) {
  using limits = std::numeric_limits<T>;
  std::vector<T> values{T(0),
                        -T(0),
                        limits::denorm_min(),
                        limits::min(),
                        limits::max(),
                        limits::lowest(),
                        limits::infinity(),
                        -limits::infinity(),
                        limits::quiet_NaN()};
  for (int k = -600; k <= 600; ++k) {
    T value = (static_cast<T>(k) / 2) / inverse;
    for (int step = 0; step < 4; ++step) value = std::nextafter(value, limits::lowest());
    for (int step = 0; step < 9; ++step) {
      values.push_back(value);
      value = std::nextafter(value, limits::max());
    }
  }
  return values;
}

template <class T>
void check_type() {
  generator random(7);
  for (int round = 0; round < 40; ++round) {
    const auto inverse = static_cast<T>(std::exp(random.uniform(-12, 12)));
    check_codes(hard_values(inverse), inverse);
    std::vector<T> values(5000);
    for (T& value : values) {
      value = static_cast<T>(random.gaussian() * 60) / inverse;
    }
    check_codes(values, inverse);
  }
  check_codes(hard_values(T(1)), T(1));
  check_codes(hard_values(std::numeric_limits<T>::max()), std::numeric_limits<T>::max());
}

}  // namespace

TEST_CASE("codes are clamp(floor(x * inverse + 0.5)), each step rounded, for floats") {
  check_type<float>();
}

TEST_CASE("codes are clamp(floor(x * inverse + 0.5)), each step rounded, for doubles") {
  check_type<double>();
}

TEST_CASE("every float bit pattern of a coarse grid") {
  std::vector<float> values;
  for (std::uint32_t high = 0; high < 0x10000; ++high) {
    values.push_back(std::bit_cast<float>((high << 16) | 0x1234U));
  }
  check_codes(values, 1.0F);
  check_codes(values, 0.1F);
}

TEST_CASE("NaN becomes low, ties go up, infinities saturate, and all of it at compile time") {
  using lfnc::detail::round_clamped;
  static_assert(round_clamped(2.5F, -7.0F, 7.0F) == 3);
  static_assert(round_clamped(-2.5F, -7.0F, 7.0F) == -2);
  static_assert(round_clamped(-0.5, -7.0, 7.0) == 0);
  static_assert(round_clamped(-0.0F, -7.0F, 7.0F) == 0);
  CHECK(round_clamped(std::nanf(""), -7.0F, 7.0F) == -7);
  CHECK(round_clamped(std::numeric_limits<float>::infinity(), -7.0F, 7.0F) == 7);
  CHECK(round_clamped(-std::numeric_limits<double>::infinity(), 0.0, 255.0) == 0);
}

// The floats around every tie of factor * x in 0 .. 256, and around where they are equal when fused
// and not: the code of each, fused, less the code in two steps.
template <class Visit>
void for_each_near_tie(float factor, Visit visit) {
  for (int n = 0; n < 256; ++n) {
    float x = (static_cast<float>(n) + 0.5F) / factor;
    for (int step = 0; step < 4; ++step) x = std::nextafter(x, 0.0F);
    for (int step = 0; step < 8; ++step, x = std::nextafter(x, 1e38F)) {
      const volatile float product = x * factor;
      const volatile float shifted = product + 0.5F;
      visit(x, static_cast<int>(std::fma(x, factor, 0.5F)) - static_cast<int>(shifted));
    }
  }
}

TEST_CASE("factors for which a fused multiply-add gives every code are told from the others") {
  generator random(9);
  int wrong = 0;
  int alike = 0;
  constexpr int rounds = 3000;
  for (int round = 0; round < rounds; ++round) {
    const auto factor = static_cast<float>(std::exp(random.uniform(-80, 80)));
    int different = 0;
    for_each_near_tie(factor, [&](float, int difference) { different += difference != 0; });
    const bool claimed = lfnc::detail::fuses_alike(factor);
    wrong += different != (claimed ? 0 : 1);
    alike += claimed;
  }
  CHECK(wrong == 0);
  CHECK(alike > rounds / 2);
  CHECK(alike < rounds * 3 / 4);
  static_assert(lfnc::detail::fuses_alike(64.0F));
  using limits = std::numeric_limits<float>;
  for (const float factor : {limits::min() / 4, 0x1.fffffcp-127F, 1.0F, limits::max()}) {
    int different = 0;
    for_each_near_tie(factor, [&](float, int difference) { different += difference != 0; });
    CHECK((different == 0 || !lfnc::detail::fuses_alike(factor)));
  }
}

TEST_CASE("rounded keeps a product from being fused with the addition after it") {
  generator random(8);
  int wrong = 0;
  int squares_wrong = 0;
  int differ_when_fused = 0;
  for (int k = 0; k < 20000; ++k) {
    const double a = random.gaussian();
    const double b = random.gaussian();
    const double c = -a * b + random.gaussian() * 1e-17;
    const volatile double product = a * b;
    wrong += lfnc::detail::rounded(a * b) + c != product + c;
    const double d = -a * a + random.gaussian() * 1e-17;
    const volatile double square = a * a;
    squares_wrong += lfnc::detail::rounded(a * a) + d != square + d;
    differ_when_fused += std::fma(a, b, c) != product + c;
  }
  CHECK(wrong == 0);
  CHECK(squares_wrong == 0);
  CHECK(differ_when_fused > 1000);
  CHECK(lfnc::detail::rounded(-1.5) == -1.5);
  CHECK(std::isinf(lfnc::detail::rounded(std::numeric_limits<double>::infinity())));
  CHECK(std::isinf(lfnc::detail::rounded(-std::numeric_limits<double>::infinity())));
  CHECK(std::isinf(lfnc::detail::rounded(std::nan(""))));
}
