// min over alpha and q of |w - alpha q|^2 by trying every assignment, in long double; and rows of
// every kind to try it on.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <lfnc/codebook.hpp>
#include <limits>
#include <string>
#include <vector>

#include "random.hpp"

struct optimum {
  long double error = 0;  // the least there is
  long double ww = 0;     // |w|^2
};

// As alpha falls from infinity to 0, element w stands at the level next to 0 on its side until
// alpha = w / (midway to the next level), and so on. All such events in order pass through every
// assignment that any alpha has (and through those in between where several coincide); for each
// the best alpha leaves ww - wq^2 / qq.
template <class T, class Codebook>
optimum brute_force(const std::vector<T>& row, const Codebook& book) {
  struct event {
    long double alpha;
    long double wq;
    long double qq;
  };
  static std::vector<event> events;  // kept: its memory is large
  events.clear();
  optimum best;
  long double wq = 0;
  long double qq = 0;
  const int count = book.level_count();
  for (const T value : row) {
    const auto w = static_cast<long double>(value);
    best.ww += w * w;
    int k = 0;
    const auto midway = [&](int index) {
      return (static_cast<long double>(book.level(index)) + book.level(index + 1)) / 2;
    };
    while (k + 1 < count && (w < 0 ? midway(k) < 0 : midway(k) <= 0)) ++k;
    wq += w * book.level(k);
    qq += static_cast<long double>(book.level(k)) * book.level(k);
    const int step = w < 0 ? -1 : 1;
    for (; w != 0 && k + step >= 0 && k + step < count; k += step) {
      const long double now = book.level(k);
      const long double next = book.level(k + step);
      events.push_back({w / ((now + next) / 2), w * (next - now), next * next - now * now});
    }
  }
  std::sort(events.begin(), events.end(),
            [](const event& a, const event& b) { return a.alpha > b.alpha; });
  long double gain = wq > 0 && qq > 0 ? wq * wq / qq : 0;
  for (const event& e : events) {
    wq += e.wq;
    qq += e.qq;
    if (wq > 0 && qq > 0) gain = std::max(gain, wq * wq / qq);
  }
  best.error = best.ww - gain;
  return best;
}

// |w - alpha q|^2 for the given codes.
template <class T, class Codebook, class Code>
long double error_of(const std::vector<T>& row, const Codebook& book, double alpha,
                     const Code* codes) {
  long double error = 0;
  for (std::size_t k = 0; k < row.size(); ++k) {
    const long double rest =
        static_cast<long double>(row[k]) - static_cast<long double>(alpha) * book.decode(codes[k]);
    error += rest * rest;
  }
  return error;
}

enum class row_kind {
  gaussian,
  laplacian,
  uniform,
  sparse,
  ties,
  outliers,
  denormals,
  one_value,
  zeros,
  one_element,
  huge_ratios,
  one_sign,
  on_the_grid,
  tiny,
  huge,
  count
};

template <class T>
std::vector<T> make_row(generator& random, row_kind kind, int length) {
  using limits = std::numeric_limits<T>;
  constexpr bool wide = sizeof(T) == 8;
  std::vector<T> row(static_cast<std::size_t>(length));
  const double spread = std::exp(random.uniform(-5, 3));
  const int lucky = random.below(length);
  for (int k = 0; k < length; ++k) {
    double value = spread * random.gaussian();
    switch (kind) {
      case row_kind::laplacian:
        value = spread * random.laplacian();
        break;
      case row_kind::uniform:
        value = spread * random.uniform(-1, 1);
        break;
      case row_kind::sparse:
        value = random.below(10) == 0 ? value : 0;
        break;
      case row_kind::ties:
        value = random.below(9) - 4;
        break;
      case row_kind::outliers:
        value = k == lucky ? value * 1e4 : value;
        break;
      case row_kind::denormals:
        value = random.gaussian() * 30 * static_cast<double>(limits::denorm_min());
        break;
      case row_kind::one_value:
        value = random.below(2) == 0 ? spread : -spread;
        break;
      case row_kind::zeros:
        value = random.below(2) == 0 ? 0.0 : -0.0;
        break;
      case row_kind::one_element:
        value = k == lucky ? value : 0;
        break;
      case row_kind::huge_ratios:
        value = random.gaussian() *
                std::pow(10.0, random.below(2) == 0 ? (wide ? 300 : 37) : (wide ? -300 : -37));
        break;
      case row_kind::one_sign:
        value = std::abs(value);
        break;
      case row_kind::on_the_grid:
        value = 0.125 * (random.below(15) - 7);
        break;
      case row_kind::tiny:
        value = random.gaussian() * (wide ? 1e-300 : 1e-36);
        break;
      case row_kind::huge:
        value = random.gaussian() * (wide ? 1e300 : 1e36);
        break;
      case row_kind::gaussian:
      case row_kind::count:
        break;
    }
    row[static_cast<std::size_t>(k)] = static_cast<T>(value);
  }
  return row;
}

// Calls check(codebook) for every codebook that the exact solver takes.
template <class Check>
void for_each_codebook(Check check) {
  check(lfnc::ternary());
  for (int bits = 2; bits <= 8; ++bits) check(lfnc::uniform(bits));
  for (const int bits : {3, 4}) check(lfnc::power_of_two(bits));
  const auto custom = [&](const std::vector<double>& ascending) { check(lfnc::levels(ascending)); };
  custom({-12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12});
  custom({-1, 1});
  custom({-2.5, -1, -0.25, 0.25, 1, 2.5});
  check(lfnc::fixed_point());
  for (const int bits : {1, 2, 4, 8}) check(lfnc::unsigned_uniform(bits));
  custom({-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7});
  custom({-1.5, -0.25, 0, 0.5, 3});
  custom({-3, 1});
  custom({1, 2, 4});
  custom({-4, -2, -1});
}
