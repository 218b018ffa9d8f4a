#include <lfnc/fit/lloyd.hpp>

#include <lfnc/exec/cpu.hpp>
#include <lfnc/fit.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "support/brute_force.hpp"
#include "support/check.hpp"

namespace {

using matrix = std::vector<std::vector<double>>;

struct published_fit {
  std::vector<double> alpha;
  double error = 0;
  int iterations = 0;
  int best = 0;  // of several, which
};

// The published alternation, word for word: alpha starts at the mean of w^2 of its row; then
// Q = quantize(W / alpha), alpha = <w,q> / (<q,q> + 1e-7) per row, until the norm of the change of
// the vector of all alpha, relative to its norm, is at most 1e-7.
published_fit alternate(const matrix& rows, const std::function<double(double)>& quantize) {
  published_fit fit;
  for (const auto& row : rows) {
    double squares = 0;
    for (const double w : row) squares += w * w;
    fit.alpha.push_back(squares / static_cast<double>(row.size()));
  }
  double relative = 1;
  while (relative > 1e-7) {
    double change = 0;
    double norm = 0;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      double wq = 0;
      double qq = 0;
      for (const double w : rows[r]) {
        const double q = quantize(w / fit.alpha[r]);
        wq += w * q;
        qq += q * q;
      }
      const double next = wq / (qq + 1e-7);
      change += (next - fit.alpha[r]) * (next - fit.alpha[r]);
      norm += next * next;
      fit.alpha[r] = next;
    }
    relative = std::sqrt(change / norm);
    ++fit.iterations;
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (const double w : rows[r]) {
      const double rest = w - fit.alpha[r] * quantize(w / fit.alpha[r]);
      fit.error += rest * rest;
    }
  }
  return fit;
}

// |x| to the nearer of its two neighbouring powers of two (a tie goes down), at most 2^e / 2
// becomes 0, saturated at 2^(e + 6).
double power_of_two_level(double x, int e) {
  if (x == 0) return 0;
  const double magnitude = std::abs(x);
  const double below = std::exp2(std::floor(std::log2(magnitude)));
  double level = magnitude > 1.5 * below ? 2 * below : below;
  if (level <= std::exp2(e) / 2) level = 0;
  return std::copysign(std::min(level, std::exp2(e + 6)), x);
}

// -2^(i - 1) .. 2^(i - 1) - 2^-(8 - i) in steps of 2^-(8 - i), nearest (a tie goes down).
double fixed_point_level(double x, int i) {
  const double step = std::exp2(i - 8);
  const double nearest = std::ceil(x / step - 0.5) * step;
  return std::clamp(nearest, -std::exp2(i - 1), std::exp2(i - 1) - step);
}

// The best of several; `scale` is set to the unit of its codes.
published_fit best_of(const matrix& rows, int first, int last,
                      const std::function<double(double, int)>& level,
                      const std::function<double(int)>& unit) {
  published_fit best;
  for (int k = first; k <= last; ++k) {
    published_fit fit = alternate(rows, [&](double x) { return level(x, k); });
    for (double& alpha : fit.alpha) alpha *= unit(k);
    fit.best = k;
    if (k == first || fit.error < best.error) best = fit;
  }
  return best;
}

template <class T, class Codebook>
std::vector<lfnc::row_fit> lloyd(const matrix& rows, const Codebook& book,
                                 const lfnc::lloyd_options& options = {}) {
  std::vector<T> memory;
  for (const auto& row : rows) {
    for (const double w : row) memory.push_back(static_cast<T>(w));
  }
  std::vector<lfnc::row_fit> result(rows.size());
  const auto view = lfnc::groups(lfnc::as_view(memory, {rows.size(), rows.front().size()}), 0,
                                 static_cast<lfnc::index_t>(rows.front().size()));
  lfnc::fit(lfnc::cpu{1}, view, book, std::span<lfnc::row_fit>(result),
            {lfnc::solver::lloyd, options});
  return result;
}

// Weights as a layer has them, exact as floats so that both precisions work on the same numbers.
matrix layer(generator& random, int rows, int length, double spread, bool laplacian) {
  matrix made(static_cast<std::size_t>(rows));
  for (auto& row : made) {
    const double own = spread * random.uniform(0.5, 2);
    for (int k = 0; k < length; ++k) {
      const double value = laplacian ? random.laplacian() : random.gaussian();
      row.push_back(static_cast<double>(static_cast<float>(own * value)));
    }
  }
  return made;
}

