#include <lfnc/detail/projection.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

#include "support/random.hpp"

TEST_CASE("alpha, gain and error follow from the three sums") {
  generator random(1);
  for (int round = 0; round < 1000; ++round) {
    double w[20];
    double q[20];
    lfnc::detail::projection sums;
    for (int k = 0; k < 20; ++k) {
      w[k] = random.gaussian();
      q[k] = random.below(15) - 7 + 3 * w[k];
      sums.wq += w[k] * q[k];
      sums.qq += q[k] * q[k];
      sums.ww += w[k] * w[k];
    }
    const auto error_at = [&](double alpha) {
      double error = 0;
      for (int k = 0; k < 20; ++k) error += (w[k] - alpha * q[k]) * (w[k] - alpha * q[k]);
      return error;
    };
    for (const double alpha : {0.0, 0.1, -2.0, 5.0}) {
      const double error = error_at(alpha);
      CHECK(std::abs(sums.error_at(alpha) - error) <= 1e-12 * (1 + error));
    }
    if (sums.wq > 0) {
      CHECK(std::abs(sums.error_at(sums.alpha()) - (sums.ww - sums.gain())) <= 1e-12 * sums.ww);
      CHECK(error_at(sums.alpha()) <= error_at(sums.alpha() * 1.001));
      CHECK(error_at(sums.alpha()) <= error_at(sums.alpha() * 0.999));
    } else {
      CHECK(sums.alpha() == 0);
      CHECK(sums.gain() == 0);
    }
  }
}

TEST_CASE("levels that are all 0, or that point the other way, give alpha 0") {
  constexpr lfnc::detail::projection nothing{0, 0, 4};
  static_assert(nothing.alpha() == 0 && nothing.gain() == 0 && nothing.error_at(0) == 4);
  const lfnc::detail::projection opposed{-2, 1, 4};
  CHECK(opposed.alpha() == 0);
  CHECK(opposed.gain() == 0);
}

TEST_CASE("errors are never negative") {
  const lfnc::detail::projection exact{0.1 * 3, 3, 0.1 * 0.1 * 3};
  CHECK(exact.error_at(exact.alpha()) >= 0);
  CHECK(exact.error_at(exact.alpha()) < 1e-16);
  CHECK(lfnc::detail::projection{1, 1, 0.5}.error_at(1) == 0);
}
