#include <lfnc/detail/encoder_steps.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/brute_force.hpp"
#include "support/random.hpp"

namespace {

using lfnc::detail::level_of;

// The level that the steps give x, from the lowest one up.
double level_by_steps(const lfnc::detail::level_steps& steps, double x) {
  double level = steps.base;
  for (int k = 0; k < steps.thresholds && x >= steps.threshold[k]; ++k) level += steps.step[k];
  return level;
}

template <class T, class Codebook>
void check_steps(const Codebook& book, bool magnitudes) {
  CAPTURE(book.name());
  CAPTURE(magnitudes);
  lfnc::detail::level_steps steps;
  REQUIRE(lfnc::detail::find_steps<T>(book, magnitudes, steps));
  double square = steps.base * steps.base;
  double before = steps.base;
  for (int k = 0; k < steps.thresholds; ++k) {
    const auto at = static_cast<T>(steps.threshold[k]);
    CHECK(static_cast<double>(at) == steps.threshold[k]);
    CHECK(level_of(book, std::nextafter(at, std::numeric_limits<T>::lowest())) == before);
    before += steps.step[k];
    square += steps.square_step[k];
    CHECK(level_of(book, at) == before);
    CHECK(square == before * before);
  }
  generator random(3);
  for (int round = 0; round < 500; ++round) {
    auto x = static_cast<T>(random.gaussian() * std::exp(random.uniform(-8, 6)));
    if (magnitudes) x = std::abs(x);
    CHECK(level_by_steps(steps, static_cast<double>(x)) == level_of(book, x));
  }
  CHECK(level_by_steps(steps, 0) == level_of(book, T(0)));
}

// Levels -1, 0 and 1, of which the encoder never gives the one in the middle.
struct skipping : lfnc::ternary {
  template <class T>
  std::int8_t encode(T x) const {
    return static_cast<std::int8_t>(x > 0 ? 1 : -1);
  }
  template <class T>
  T nearest_level(T x) const {
    return static_cast<T>(encode(x));
  }
};

// 512 levels.
struct many {
  using code_type = std::int16_t;
  template <class T>
  code_type encode(T x) const {
    return static_cast<code_type>(lfnc::detail::round_clamped(x, T(0), T(511)));
  }
  static double decode(code_type code) { return code; }
  static int level_count() { return 512; }
  static double level(int k) { return k; }
  static int bits() { return 9; }
  static bool nearest() { return true; }
  static bool symmetric() { return false; }
  static std::string name() { return "many"; }
};

}  // namespace

TEST_CASE("steps are where the encoder's level changes") {
  const auto check_all = [](const auto& book) {
    check_steps<float>(book, false);
    check_steps<double>(book, false);
    if (book.nearest() && book.symmetric()) {
      check_steps<float>(book, true);
      check_steps<double>(book, true);
    }
  };
  for_each_codebook(check_all);
  check_all(lfnc::power_of_two::published(4));
  check_all(lfnc::power_of_two::published(3));
}

TEST_CASE("steps of the published powers of two begin above three quarters") {
  lfnc::detail::level_steps steps;
  REQUIRE(lfnc::detail::find_steps<float>(lfnc::power_of_two::published(4), true, steps));
  CHECK(steps.thresholds == 7);
  CHECK(steps.base == 0);
  CHECK(steps.threshold[0] == static_cast<double>(std::nextafter(0.75F, 1.0F)));
  CHECK(steps.threshold[1] == static_cast<double>(std::nextafter(1.5F, 2.0F)));
}

TEST_CASE("encoders without steps of the kind") {
  lfnc::detail::level_steps steps;
  CHECK(!lfnc::detail::find_steps<float>(skipping(), false, steps));
  CHECK(!lfnc::detail::find_steps<float>(many(), false, steps));
}

TEST_CASE("the resolution of levels") {
  using lfnc::detail::level_resolution;
  const auto of = [](const std::vector<double>& ascending) {
    return level_resolution(lfnc::levels(ascending));
  };
  CHECK(level_resolution(lfnc::ternary()) == 1);
  CHECK(level_resolution(lfnc::uniform(4)) == 7);
  CHECK(level_resolution(lfnc::power_of_two(4)) == 64);
  CHECK(level_resolution(lfnc::fixed_point()) == 128);
  CHECK(of({-2.5, -1, 0.25}) == 10);
  CHECK(of({0, 1024}) == 1);
  CHECK(of({0, 1, 1024}) == 1024);
  CHECK(of({0, 1, 1025}) == 0);
  CHECK(of({-0x1p-100, 0x1p-99}) == 2);
  CHECK(of({0.1, 0.3}) == 0);
}