void compare(const std::vector<lfnc::row_fit>& fits, const published_fit& published) {
  double error = 0;
  for (std::size_t r = 0; r < fits.size(); ++r) {
    CHECK(std::abs(fits[r].alpha - published.alpha[r]) <= 1e-6 * published.alpha[r]);
    error += fits[r].squared_error;
  }
  CHECK(std::abs(error - published.error) <= 1e-6 * published.error);
}

double total(const std::vector<lfnc::row_fit>& fits) {
  double error = 0;
  for (const auto& fit : fits) error += fit.squared_error;
  return error;
}

}  // namespace

TEST_CASE("powers of two: the published alternation, the best of four offsets for the layer") {
  generator random(1);
  int chosen[4] = {};
  for (int round = 0; round < 24; ++round) {
    const matrix rows =
        layer(random, 1 + random.below(12), (round % 3 == 0 ? 600 : 20) + random.below(300),
              std::exp(random.uniform(-6, -1)), round % 2 == 0);
    const published_fit published =
        best_of(rows, 0, 3, power_of_two_level, [](int e) { return std::exp2(e); });
    ++chosen[published.best];
    const auto book = lfnc::power_of_two::published(4);
    compare(lloyd<double>(rows, book), published);
    compare(lloyd<float>(rows, book), published);
    // The optimum of the levels reaches or beats it, row by row.
    double least = 0;
    for (const auto& row : rows) {
      least += static_cast<double>(brute_force(row, lfnc::power_of_two(4)).error);
    }
    CHECK(least <= published.error);
  }
  for (const int times : chosen) CHECK(times > 0);
}

TEST_CASE("fixed point: the published alternation, the best of eight integer widths") {
  generator random(2);
  for (int round = 0; round < 6; ++round) {
    const matrix rows = layer(random, 1 + random.below(8), 20 + random.below(200),
                              std::exp(random.uniform(-4, -1)), round % 2 == 0);
    const published_fit published =
        best_of(rows, 1, 8, fixed_point_level, [](int i) { return std::exp2(i - 8); });
    const lfnc::fixed_point book;
    compare(lloyd<double>(rows, book), published);
    compare(lloyd<float>(rows, book), published);
  }
}

TEST_CASE("ternary: the same alternation") {
  generator random(3);
  const matrix rows = layer(random, 10, 300, 0.3, false);
  const published_fit published =
      alternate(rows, [](double x) { return std::clamp(std::floor(x + 0.5), -1.0, 1.0); });
  compare(lloyd<double>(rows, lfnc::ternary()), published);
}

TEST_CASE("rows long enough to be grouped: the same alternation") {
  generator random(6);
  const lfnc::levels uneven(std::vector<double>{-1.5, -0.25, 0, 0.5, 3});
  const lfnc::levels fine(std::vector<double>{-1.3, -0.4, 0, 0.45, 1.7, 3.1});
  for (const int length : {512, 1500, 5000}) {
    CAPTURE(length);
    const matrix rows = layer(random, 3, length, 0.05, length == 1500);
    const auto check = [&](const auto& book) {
      CAPTURE(book.name());
      const auto published = alternate(rows, [&](double x) { return book.decode(book.encode(x)); });
      compare(lloyd<double>(rows, book), published);
      compare(lloyd<float>(rows, book), published);
    };
    check(lfnc::ternary());
    for (int bits = 2; bits <= 6; ++bits) check(lfnc::uniform(bits));
    check(uneven);
    check(fine);
  }
}

TEST_CASE("an element far larger than the others leaves their sums right") {
  generator random(7);
  const lfnc::ternary book;
  for (const int exponent : {-4, 0, 5, 10}) {
    CAPTURE(exponent);
    matrix rows = layer(random, 1, 2000, 0.05, false);
    rows[0][300] = std::ldexp(1.0, exponent);
    const auto published = alternate(rows, [&](double x) { return book.decode(book.encode(x)); });
    compare(lloyd<double>(rows, book), published);
    compare(lloyd<float>(rows, book), published);
  }
}

