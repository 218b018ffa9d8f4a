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
}

namespace {
lfnc::search_area area;
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
