#include <lfnc/fit/activation.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/brute_force.hpp"

namespace {

lfnc::histogram histogram_of(const std::vector<double>& values) {
  lfnc::histogram counts;
  for (const double value : values) counts.add(value);
  return counts;
}

// sum of (v - alpha q)^2 over the bins, by their middles, in units of the bins' width.
long double error_at(const lfnc::histogram& counts, int high, double alpha) {
  long double error = 0;
  for (int bin = 0; bin < lfnc::histogram::bins; ++bin) {
    if (counts.count(bin) == 0) continue;
    const long double v = bin + 0.5L;
    const long double a = static_cast<long double>(alpha) / counts.width();
    const long double q = std::min<long double>(std::floor(v / a + 0.5L), high);
    error += static_cast<long double>(counts.count(bin)) * (v - a * q) * (v - a * q);
  }
  return error;
}

struct grid {
  int high;
  int level_count() const { return high + 1; }
  double level(int index) const { return index; }
};

std::vector<double> activations(generator& random, int count, double spread) {
  std::vector<double> values;
  for (int k = 0; k < count; ++k) {
    values.push_back(std::max(0.0, spread * (random.gaussian() + 0.3 * random.laplacian())));
  }
  return values;
}

// The published calibration on the values themselves: alpha = max / 127, q = clamp(floor(v / alpha
// + 0.5), 0, 127), alpha = <v,q> / <q,q>, until alpha changes by at most 1e-3 of itself or the
// error grows, when the alpha before is kept.
double published_alpha(const std::vector<double>& values, int high) {
  double alpha = *std::max_element(values.begin(), values.end()) / high;
  double error = std::numeric_limits<double>::infinity();
  double before = alpha;
  while (true) {
    double vq = 0;
    double qq = 0;
    double now = 0;
    for (const double v : values) {
      const double q = std::clamp(std::floor(v / alpha + 0.5), 0.0, static_cast<double>(high));
      vq += v * q;
      qq += q * q;
      now += (v - alpha * q) * (v - alpha * q);
    }
    if (now > error) return before;
    error = now;
    before = alpha;
    alpha = vq / qq;
    if (std::abs(alpha - before) <= 1e-3 * before) return alpha;
  }
}

}  // namespace

TEST_CASE("the exact fit is the optimum over the histogram") {
  generator random(1);
  for (const int high : {1, 3, 7, 15, 127, 255}) {
    for (int round = 0; round < 6; ++round) {
      const auto counts =
          histogram_of(activations(random, 20 + 400 * round, std::exp(random.uniform(-6, 6))));
      // Every counted value as the middle of its bin.
      std::vector<double> middles;
      for (int bin = 0; bin < lfnc::histogram::bins; ++bin) {
        for (std::uint64_t k = 0; k < counts.count(bin); ++k) middles.push_back(bin + 0.5);
      }
      const optimum least = brute_force(middles, grid{high});
      const double alpha = lfnc::detail::fit_grid_exact(counts, high);
      CHECK(error_at(counts, high, alpha) <= least.error + 1e-12L * least.ww);
      // And so nothing else is better.
      CHECK(error_at(counts, high, alpha) <=
            error_at(counts, high, lfnc::detail::fit_grid_lloyd(counts, high)) + 1e-12L * least.ww);
      CHECK(error_at(counts, high, alpha) <=
            error_at(counts, high, counts.largest() / high) + 1e-12L * least.ww);
      CHECK(error_at(counts, high, alpha) <=
            error_at(counts, high, lfnc::detail::percentile(counts, 0.99) / high) +
                1e-12L * least.ww);
    }
  }
}

TEST_CASE("the alternation over the histogram follows that over the values") {
  generator random(2);
  for (int round = 0; round < 12; ++round) {
    const auto values = activations(random, 40000, std::exp(random.uniform(-3, 3)));
    for (const int high : {127, 255}) {
      const double published = published_alpha(values, high);
      const double alpha = lfnc::detail::fit_grid_lloyd(histogram_of(values), high);
      CHECK(std::abs(alpha - published) <= 5e-3 * published);
    }
  }
}

TEST_CASE("values on the grid are fitted exactly, up to the width of a bin") {
  std::vector<double> values;
  for (int k = 1; k <= 127; ++k) values.push_back(0.25 * k);
  const auto counts = histogram_of(values);
  for (const double alpha :
       {lfnc::detail::fit_grid_exact(counts, 127), lfnc::detail::fit_grid_lloyd(counts, 127)}) {
    CHECK(std::abs(alpha - 0.25) < counts.width());
  }
}

TEST_CASE("a single value") {
  const auto counts = histogram_of({3.0});
  for (const int high : {1, 7, 255}) {
    const double center = counts.center(static_cast<int>(3.0 / counts.width()));
    const double exact = center / lfnc::detail::fit_grid_exact(counts, high);
    CHECK(std::abs(exact - std::round(exact)) < 1e-9);
    CHECK(std::round(exact) >= 1);
    CHECK(std::round(exact) <= high);
    CHECK(std::abs(lfnc::detail::fit_grid_lloyd(counts, high) * high - center) < 1e-9);
  }
}

TEST_CASE("scale does not matter") {
  generator random(3);
  const auto values = activations(random, 500, 1);
  const double exact = lfnc::detail::fit_grid_exact(histogram_of(values), 127);
  const double lloyd = lfnc::detail::fit_grid_lloyd(histogram_of(values), 127);
  const double part = lfnc::detail::percentile(histogram_of(values), 0.9);
  for (const int power : {-880, -600, 100, 600, 1000}) {
    CAPTURE(power);
    std::vector<double> scaled = values;
    for (double& value : scaled) value = std::ldexp(value, power);
    const auto counts = histogram_of(scaled);
    CHECK(lfnc::detail::fit_grid_exact(counts, 127) == std::ldexp(exact, power));
    CHECK(lfnc::detail::fit_grid_lloyd(counts, 127) == std::ldexp(lloyd, power));
    CHECK(lfnc::detail::percentile(counts, 0.9) == std::ldexp(part, power));
  }
}

TEST_CASE("a percentile is right to the width of a bin") {
  std::vector<double> values;
  for (int k = 1; k <= 1000; ++k) values.push_back(k);
  auto counts = histogram_of(values);
  const double shares[][2] = {{0.001, 1}, {0.1, 100}, {0.5, 500}, {0.9, 900}, {0.999, 999}};
  for (const auto& [share, value] : shares) {
    CHECK(std::abs(lfnc::detail::percentile(counts, share) - value) <= counts.width());
  }
  CHECK(lfnc::detail::percentile(counts, 1) == 1000);
  CHECK(lfnc::detail::percentile(counts, 0.99999) == 1000);
  // Zeros count, and a share that they cover leads to the first value above 0.
  for (int k = 0; k < 1000; ++k) counts.add(0);
  CHECK(std::abs(lfnc::detail::percentile(counts, 0.75) - 500) <= counts.width());
  CHECK(std::abs(lfnc::detail::percentile(counts, 0.25) - 1) <= counts.width());
}
