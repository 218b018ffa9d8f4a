#include <lfnc/fit/search/short_sweep.hpp>

#include <doctest/doctest.h>

#include "support/sorted_row.hpp"
#include "support/steps.hpp"

namespace {

template <class Check>
void for_each_short_row(Check check) {
  for_each_codebook([&](const auto& book) {
    const int thresholds = make_steps(book, false).thresholds;
    if (!book.symmetric() || thresholds < 1 || thresholds > lfnc::detail::float_levels::most)
      return;
    CAPTURE(book.name());
    generator random(33);
    for (const row_kind kind : ordinary_kinds) {
      for (int round = 0; round < 20; ++round) {
        const auto values = make_row<double>(random, kind, 1 + random.below(60));
        const sorted_row row(values, book);
        if (row.keys[0] > 0) check(values, row, book, random);
      }
    }
  });
}

}  // namespace

TEST_CASE("a short sweep over all alphas passes the optimum") {
  int worse = 0;
  for_each_short_row([&](const auto& values, const auto& row, const auto& book, generator&) {
    lfnc::detail::short_sweep<double> sweep(row.sides[0], row.ww);
    sweep(1e-12 * row.keys[0], 1e12 * row.keys[0]);
    REQUIRE(sweep.alpha() > 0);
    const optimum least = brute_force(values, book);
    worse += row.end_at(sweep.alpha()).error > least.error + 1e-13L * least.ww;
  });
  CHECK(worse == 0);
}

TEST_CASE("in pieces it finds the same bits") {
  int different = 0;
  for_each_short_row([&](const auto&, const auto& row, const auto&, generator& random) {
    lfnc::detail::short_sweep<double> whole(row.sides[0], row.ww);
    whole(1e-12 * row.keys[0], 1e12 * row.keys[0]);
    lfnc::detail::short_sweep<double> pieces(row.sides[0], row.ww);
    double high = 1e12 * row.keys[0];
    double low = random.uniform(0.5, 1) * row.keys[0] / row.steps[0].threshold[0];
    for (int k = 0; k < 50; ++k) {
      pieces(low, high);
      high = low;
      low *= random.uniform(0.5, 1);
    }
    pieces(1e-12 * row.keys[0], high);
    different += whole.alpha() != pieces.alpha();
  });
  CHECK(different == 0);
}

TEST_CASE("a range without the optimum gives the best of its own") {
  const lfnc::detail::level_steps steps = make_steps(lfnc::ternary(), false);
  const float magnitude[] = {4, 3, 1};
  const double total[] = {0, 4, 7, 8};
  const lfnc::detail::magnitude_side<float> side{&steps, magnitude, total, nullptr, 3, false};
  lfnc::detail::short_sweep<float> sweep(side, 26);
  sweep(9, 100);
  CHECK(sweep.alpha() == 0);
  sweep(7, 9);
  CHECK(sweep.alpha() == 4);
  sweep(3, 7);
  CHECK(sweep.alpha() == 3.5);
  sweep(0.5, 3);
  CHECK(sweep.alpha() == 3.5);
}
