// lfnc floor 1: breakpoints: the global optimum of |w - alpha q|^2 over alpha and q, from sorted
// magnitudes.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "codebook.hpp"
#include "projection.hpp"

namespace lfnc {

// How the level of an element of one sign grows as alpha falls: magnitude m stands at level `base`
// until alpha falls to m / threshold[0], where its level grows by step[0], and so on, so that it is
// always at the nearest level of m / alpha.
struct level_steps {
  int thresholds = 0;
  double base = 0;                      // level at magnitudes next to 0; may be negative
  std::array<double, 256> threshold;    // ascending, above 0
  std::array<double, 256> step;         // growth of the level there
  std::array<double, 256> square_step;  // growth of its square
};

// The elements of one sign: magnitudes in descending order with running totals. total[k] is the sum
// of the first k magnitudes and mass[k] their number; both have count + 1 entries. In a histogram
// an entry is a bin: mass counts its elements, total sums them. mass may be null where every entry
// is one element. Memory is the caller's.
template <class T>
struct magnitude_side {
  const level_steps* levels = nullptr;
  const T* magnitude = nullptr;
  const double* total = nullptr;
  const double* mass = nullptr;
  index_t count = 0;

  LFNC_HD constexpr double mass_of(index_t first) const {
    return mass != nullptr ? mass[first] : static_cast<double>(first);
  }