TEST_CASE("all rows stop together, and after the iterations asked for") {
  generator random(4);
  const matrix rows = layer(random, 2, 200, 0.05, false);
  const auto book = lfnc::power_of_two::published(4);
  // One iteration from the mean of w^2, by hand, for the unit that the layer prefers.
  const auto once = lloyd<double>(rows, book, {.max_iterations = 1});
  double least = std::numeric_limits<double>::infinity();
  for (int e = 0; e <= 3; ++e) {
    double error = 0;
    for (const auto& row : rows) {
      double squares = 0;
      for (const double w : row) squares += w * w;
      const double start = squares / static_cast<double>(row.size());
      double wq = 0;
      double qq = 1e-7;
      for (const double w : row) {
        const double q = power_of_two_level(w / start, e);
        wq += w * q;
        qq += q * q;
      }
      for (const double w : row) {
        const double rest = w - wq / qq * power_of_two_level(w / (wq / qq), e);
        error += rest * rest;
      }
    }
    least = std::min(least, error);
  }
  CHECK(std::abs(total(once) - least) <= 1e-9 * least);
  CHECK(total(lloyd<double>(rows, book)) < least);
  // A coarse tolerance stops at once.
  const auto loose = lloyd<double>(rows, book, {.tolerance = 1e9});
  CHECK(total(loose) == total(once));
}

TEST_CASE("a row whose codes all fall to 0 is started again from its largest element") {
  // mean of w^2 = 10^4: w / alpha = 0.01 and every code is 0, where the published formula ends in
  // 0 / 0.
  const matrix rows{{100, -100, 100, 100}, {0.5, -0.25, 0.125, 0}};
  for (const auto& fit : lloyd<float>(rows, lfnc::power_of_two::published(4))) {
    CHECK(fit.alpha > 0);
    CHECK(fit.relative_error < 1e-10);
  }
}

TEST_CASE("rows of zeros rest at alpha 0 and disturb nobody") {
  const matrix rows{{0, 0, 0, 0}, {0.5, -0.25, 0.125, 0.25}};
  const auto fits = lloyd<float>(rows, lfnc::power_of_two(4));
  CHECK(fits[0].alpha == 0);
  CHECK(fits[0].squared_error == 0);
  CHECK(fits[1].relative_error < 1e-10);
}

TEST_CASE("scale does not matter: rows at both ends of the range") {
  generator random(5);
  const matrix plain = layer(random, 3, 100, 1, false);
  const auto reference = lloyd<double>(plain, lfnc::uniform(4));
  for (const double power : {-1000.0, -500.0, 500.0, 1000.0}) {
    CAPTURE(power);
    matrix rows = plain;
    for (auto& row : rows) {
      for (double& w : row) w = std::ldexp(w, static_cast<int>(power));
    }
    const auto fits = lloyd<double>(rows, lfnc::uniform(4));
    for (std::size_t r = 0; r < rows.size(); ++r) {
      CHECK(fits[r].alpha > 0);
      CHECK(fits[r].relative_error < 1.5 * reference[r].relative_error);
      CHECK(fits[r].relative_error >
            0.999 * static_cast<double>(brute_force(rows[r], lfnc::uniform(4)).error /
                                        brute_force(rows[r], lfnc::uniform(4)).ww));
    }
  }
  // Together in one layer: each row has alpha of its own order of magnitude.
  matrix mixed = plain;
  for (double& w : mixed[0]) w = std::ldexp(w, -1000);
  for (double& w : mixed[1]) w = std::ldexp(w, 1000);
  for (const auto& fit : lloyd<double>(mixed, lfnc::uniform(4))) {
    CHECK(fit.alpha > 0);
    CHECK(fit.relative_error < 0.1);
  }
}

TEST_CASE("options out of range are refused") {
  const matrix rows{{1, 2}};
  CHECK_REFUSED(lloyd<float>(rows, lfnc::ternary(), {.epsilon = -1}), "epsilon: is negative");
  CHECK_REFUSED(lloyd<float>(rows, lfnc::ternary(), {.epsilon = std::nan("")}), "epsilon");
  CHECK_REFUSED(lloyd<float>(rows, lfnc::ternary(), {.tolerance = -1}), "tolerance: is negative");
  CHECK_REFUSED(lloyd<float>(rows, lfnc::ternary(), {.max_iterations = 0}), "max_iterations");
}
