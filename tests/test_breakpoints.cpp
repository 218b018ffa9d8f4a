#include <lfnc/breakpoints.hpp>

#include <doctest/doctest.h>

#include <functional>

#include "support/brute_force.hpp"

TEST_CASE("steps of a symmetric codebook are the same on both sides") {
  const lfnc::uniform book(3);
  for (const bool negative : {false, true}) {
    const lfnc::level_steps steps = lfnc::make_steps(book, negative);
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
  const lfnc::level_steps up = lfnc::make_steps(book, false);
  REQUIRE(up.thresholds == 2);
  CHECK(up.base == -1);
  CHECK(up.threshold[0] == 0.5);
  CHECK(up.step[0] == 3);
  CHECK(up.square_step[0] == 3);
  CHECK(up.threshold[1] == 5);
  const lfnc::level_steps down = lfnc::make_steps(book, true);
  REQUIRE(down.thresholds == 1);
  CHECK(down.base == 1);
  CHECK(down.threshold[0] == 2);
  CHECK(down.step[0] == 2);
  CHECK(down.square_step[0] == 8);
  const lfnc::level_steps none = lfnc::make_steps(lfnc::unsigned_uniform(2), true);
  CHECK(none.thresholds == 0);
  CHECK(none.base == 0);
}

TEST_CASE("rank counts the magnitudes at or above the cut") {
  lfnc::level_steps steps;
  steps.thresholds = 1;
  steps.threshold[0] = 0.5;
  const double magnitude[] = {4, 2, 2, 2, 1, 0};
  const double total[] = {0, 4, 6, 8, 10, 11, 11};
  const lfnc::magnitude_side<double> side{&steps, magnitude, total, nullptr, 6};
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

namespace {

lfnc::search_area area;

// A row as best_alpha wants it: one side, or two where signs meet different levels.
template <class Codebook>
struct sorted_row {
  lfnc::level_steps steps[2];
  std::vector<double> keys;
  std::vector<double> totals{0};
  lfnc::magnitude_side<double> sides[2];
  int side_count;
  double ww = 0;

  sorted_row(std::vector<double> row, const Codebook& book)
      : steps{lfnc::make_steps(book, false), lfnc::make_steps(book, true)},
        keys(std::move(row)),
        side_count(book.symmetric() ? 1 : 2) {
    if (book.symmetric()) {
      for (double& key : keys) key = std::abs(key);
    }
    std::sort(keys.begin(), keys.end(), std::greater<>());
    for (const double key : keys) {
      totals.push_back(totals.back() + key);
      ww += key * key;
    }
    const auto positive = std::count_if(keys.begin(), keys.end(), [](double x) { return x >= 0; });
    const auto count = static_cast<lfnc::index_t>(keys.size());
    sides[0] = {&steps[0], keys.data(), totals.data(), nullptr, positive, false};
    sides[1] = {&steps[1], keys.data() + positive, totals.data() + positive,
                nullptr,   count - positive,       true};
  }

  lfnc::detail::range_end end_at(double alpha) const {
    const auto at = lfnc::detail::assign(sides, side_count, ww, alpha, nullptr, nullptr, nullptr);
    return {at, at.sums.error_at(alpha), at.sums.gain()};
  }
};

std::vector<double> row_of(generator& random, row_kind kind, int length) {
  return make_row<double>(random, kind, length);
}

constexpr row_kind kinds[] = {row_kind::gaussian, row_kind::laplacian,  row_kind::uniform,
                              row_kind::sparse,   row_kind::ties,       row_kind::outliers,
                              row_kind::one_sign, row_kind::on_the_grid};

}  // namespace

TEST_CASE("the error is nowhere below the bound that the ends of an interval give") {
  for_each_codebook([](const auto& book) {
    CAPTURE(book.name());
    generator random(21);
    int below = 0;
    int close = 0;  // intervals whose bound is within a thousandth of the least error
    for (const row_kind kind : kinds) {
      for (int round = 0; round < 40; ++round) {
        const sorted_row row(row_of(random, kind, 1 + random.below(200)), book);
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

TEST_CASE("the search finds what a sweep over all of the range does") {
  for_each_codebook([](const auto& book) {
    CAPTURE(book.name());
    generator random(22);
    int worse = 0;
    for (const row_kind kind : kinds) {
      for (int round = 0; round < 20; ++round) {
        const sorted_row row(row_of(random, kind, 1 + random.below(round < 18 ? 60 : 600)), book);
        const auto found =
            lfnc::detail::sweep(row.sides, row.side_count, row.end_at(1e-9).at, row.end_at(1e9).at,
                                nullptr, nullptr, false, area.fronts);
        const double alpha = lfnc::best_alpha(row.sides, row.side_count, row.ww, area);
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
    const lfnc::level_steps steps = [&] {
      lfnc::level_steps made;
      for (int k = 0; k < high; ++k) {
        const auto slot = static_cast<std::size_t>(made.thresholds++);
        made.threshold[slot] = k + 0.5;
        made.step[slot] = 1;
        made.square_step[slot] = 2 * k + 1;
      }
      return made;
    }();
    const lfnc::magnitude_side<double> side{&steps,      magnitude.data(), total.data(),
                                            mass.data(), entries,          false};
    const double alpha = lfnc::best_alpha(&side, 1, ww, area);
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
  const lfnc::level_steps steps = lfnc::make_steps(lfnc::ternary(), false);
  const float magnitude[] = {0, 0};
  const double total[] = {0, 0, 0};
  const lfnc::magnitude_side<float> zeros{&steps, magnitude, total, nullptr, 2, false};
  CHECK(lfnc::best_alpha(&zeros, 1, 0, area) == 0);
  const lfnc::magnitude_side<float> none{&steps, magnitude, total, nullptr, 0, false};
  CHECK(lfnc::best_alpha(&none, 1, 0, area) == 0);
}

TEST_CASE("many equal magnitudes cross a threshold together") {
  const lfnc::level_steps steps = lfnc::make_steps(lfnc::uniform(4), false);
  std::vector<float> magnitude(1000, 0.3F);
  std::vector<double> total{0};
  double ww = 0;
  for (const float m : magnitude) {
    total.push_back(total.back() + static_cast<double>(m));
    ww += static_cast<double>(m) * static_cast<double>(m);
  }
  const lfnc::magnitude_side<float> side{&steps, magnitude.data(), total.data(), nullptr, 1000,
                                         false};
  const double alpha = lfnc::best_alpha(&side, 1, ww, area);
  const double multiple = static_cast<double>(0.3F) / alpha;
  CHECK(std::abs(multiple - std::round(multiple)) < 1e-12);
}
