#include <lfnc/fit.hpp>

#include <lfnc/exec/cpu.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/check.hpp"
#include "support/random.hpp"
#include "support/random_weights.hpp"
#include "support/shape.hpp"

using lfnc::as_view;
using lfnc::row_fit;

namespace {

template <class View>
std::vector<row_fit> fit(const View& rows, lfnc::solver solver, int threads = 1) {
  std::vector<row_fit> result(static_cast<std::size_t>(rows.rows()));
  lfnc::fit(lfnc::cpu{threads}, rows, lfnc::uniform(4), std::span<row_fit>(result), {solver, {}});
  return result;
}

bool same(const std::vector<row_fit>& a, const std::vector<row_fit>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k].alpha != b[k].alpha || a[k].squared_error != b[k].squared_error ||
        a[k].relative_error != b[k].relative_error) {
      return false;
    }
  }
  return true;
}

// A codebook of a user's own, with a level that no float is equal to.
struct tenths : lfnc::ternary {
  double decode(std::int8_t code) const { return 0.1 * code; }
  double level(int index) const { return 0.1 * (index - 1); }
};

}  // namespace

TEST_CASE("every solver reports the error of its alpha, as a float alpha") {
  const auto weights = random_weights(6 * 50, 1);
  const auto rows = lfnc::groups(as_view(weights, {6, 50}), 0, 50);
  for (const auto solver : {lfnc::solver::exact, lfnc::solver::lloyd, lfnc::solver::abs_max}) {
    const auto fits = fit(rows, solver);
    for (std::size_t r = 0; r < 6; ++r) {
      CHECK(static_cast<double>(static_cast<float>(fits[r].alpha)) == fits[r].alpha);
      double error = 0;
      double ww = 0;
      const auto inverse = static_cast<float>(1 / fits[r].alpha);
      for (std::size_t k = 0; k < 50; ++k) {
        const float w = weights[r * 50 + k];
        const double q = lfnc::uniform(4).encode(w * inverse);
        error += (static_cast<double>(w) - fits[r].alpha * q) *
                 (static_cast<double>(w) - fits[r].alpha * q);
        ww += static_cast<double>(w) * static_cast<double>(w);
      }
      CHECK(std::abs(fits[r].squared_error - error) <= 1e-12 * ww);
      CHECK(std::abs(fits[r].relative_error - error / ww) <= 1e-12);
    }
  }
  const auto exact = fit(rows, lfnc::solver::exact);
  const auto lloyd = fit(rows, lfnc::solver::lloyd);
  const auto widest = fit(rows, lfnc::solver::abs_max);
  for (std::size_t r = 0; r < 6; ++r) {
    CHECK(exact[r].squared_error <= lloyd[r].squared_error);
    CHECK(exact[r].squared_error < widest[r].squared_error);
  }
}

TEST_CASE("the largest element of a row takes the last level with abs_max") {
  const std::vector<float> weights{0.5F, -7, 1, 3.5F};
  const auto fits = fit(lfnc::groups(as_view(weights, {2, 2}), 0, 2), lfnc::solver::abs_max);
  CHECK(fits[0].alpha == 1);
  CHECK(fits[1].alpha == 0.5);
  CHECK(fits[1].squared_error == 0);
}

TEST_CASE("threads and memory layout do not change a bit") {
  generator random(2);
  const std::array<lfnc::index_t, 4> extents{17, 40, 9, 13};
  const auto dense = random_weights(17 * 40 * 9 * 13, 3);
  const auto view = as_view(dense.data(), extents);
  auto strided_weights = random_layout<float, 4>(random, extents, false);
  for_each_position(extents, [&](const auto& position) {
    element_at(strided_weights.view, position) = element_at(view, position);
  });
  for (const auto solver : {lfnc::solver::exact, lfnc::solver::lloyd, lfnc::solver::abs_max}) {
    for (const lfnc::index_t group : {lfnc::index_t{32}, lfnc::index_t{40 * 9 * 13}}) {
      const auto expected = fit(lfnc::groups(view, 0, group), solver, 1);
      for (int threads = 2; threads <= 5; ++threads) {
        CHECK(same(fit(lfnc::groups(view, 0, group), solver, threads), expected));
      }
      CHECK(same(fit(lfnc::groups(strided_weights.view, 0, group), solver, 3), expected));
    }
  }
}

