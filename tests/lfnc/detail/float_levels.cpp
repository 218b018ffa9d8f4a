#include <lfnc/detail/float_levels.hpp>

#include <doctest/doctest.h>

#include <lfnc/detail/level_steps.hpp>
#include <vector>
#include "support/steps.hpp"

namespace {

template <class Codebook>
lfnc::detail::float_levels float_levels_of(const Codebook& book) {
  return make_steps(book, false).in_float;
}

lfnc::detail::float_levels float_levels_of(const std::vector<double>& ascending) {
  return float_levels_of(lfnc::levels(ascending));
}

}  // namespace

TEST_CASE("few levels are there in float, whole ones are known") {
  const lfnc::detail::float_levels uniform = float_levels_of(lfnc::uniform(4));
  CHECK(uniform.thresholds == 7);
  CHECK(uniform.whole);
  CHECK(uniform.base == 0);
  CHECK(uniform.top == 7);
  CHECK(uniform.square_step == 7);
  const lfnc::detail::float_levels powers = float_levels_of(lfnc::power_of_two(4));
  CHECK(powers.thresholds == 7);
  CHECK_FALSE(powers.whole);
  CHECK(powers.top == 64);
  CHECK(powers.threshold[6] == 48);
  CHECK(powers.step[6] == 32);
  const lfnc::detail::float_levels without_0 =
      float_levels_of(std::vector<double>{-2.5, -0.5, 0.5, 2.5});
  CHECK(without_0.thresholds == 1);
  CHECK(without_0.base == 0.5F);
  CHECK(without_0.top == 2.5F);
  CHECK(without_0.square_step == 6);
}

TEST_CASE("levels that are many or far apart are left out") {
  CHECK(float_levels_of(lfnc::uniform(5)).thresholds == 15);
  CHECK(float_levels_of(lfnc::uniform(6)).thresholds == 0);
  CHECK(float_levels_of(std::vector<double>{-1, 1}).thresholds == 0);
  CHECK(float_levels_of(std::vector<double>{-1e7, -1, 0, 1, 1e7}).thresholds == 0);
  CHECK(float_levels_of(std::vector<double>{-1, -1e-5, 0, 1e-5, 1}).thresholds == 0);
  CHECK(float_levels_of(std::vector<double>{-1e-4, 0, 1e-4}).thresholds == 0);
  CHECK(lfnc::detail::level_steps{}.in_float.thresholds == 0);
}

TEST_CASE("the alphas to look at first ascend") {
  for (const lfnc::detail::float_levels& levels :
       {float_levels_of(lfnc::ternary()), float_levels_of(lfnc::uniform(4)),
        float_levels_of(lfnc::power_of_two(4)),
        float_levels_of(
            std::vector<double>{-12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12})}) {
    REQUIRE(levels.first_alphas > 1);
    REQUIRE(levels.first_alphas <= lfnc::detail::float_levels::most_first);
    CHECK(levels.first_alpha[0] > 0);
    for (int k = 1; k < levels.first_alphas; ++k) {
      CHECK(levels.first_alpha[k] > levels.first_alpha[k - 1]);
    }
  }
}
