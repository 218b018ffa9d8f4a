#include <lfnc/detail/level_steps.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <vector>
#include "support/steps.hpp"

TEST_CASE("steps of a symmetric codebook are the same on both sides") {
  const lfnc::uniform book(3);
  for (const bool negative : {false, true}) {
    const lfnc::detail::level_steps steps = make_steps(book, negative);
    REQUIRE(steps.thresholds == 3);
    CHECK(steps.base == 0);
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(steps.threshold[k] == static_cast<double>(k) + 0.5);
      CHECK(steps.step[k] == 1);
      CHECK(steps.square_step[k] == 2 * static_cast<double>(k) + 1);
    }
  }
}

TEST_CASE("steps of levels that are not symmetric, with and without a level of the sign") {
  const std::vector<double> ascending{-3, -1, 2, 8};
  const lfnc::levels book(ascending);
  const lfnc::detail::level_steps up = make_steps(book, false);
  REQUIRE(up.thresholds == 2);
  CHECK(up.base == -1);
  CHECK(up.threshold[0] == 0.5);
  CHECK(up.step[0] == 3);
  CHECK(up.square_step[0] == 3);
  CHECK(up.threshold[1] == 5);
  const lfnc::detail::level_steps down = make_steps(book, true);
  REQUIRE(down.thresholds == 1);
  CHECK(down.base == 1);
  CHECK(down.threshold[0] == 2);
  CHECK(down.step[0] == 2);
  CHECK(down.square_step[0] == 8);
  const lfnc::detail::level_steps none = make_steps(lfnc::unsigned_uniform(2), true);
  CHECK(none.thresholds == 0);
  CHECK(none.base == 0);
}

TEST_CASE("rank counts the magnitudes at or above the cut") {
  lfnc::detail::level_steps steps;
  steps.thresholds = 1;
  steps.threshold[0] = 0.5;
  const double magnitude[] = {4, 2, 2, 2, 1, 0};
  const double total[] = {0, 4, 6, 8, 10, 11, 11};
  const lfnc::detail::magnitude_side<double> side{&steps, magnitude, total, nullptr, 6};
  CHECK(side.rank(0, 100) == 0);
  CHECK(side.rank(0, 8) == 1);
  CHECK(side.rank(0, 4) == 4);
  CHECK(side.rank(0, 3.9) == 4);
  CHECK(side.rank(0, 2) == 5);
  CHECK(side.rank(0, 1e-9) == 5);
  CHECK(side.mass_of(3) == 3);
  // Between ranks that are known.
  for (const double alpha : {100.0, 8.0, 4.0, 3.9, 2.0, 1e-9}) {
    const lfnc::index_t rank = side.rank(0, alpha);
    for (lfnc::index_t least = 0; least <= rank; ++least) {
      for (lfnc::index_t most = rank; most <= 6; ++most) {
        CHECK(side.rank(0, alpha, least, most) == rank);
      }
    }
  }
}