  // How many entries stand beyond threshold k at this alpha: magnitude >= threshold * alpha.
  LFNC_HD constexpr index_t rank(std::size_t k, double alpha) const {
    const double cut = levels->threshold[k] * alpha;
    index_t low = 0;
    index_t high = count;
    while (low < high) {
      const index_t middle = low + (high - low) / 2;
      if (static_cast<double>(magnitude[middle]) >= cut) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
};

inline namespace LFNC_ABI {

// The steps of the positive levels, or of the negative ones mirrored.
template <codebook_type Codebook>
level_steps make_steps(const Codebook& codebook, bool negative) {
  const int count = codebook.level_count();
  const auto level = [&](int k) {
    return negative ? -static_cast<double>(codebook.level(count - 1 - k))
                    : static_cast<double>(codebook.level(k));
  };
  level_steps steps;
  int k = 0;
  while (k + 1 < count && (level(k) + level(k + 1)) / 2 <= 0) ++k;
  steps.base = level(k);
  for (; k + 1 < count; ++k) {
    const auto slot = static_cast<std::size_t>(steps.thresholds++);
    steps.threshold[slot] = (level(k) + level(k + 1)) / 2;
    steps.step[slot] = level(k + 1) - level(k);
    steps.square_step[slot] = level(k + 1) * level(k + 1) - level(k) * level(k);
  }
  return steps;
}

namespace detail {

// Levels of all elements at one alpha, as far as the error needs them.
struct assignment {
  double alpha = 0;
  projection sums;
  index_t passed = 0;  // thresholds passed by all elements together
};

template <class T, std::size_t Sides>
assignment assign(const std::array<magnitude_side<T>, Sides>& sides, double ww, double alpha) {
  assignment result;
  result.alpha = alpha;
  result.sums.ww = ww;
  for (const magnitude_side<T>& side : sides) {
    const level_steps& levels = *side.levels;
    result.sums.wq += levels.base * side.total[side.count];
    result.sums.qq += levels.base * levels.base * side.mass_of(side.count);
    for (std::size_t k = 0; k < static_cast<std::size_t>(levels.thresholds); ++k) {
      const index_t rank = side.rank(k, alpha);
      result.sums.wq += levels.step[k] * side.total[rank];
      result.sums.qq += levels.square_step[k] * side.mass_of(rank);
      result.passed += rank;
    }
  }
  return result;
}

// Visits every assignment with alpha in (low.alpha, high.alpha], largest alpha first, and returns
// the one of greatest gain.
template <class T, std::size_t Sides>
assignment sweep(const std::array<magnitude_side<T>, Sides>& sides, const assignment& low,
                 const assignment& high) {
  struct front {
    std::size_t side;
    std::size_t threshold;
    index_t next;
    index_t end;
  };
  std::array<front, 512> fronts;
  std::size_t open = 0;
  for (std::size_t s = 0; s < Sides; ++s) {
    for (std::size_t k = 0; k < static_cast<std::size_t>(sides[s].levels->thresholds); ++k) {
      const index_t begin = sides[s].rank(k, high.alpha);
      const index_t end = sides[s].rank(k, low.alpha);
      if (begin < end) fronts[open++] = {s, k, begin, end};
    }
  }
  assignment current = high;
  assignment best = high;
  while (open > 0) {
    double alpha = 0;
    for (std::size_t f = 0; f < open; ++f) {
      const auto& side = sides[fronts[f].side];
      const double at = static_cast<double>(side.magnitude[fronts[f].next]) /
                        side.levels->threshold[fronts[f].threshold];
      alpha = at > alpha ? at : alpha;
    }
    // All elements that cross here, equal ones too, cross together.
    for (std::size_t f = 0; f < open;) {
      front& edge = fronts[f];
      const auto& side = sides[edge.side];
      const index_t from = edge.next;
      while (edge.next < edge.end && static_cast<double>(side.magnitude[edge.next]) /
                                             side.levels->threshold[edge.threshold] >=
                                         alpha) {
        ++edge.next;
      }
      current.sums.wq +=
          side.levels->step[edge.threshold] * (side.total[edge.next] - side.total[from]);
      current.sums.qq +=
          side.levels->square_step[edge.threshold] * (side.mass_of(edge.next) - side.mass_of(from));
      if (edge.next == edge.end) {
        edge = fronts[--open];
      } else {
        ++f;
      }
    }
    current.alpha = alpha;
    if (current.sums.gain() > best.sums.gain()) best = current;
  }
  return best;
}

}  // namespace detail

// The alpha > 0 (and with it the levels, encode(w / alpha)) of least |w - alpha q|^2 for a row
// given as one side (symmetric codebook, magnitudes |w|) or two (positive and negative elements),
// and ww = <w,w>. The result is the global optimum up to rounding (an error within 1e-13 ww of it).
// alpha is 0 where no alpha > 0 takes anything off ww.
//
// As alpha falls from infinity to 0 the levels change only at the breakpoints m / threshold, and
// between two of them the best alpha and its gain follow from <w,q> and <q,q>. The search halves
// the range of alpha (on a logarithmic scale) and drops an interval [a, b] where one of two bounds
// says that it cannot hold the optimum:
//  - <w,q> and <q,q> only grow as alpha falls, so every gain in it is at most
//    <w,q(a)>^2 / <q(b),q(b)>;
//  - for r(alpha) = min over q of |w - alpha q| and any levels q of the interval, the triangle
//    inequality gives r(a) <= |w - a q| <= |w - alpha q| + (alpha - a) |q|, likewise from b, and
//    |q| <= |q(a)|; so r >= (r(a) + r(b) - (b - a) |q(a)|) / 2 everywhere in it.
// Small intervals that remain are swept breakpoint by breakpoint. No allocation; cost
// O(thresholds * log(count)) an interval, with 50 to 300 intervals a row.
template <class T, std::size_t Sides>
double best_alpha(const std::array<magnitude_side<T>, Sides>& sides, double ww) {
  double smallest = std::numeric_limits<double>::infinity();
  double largest = 0;
  for (const magnitude_side<T>& side : sides) {
    index_t positive = side.count;
    while (positive > 0 && !(side.magnitude[positive - 1] > T(0))) --positive;
    if (positive == 0) continue;
    const double top = static_cast<double>(side.magnitude[0]);
    const double bottom = static_cast<double>(side.magnitude[positive - 1]);
    // Without thresholds the level never changes and any alpha stands for it.
    const int thresholds = side.levels->thresholds;
    const double first = thresholds > 0 ? side.levels->threshold[0] : 1;
    const double last =
        thresholds > 0 ? side.levels->threshold[static_cast<std::size_t>(thresholds - 1)] : 1;
    const double above = top / first;
    const double below = bottom / last;
    largest = above > largest ? above : largest;
    smallest = below < smallest ? below : smallest;
  }
  if (!(largest > 0)) return 0;

  detail::assignment best = detail::assign(sides, ww, largest * 1.0000001);
  struct interval {
    detail::assignment low, high;
  };
  // Depth first: every halving leaves one interval open, and 64 halvings separate any two doubles.
  std::array<interval, 80> open;
  std::size_t depth = 0;
  open[depth++] = {detail::assign(sides, ww, smallest * 0.9999999), best};
  if (open[0].low.sums.gain() > best.sums.gain()) best = open[0].low;

  constexpr index_t small = 24;
  const double slack = 1e-14 * ww;
  while (depth > 0) {
    const interval now = open[--depth];
    const detail::assignment& low = now.low;
    const detail::assignment& high = now.high;
    if (low.passed == high.passed) continue;
    const double least = ww - best.sums.gain();
    if (high.sums.qq > 0) {
      const double wq = low.sums.wq > 0 ? low.sums.wq : 0;
      if (ww - wq / high.sums.qq * wq > least + slack) continue;
    }
    const double reach = (high.alpha - low.alpha) * std::sqrt(low.sums.qq);
    const double distance = (std::sqrt(low.sums.error_at(low.alpha)) +
                             std::sqrt(high.sums.error_at(high.alpha)) - reach) /
                            2;
    if (distance > 0 && distance * distance > least + slack) continue;

    const double middle = std::sqrt(low.alpha) * std::sqrt(high.alpha);
    const bool split = low.passed - high.passed > small && middle > low.alpha * (1 + 1e-13) &&
                       middle < high.alpha * (1 - 1e-13) && depth + 2 <= open.size();
    if (!split) {
      const detail::assignment found = detail::sweep(sides, low, high);
      if (found.sums.gain() > best.sums.gain()) best = found;
      continue;
    }
    const detail::assignment cut = detail::assign(sides, ww, middle);
    if (cut.sums.gain() > best.sums.gain()) best = cut;
    // The half with the better end first: a good bound early prunes more.
    const interval lower{low, cut};
    const interval upper{cut, high};
    const bool upper_first = high.sums.error_at(high.alpha) < low.sums.error_at(low.alpha);
    open[depth++] = upper_first ? lower : upper;
    open[depth++] = upper_first ? upper : lower;
  }
  return best.sums.alpha();
}

}  // namespace LFNC_ABI
}  // namespace lfnc
