// lfnc floor 3: activation: alpha of a whole-number grid for the values that a histogram counted.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "../histogram.hpp"
#include "search/best_alpha.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// The non-empty bins of a histogram in descending order, as the exact fit wants them, by their
// middles in units of the bins' width (so that no square leaves the range of double).
struct descending_bins {
  std::vector<double> magnitude;
  std::vector<double> total{0};
  std::vector<double> mass{0};
  double squares = 0;

  explicit descending_bins(const histogram& counts) {
    for (int bin = histogram::bins - 1; bin >= 0; --bin) {
      const auto count = static_cast<double>(counts.count(bin));
      if (count == 0) continue;
      const double center = bin + 0.5;
      magnitude.push_back(center);
      total.push_back(total.back() + rounded(count * center));
      mass.push_back(mass.back() + count);
      squares += rounded(count * center * center);
    }
  }
};

// Levels 0, 1, ..., high.
inline level_steps grid_steps(int high) {
  level_steps steps;
  for (; steps.thresholds < high; ++steps.thresholds) {
    const int k = steps.thresholds;
    steps.threshold[k] = k + 0.5;
    steps.step[k] = 1;
    steps.square_step[k] = 2 * k + 1;
  }
  return steps;
}

// The alpha of least squared error for levels 0..high (1 <= high <= 255), a global optimum over the
// histogram, whose bins stand for their middles. The histogram must count a value above 0.
// Milliseconds; allocates three numbers a bin.
inline double fit_grid_exact(const histogram& magnitudes, int high) {
  const descending_bins bins(magnitudes);
  const level_steps steps = grid_steps(high);
  const magnitude_side<double> side{&steps,
                                    bins.magnitude.data(),
                                    bins.total.data(),
                                    bins.mass.data(),
                                    static_cast<index_t>(bins.magnitude.size()),
                                    false};
  std::vector<search_area> area(1);
  return best_alpha(&side, 1, bins.squares, area[0]) * magnitudes.width();
}

// The published alternation: from alpha = max / high, q = clamp(floor(v / alpha + 0.5), 0, high)
// and alpha = <v,q> / <q,q> in turn, until alpha changes by at most 1e-3 of itself or the error
// grows, when the alpha before is kept. Source: He & Cheng, ECCV 2018, section 3.3.
inline double fit_grid_lloyd(const histogram& magnitudes, int high) {
  // In units of the bins' width.
  const auto sums_at = [&](double alpha) {
    projection sums;
    for (int bin = 0; bin < histogram::bins; ++bin) {
      const auto count = static_cast<double>(magnitudes.count(bin));
      if (count == 0) continue;
      const double v = bin + 0.5;
      const double q = std::min(std::floor(v / alpha + 0.5), static_cast<double>(high));
      sums.wq += rounded(count * v * q);
      sums.qq += rounded(count * q * q);
      sums.ww += rounded(count * v * v);
    }
    return sums;
  };
  double alpha = magnitudes.largest() / magnitudes.width() / high;
  projection sums = sums_at(alpha);
  double error = sums.error_at(alpha);
  while (true) {
    const double next = sums.alpha();
    const projection next_sums = sums_at(next);
    const double next_error = next_sums.error_at(next);
    if (next_error > error) return alpha * magnitudes.width();
    const bool settled = std::abs(next - alpha) <= 1e-3 * alpha;
    alpha = next;
    sums = next_sums;
    error = next_error;
    if (settled) return alpha * magnitudes.width();
  }
}

// The value that `share` (0..1) of the counted values, zeros included, do not exceed, to the width
// of a bin; the largest value at 1.
inline double percentile(const histogram& magnitudes, double share) {
  if (share >= 1) return magnitudes.largest();
  const double wanted = share * static_cast<double>(magnitudes.total());
  auto passed = static_cast<double>(magnitudes.zeros());
  for (int bin = 0; bin < histogram::bins; ++bin) {
    passed += static_cast<double>(magnitudes.count(bin));
    if (passed >= wanted && magnitudes.count(bin) > 0) {
      return std::min(magnitudes.center(bin) + magnitudes.width() / 2, magnitudes.largest());
    }
  }
  return magnitudes.largest();
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