TEST_CASE("groups are fitted one by one") {
  const auto weights = random_weights(2 * 10, 4);
  const auto fits = fit(lfnc::groups(as_view(weights, {2, 10}), 0, 4), lfnc::solver::exact);
  REQUIRE(fits.size() == 6);
  const std::vector<float> last(weights.end() - 2, weights.end());
  CHECK(same({fits[5]}, fit(lfnc::groups(as_view(last, {1, 2}), 0, 2), lfnc::solver::exact)));
}

TEST_CASE("16-bit weights are computed as floats") {
  const auto weights = random_weights(3 * 100, 5);
  std::vector<lfnc::bfloat16> brain;
  std::vector<float> widened;
  for (const float w : weights) {
    brain.emplace_back(w);
    widened.push_back(brain.back());
  }
  CHECK(same(fit(lfnc::groups(as_view(brain, {3, 100}), 0, 100), lfnc::solver::exact),
             fit(lfnc::groups(as_view(widened, {3, 100}), 0, 100), lfnc::solver::exact)));
}

TEST_CASE("squared errors beyond the range of double are its largest number") {
  for (const double size : {1e100, 1e154, 1e160, 1e300}) {
    CAPTURE(size);
    std::vector<double> weights;
    for (const float w : random_weights(64, 5)) weights.push_back(size * static_cast<double>(w));
    for (const auto solver : {lfnc::solver::exact, lfnc::solver::lloyd, lfnc::solver::abs_max}) {
      const row_fit found = fit(lfnc::groups(as_view(weights, {1, 64}), 0, 64), solver)[0];
      CHECK(std::isfinite(found.squared_error));
      CHECK(found.squared_error > 0);
      CHECK(found.relative_error > 0);
      CHECK(found.relative_error < 0.05);
      CHECK((found.squared_error == std::numeric_limits<double>::max()) == (size >= 1e160));
    }
  }
}

// Whole numbers from low to high, more than the exact solver's tables hold.
struct many_levels : lfnc::detail::whole_levels<std::int16_t> {
  static constexpr int bits() { return 16; }
  static std::string name() { return "many"; }
};

TEST_CASE("codebooks of more thresholds than the tables hold are refused, or served") {
  const auto weights = random_weights(300, 6);
  const auto rows = lfnc::groups(as_view(weights, {1, 300}), 0, 300);
  const auto run = [&](int low, int high, lfnc::solver solver) {
    std::vector<row_fit> result{{7, 7, 7}};
    const many_levels book{{low, high}};
    try {
      lfnc::fit(lfnc::cpu{1}, rows, book, std::span<row_fit>(result), {solver, {}});
    } catch (const lfnc::argument_error& problem) {
      CHECK(problem.argument() == "codebook");
      CHECK(same(result, {{7, 7, 7}}));
      return false;
    }
    CHECK(result[0].relative_error < 1e-3);
    return true;
  };
  CHECK(run(-256, 256, lfnc::solver::exact));
  CHECK_FALSE(run(-257, 257, lfnc::solver::exact));
  CHECK_FALSE(run(-511, 511, lfnc::solver::exact));
  // Two sides of at most 256 thresholds, but more together.
  CHECK(run(-100, 156, lfnc::solver::exact));
  CHECK_FALSE(run(-100, 157, lfnc::solver::exact));
  CHECK_FALSE(run(-200, 250, lfnc::solver::exact));
  for (const auto solver : {lfnc::solver::lloyd, lfnc::solver::abs_max}) {
    CHECK(run(-511, 511, solver));
    CHECK(run(-200, 250, solver));
  }
}

