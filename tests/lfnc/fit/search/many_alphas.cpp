#include <lfnc/fit/search/many_alphas.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <lfnc/exec/cpu/float_lanes.hpp>
#include <limits>

#include "support/sorted_row.hpp"
#include "support/steps.hpp"

namespace {

// Sums in float at 16 alphas, from about where all is at level 0 to where all is at the top.
template <class V, class Codebook>
struct looked_at {
  float magnitude[64];
  float alpha[32] = {};
  float wq[32] = {};
  float qq[32] = {};
  float value[32] = {};
  float ww = 0;

  looked_at(const sorted_row<Codebook>& row, generator& random) {
    const auto count = static_cast<int>(row.keys.size());
    for (int k = 0; k < count; ++k) {
      magnitude[k] = static_cast<float>(row.keys[static_cast<std::size_t>(k)] / row.keys[0]);
      ww += magnitude[k] * magnitude[k];
    }
    const lfnc::detail::float_levels& levels = row.steps[0].in_float;
    float at = static_cast<float>(random.uniform(0.01, 1)) / levels.top;
    for (int j = 0; j < 16; ++j) {
      alpha[j] = at;
      at *= 1 + static_cast<float>(std::exp(random.uniform(-4, -0.5)));
    }
    if (levels.whole) {
      lfnc::detail::project_at<true, V>(levels, magnitude, count, 16, alpha, wq, qq);
    } else {
      lfnc::detail::project_at<false, V>(levels, magnitude, count, 16, alpha, wq, qq);
    }
  }
};

template <class Check>
void for_each_short_row(Check check) {
  for_each_codebook([&](const auto& book) {
    if (!book.symmetric() || make_steps(book, false).in_float.thresholds == 0) return;
    CAPTURE(book.name());
    generator random(32);
    for (const row_kind kind : ordinary_kinds) {
      for (int round = 0; round < 20; ++round) {
        const sorted_row row(make_row<double>(random, kind, 1 + random.below(64)), book);
        if (row.keys[0] > 0) check(row, random);
      }
    }
  });
}

template <class V>
void check_sums() {
  int far = 0;
  for_each_short_row([&]<class Codebook>(const sorted_row<Codebook>& row, generator& random) {
    const looked_at<V, Codebook> found(row, random);
    for (int j = 0; j < 16; ++j) {
      // At a tie, and next to one, each of two levels gives the same error.
      const double alpha = static_cast<double>(found.alpha[j]);
      const auto exact = row.end_at(alpha * row.keys[0]);
      const double square = row.keys[0] * row.keys[0];
      const double wq = static_cast<double>(found.wq[j]);
      const double qq = static_cast<double>(found.qq[j]);
      const double error = row.ww - (2 * alpha * wq - alpha * alpha * qq) * square;
      far += std::abs(error - exact.error) >
             1e-5 * (row.ww + alpha * alpha * exact.at.sums.qq * square);
    }
  });
  CHECK(far == 0);
}

}  // namespace

TEST_CASE("sums in float are those of the nearest levels") {
  check_sums<float>();
#if LFNC_SHUFFLES
  check_sums<lfnc::detail::float_vector<16>>();
#endif
}

TEST_CASE("gains are those of the best alpha for the levels, 0 without any") {
  const float wq[] = {0, 3, 1, 2};
  const float qq[] = {0, 2, 1, 8};
  float gain[4];
  lfnc::detail::find_gains<float>(4, wq, qq, gain);
  CHECK(gain[0] == 0);
  CHECK(gain[1] == 4.5F);
  CHECK(gain[2] == 1);
  CHECK(gain[3] == 0.5F);
}

TEST_CASE("no alpha between two takes more off than their reach") {
  int beyond = 0;
  int close = 0;
  for_each_short_row([&]<class Codebook>(const sorted_row<Codebook>& row, generator& random) {
    looked_at<float, Codebook> found(row, random);
    constexpr float slack = 1e-5F;
    lfnc::detail::find_reach<float>(15, slack, found.alpha, found.wq, found.qq, found.value);
    for (std::size_t j = 0; j < 15; ++j) {
      const double reach =
          static_cast<double>(found.value[j] + slack * found.ww) * row.keys[0] * row.keys[0];
      const auto low = static_cast<double>(found.alpha[j]);
      const auto high = static_cast<double>(found.alpha[j + 1]);
      double most = -std::numeric_limits<double>::infinity();
      for (int k = 0; k <= 20; ++k) {
        const double alpha = (low + (high - low) * k / 20) * row.keys[0];
        const auto sums = row.end_at(alpha).at.sums;
        most = std::max(most, alpha * (2 * sums.wq - alpha * sums.qq));
      }
      beyond += most > reach;
      close += most > 0.999 * reach;
    }
  });
  CHECK(beyond == 0);
  CHECK(close > 1000);
}
