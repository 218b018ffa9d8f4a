#include "../../examples/support/splitmix64.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <initializer_list>

using support::splitmix64;

TEST_CASE("splitmix64 gives the published numbers") {
  // The first outputs for seed 1234567, as the generator's other implementations print them.
  splitmix64 random(1234567);
  CHECK(random() == 6457827717110365317U);
  CHECK(random() == 3203168211198807973U);
  CHECK(random() == 9817491932198370423U);
}

TEST_CASE("draws below a bound stay below it") {
  splitmix64 random(9);
  for (const std::uint64_t bound : {std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{1} << 63U,
                                    (std::uint64_t{1} << 63U) + 1, UINT64_MAX}) {
    for (int k = 0; k < 100; ++k) CHECK(random.below(bound) < bound);
  }
}

TEST_CASE("uniform numbers are 53 bits below 1") {
  splitmix64 bits(1234567);
  splitmix64 random(1234567);
  double sum = 0;
  constexpr int draws = 1000;
  for (int k = 0; k < draws; ++k) {
    const double drawn = random.uniform();
    CHECK(drawn == static_cast<double>(bits() >> 11U) / 9007199254740992.0);
    sum += drawn;
  }
  CHECK(sum / draws == doctest::Approx(0.5).epsilon(0.1));
}