TEST_CASE("what cannot be fitted is refused, and no result is touched") {
  auto weights = random_weights(12, 6);
  const auto view = as_view(weights, {3, 4});
  const row_fit untouched{-1, -2, -3};
  std::vector<row_fit> result(3, untouched);
  const auto run = [&](const auto& rows, std::span<row_fit> into,
                       const lfnc::fit_options& options = {}) {
    lfnc::fit(lfnc::cpu{1}, rows, lfnc::uniform(4), into, options);
  };
  const auto rows = lfnc::groups(view, 0, 4);
  CHECK_REFUSED(run(rows, std::span(result).first(2)), "rows: holds 2 entries for 3 rows");
  CHECK_REFUSED(run(lfnc::groups(as_view(weights.data(), {0, 4}), 0, 4), {}),
                "weights: there are no elements");
  CHECK_REFUSED(run(lfnc::groups(as_view(weights.data(), {3, 0}), 0, 4), {}),
                "weights: there are no elements");
  CHECK_REFUSED(run(lfnc::group_view<float>{lfnc::channels(view, 0), 0}, result),
                "weights: a group holds at least one element");
  CHECK_REFUSED(run(rows, result, {static_cast<lfnc::solver>(9), {}}),
                "solver: is none of exact, lloyd and abs_max");
  CHECK_REFUSED(lfnc::fit(lfnc::cpu{1}, rows, tenths(), std::span(result)),
                "codebook: level 0 is -0.1, which no float is equal to");
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    auto poisoned = weights;
    poisoned[4 + 3] = bad;
    for (const auto solver : {lfnc::solver::exact, lfnc::solver::lloyd, lfnc::solver::abs_max}) {
      CHECK_REFUSED(run(lfnc::groups(as_view(poisoned, {3, 4}), 0, 4), result, {solver, {}}),
                    "weights: element 3 of channel 1 is NaN or infinite");
    }
    std::vector<row_fit> six(6, untouched);
    CHECK_REFUSED(run(lfnc::groups(as_view(poisoned, {3, 4}), 0, 2), six),
                  "weights: element 3 of channel 1 is NaN or infinite");
    poisoned[1] = bad;
    CHECK_REFUSED(run(lfnc::groups(as_view(poisoned, {3, 4}), 1, 3), result),
                  "rows: holds 3 entries for 4 rows");
  }
  CHECK(same(result, std::vector<row_fit>(3, untouched)));
  std::vector<double> huge{1e308, -1e308};
  const std::vector<double> small_levels{-0.01, 0, 0.01};
  CHECK_OVERFLOW(lfnc::fit(lfnc::cpu{1}, lfnc::groups(as_view(huge, {1, 2}), 0, 2),
                           lfnc::levels(small_levels), std::span(result).first(1)),
                 "weights: alpha of row 0 is beyond the range of double");
  CHECK(same(result, std::vector<row_fit>(3, untouched)));
}

TEST_CASE("rows of groups, channels and tensors, with a policy or without") {
  const std::vector<double> weights{1, 2, -7, 0.5, 3, 3};
  const auto view = as_view(weights, {2, 3});
  const lfnc::uniform book(4);
  std::vector<row_fit> expected(2);
  lfnc::fit(lfnc::cpu{1}, lfnc::groups(view, 0, 3), book, expected);
  const auto is_expected = [&](auto run) {
    std::vector<row_fit> rows(2);
    run(rows);
    CHECK(same(rows, expected));
  };
  is_expected([&](auto& rows) { lfnc::fit(view, book, rows); });
  is_expected([&](auto& rows) { lfnc::fit(lfnc::cpu{1}, view, book, rows, {}); });
  is_expected([&](auto& rows) { lfnc::fit(lfnc::groups(view, 0, 3), book, rows); });
  is_expected([&](auto& rows) { lfnc::fit(lfnc::cpu{1}, lfnc::channels(view, 0), book, rows); });
}
