#include <lfnc/fit/abs_max.hpp>

#include <doctest/doctest.h>

#include <vector>

TEST_CASE("the largest magnitude takes the last level") {
  CHECK(lfnc::detail::abs_max_alpha(lfnc::uniform(4), 14) == 2);
  CHECK(lfnc::detail::abs_max_alpha(lfnc::ternary(), 3) == 3);
  CHECK(lfnc::detail::abs_max_alpha(lfnc::power_of_two(4), 128) == 2);
  CHECK(lfnc::detail::abs_max_alpha(lfnc::uniform(8), 0) == 0);
}

TEST_CASE("an uneven grid is entered from its narrower side") {
  CHECK(lfnc::detail::abs_max_alpha(lfnc::fixed_point(), 254) == 2);
  const std::vector<double> wide_below{-8, 0, 2};
  CHECK(lfnc::detail::abs_max_alpha(lfnc::levels(wide_below), 8) == 4);
}

TEST_CASE("a grid of one sign is entered from the side that it has") {
  CHECK(lfnc::detail::abs_max_alpha(lfnc::unsigned_uniform(8), 255) == 1);
  const std::vector<double> positive{1, 2, 4};
  CHECK(lfnc::detail::abs_max_alpha(lfnc::levels(positive), 8) == 2);
  const std::vector<double> negative{-4, -2, -1};
  CHECK(lfnc::detail::abs_max_alpha(lfnc::levels(negative), 8) == 2);
  const std::vector<double> up_to_zero{-4, 0};
  CHECK(lfnc::detail::abs_max_alpha(lfnc::levels(up_to_zero), 8) == 2);
}
