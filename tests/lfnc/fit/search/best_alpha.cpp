#include <lfnc/fit/search/best_alpha.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "support/sorted_row.hpp"
#include "support/steps.hpp"

namespace {

lfnc::detail::search_area area;

}  // namespace

TEST_CASE("the search finds what a sweep over all of the range does") {
  for_each_codebook([](const auto& book) {
    CAPTURE(book.name());
    generator random(22);
    int worse = 0;
    for (const row_kind kind : ordinary_kinds) {
      for (int round = 0; round < 20; ++round) {
        const sorted_row row(
            make_row<double>(random, kind, 1 + random.below(round < 18 ? 60 : 600)), book);
        const auto found =
            lfnc::detail::sweep(row.sides, row.side_count, row.end_at(1e-9).at, row.end_at(1e9).at,
                                nullptr, nullptr, false, area.fronts);
        const double alpha = lfnc::detail::best_alpha(row.sides, row.side_count, row.ww, area);
        const double error = alpha > 0 ? row.end_at(alpha).error : row.ww;
        worse += error > row.ww - found.sums.gain() + 1e-13 * row.ww;
      }
    }
    CHECK(worse == 0);
  });
}

TEST_CASE("entries with a mass stand for that many elements") {
  generator random(1);
  for (int round = 0; round < 200; ++round) {
    const int high = 1 + random.below(255);
    std::vector<double> levels(static_cast<std::size_t>(high) + 1);
    std::vector<double> values;
    std::vector<double> magnitude;
    std::vector<double> total{0};
    std::vector<double> mass{0};
    double ww = 0;
    double value = 200;
    const int entries = 1 + random.below(40);
    for (int k = 0; k < entries; ++k) {
      value *= random.uniform(0.7, 1);
      const int copies = 1 + random.below(6);
      magnitude.push_back(value);
      total.push_back(total.back() + copies * value);
      mass.push_back(mass.back() + copies);
      ww += copies * value * value;
      values.insert(values.end(), static_cast<std::size_t>(copies), value);
    }
    struct {
      int top;
      int level_count() const { return top + 1; }
      double level(int index) const { return index; }
    } grid{high};
    const lfnc::detail::level_steps steps = [&] {
      lfnc::detail::level_steps made;
      for (int k = 0; k < high; ++k) {
        const auto slot = static_cast<std::size_t>(made.thresholds++);
        made.threshold[slot] = k + 0.5;
        made.step[slot] = 1;
        made.square_step[slot] = 2 * k + 1;
      }
      return made;
    }();
    const lfnc::detail::magnitude_side<double> side{&steps,      magnitude.data(), total.data(),
                                                    mass.data(), entries,          false};
    const double alpha = lfnc::detail::best_alpha(&side, 1, ww, area);
    const optimum least = brute_force(values, grid);
    long double reached = 0;
    for (const double v : values) {
      const double q = std::min(std::floor(v / alpha + 0.5), static_cast<double>(high));
      reached += (v - alpha * q) * (v - alpha * q);
    }
    CHECK(reached <= least.error + 1e-13L * least.ww);
  }
}

TEST_CASE("nothing above 0 gives alpha 0") {
  const lfnc::detail::level_steps steps = make_steps(lfnc::ternary(), false);
  const float magnitude[] = {0, 0};
  const double total[] = {0, 0, 0};
  const lfnc::detail::magnitude_side<float> zeros{&steps, magnitude, total, nullptr, 2, false};
  CHECK(lfnc::detail::best_alpha(&zeros, 1, 0, area) == 0);
  const lfnc::detail::magnitude_side<float> none{&steps, magnitude, total, nullptr, 0, false};
  CHECK(lfnc::detail::best_alpha(&none, 1, 0, area) == 0);
}

TEST_CASE("many equal magnitudes cross a threshold together") {
  const lfnc::detail::level_steps steps = make_steps(lfnc::uniform(4), false);
  std::vector<float> magnitude(1000, 0.3F);
  std::vector<double> total{0};
  double ww = 0;
  for (const float m : magnitude) {
    total.push_back(total.back() + static_cast<double>(m));
    ww += static_cast<double>(m) * static_cast<double>(m);
  }
  const lfnc::detail::magnitude_side<float> side{
      &steps, magnitude.data(), total.data(), nullptr, 1000, false};
  const double alpha = lfnc::detail::best_alpha(&side, 1, ww, area);
  const double multiple = static_cast<double>(0.3F) / alpha;
  CHECK(std::abs(multiple - std::round(multiple)) < 1e-12);
}
