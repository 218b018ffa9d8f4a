#include <lfnc/fit/search/breakpoints.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "support/sorted_row.hpp"

TEST_CASE("the error is nowhere below the bound that the ends of an interval give") {
  for_each_codebook([](const auto& book) {
    CAPTURE(book.name());
    generator random(21);
    int below = 0;
    int close = 0;  // intervals whose bound is within a thousandth of the least error
    for (const row_kind kind : ordinary_kinds) {
      for (int round = 0; round < 40; ++round) {
        const sorted_row row(make_row<double>(random, kind, 1 + random.below(200)), book);
        const double low = std::exp(random.uniform(-12, 5));
        const double high = low * (1 + std::exp(random.uniform(-12, 3)));
        const double bound = lfnc::detail::least_error(row.end_at(low), row.end_at(high));
        double least = row.end_at(low).error;
        for (int k = 0; k <= 100; ++k) {
          least = std::min(least, row.end_at(low + (high - low) * k / 100).error);
        }
        const double noise = 1e-14 * (row.ww + high * high * row.end_at(low).at.sums.qq);
        below += least < bound - noise;
        close += bound > 0.999 * least;
      }
    }
    CHECK(below == 0);
    CHECK(close > 50);
  });
}

TEST_CASE("a sweep over all of the range passes the optimum") {
  for_each_codebook([](const auto& book) {
    CAPTURE(book.name());
    generator random(22);
    int worse = 0;
    for (const row_kind kind : ordinary_kinds) {
      for (int round = 0; round < 10; ++round) {
        const auto values = make_row<double>(random, kind, 1 + random.below(40));
        const sorted_row row(values, book);
        lfnc::detail::front fronts[256];
        const auto found = lfnc::detail::sweep(row.sides, row.side_count, row.end_at(1e-9).at,
                                               row.end_at(1e9).at, nullptr, nullptr, false, fronts);
        const optimum least = brute_force(values, book);
        worse += row.ww - found.sums.gain() > least.error + 1e-13L * least.ww;
      }
    }
    CHECK(worse == 0);
  });
}
