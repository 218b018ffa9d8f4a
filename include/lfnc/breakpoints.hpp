// lfnc floor 1: breakpoints: the global optimum of |w - alpha q|^2 over alpha and q, from sorted
// magnitudes.
#pragma once

#include <cmath>

#include "codebook.hpp"
#include "projection.hpp"

namespace lfnc {

// How the level of an element of one sign grows as alpha falls: magnitude m stands at level `base`
// until alpha falls to m / threshold[0], where its level grows by step[0], and so on, so that it is
// always at the nearest level of m / alpha.
struct level_steps {
  int thresholds = 0;
  double base = 0;          // level at magnitudes next to 0; may be negative
  double threshold[256];    // ascending, above 0
  double step[256];         // growth of the level there
  double square_step[256];  // growth of its square
};

// The elements of one sign, out of a descending list of keys with running totals (total[k] is the
// sum of the first k keys): `count` keys from magnitude[0] on, with total[0] .. total[count]
// theirs. Mirrored, they are negative and the magnitudes run backwards from the last one. In a
// histogram a key is a bin, and total sums its elements; mass[k] is then the number of elements in
// the first k bins. mass is null where every key is one element. Memory is the caller's.
template <class T>
struct magnitude_side {
  const level_steps* levels = nullptr;
  const T* magnitude = nullptr;
  const double* total = nullptr;
  const double* mass = nullptr;
  index_t count = 0;
  bool mirrored = false;

  LFNC_HD constexpr double magnitude_at(index_t k) const {
    return mirrored ? -static_cast<double>(magnitude[count - 1 - k])
                    : static_cast<double>(magnitude[k]);
  }
  // Sum and number of the `first` largest magnitudes.
  LFNC_HD constexpr double total_of(index_t first) const {
    return mirrored ? total[count - first] - total[count] : total[first] - total[0];
  }
  LFNC_HD constexpr double mass_of(index_t first) const {
    return mass != nullptr ? mass[first] : static_cast<double>(first);
  }

  // How many keys stand beyond threshold k at this alpha: magnitude >= threshold * alpha.
  LFNC_HD constexpr index_t rank(index_t k, double alpha) const {
    const double cut = levels->threshold[k] * alpha;
    index_t low = 0;
    index_t high = count;
    while (low < high) {
      const index_t middle = low + (high - low) / 2;
      if (magnitude_at(middle) >= cut) {
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
LFNC_HD level_steps make_steps(const Codebook& codebook, bool negative) {
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
    const int slot = steps.thresholds++;
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

template <class T>
LFNC_HD assignment assign(const magnitude_side<T>* sides, int side_count, double ww, double alpha) {
  assignment result;
  result.alpha = alpha;
  result.sums.ww = ww;
  for (int s = 0; s < side_count; ++s) {
    const magnitude_side<T>& side = sides[s];
    const level_steps& levels = *side.levels;
    result.sums.wq += rounded(levels.base * side.total_of(side.count));
    result.sums.qq += rounded(levels.base * levels.base * side.mass_of(side.count));
    for (int k = 0; k < levels.thresholds; ++k) {
      const index_t rank = side.rank(k, alpha);
      result.sums.wq += rounded(levels.step[k] * side.total_of(rank));
      result.sums.qq += rounded(levels.square_step[k] * side.mass_of(rank));
      result.passed += rank;
    }
  }
  return result;
}

// A threshold with the elements that pass it in an interval of alpha, next one first.
struct front {
  int side;
  int threshold;
  index_t next;
  index_t end;
};

// Visits every assignment with alpha in (low.alpha, high.alpha], largest alpha first, and returns
// the one of greatest gain. `fronts` is memory for 256.
template <class T>
LFNC_HD assignment sweep(const magnitude_side<T>* sides, int side_count, const assignment& low,
                         const assignment& high, front* fronts) {
  int open = 0;
  for (int s = 0; s < side_count; ++s) {
    for (int k = 0; k < sides[s].levels->thresholds; ++k) {
      const index_t begin = sides[s].rank(k, high.alpha);
      const index_t end = sides[s].rank(k, low.alpha);
      if (begin < end) fronts[open++] = {s, k, begin, end};
    }
  }
  const auto crossing = [&](const front& edge) {
    const magnitude_side<T>& side = sides[edge.side];
    return side.magnitude_at(edge.next) / side.levels->threshold[edge.threshold];
  };
  assignment current = high;
  assignment best = high;
  while (open > 0) {
    double alpha = 0;
    for (int f = 0; f < open; ++f) {
      const double at = crossing(fronts[f]);
      alpha = at > alpha ? at : alpha;
    }
    // All elements that cross here, equal ones too, cross together.
    for (int f = 0; f < open;) {
      front& edge = fronts[f];
      const magnitude_side<T>& side = sides[edge.side];
      const index_t from = edge.next;
      while (edge.next < edge.end && crossing(edge) >= alpha) ++edge.next;
      current.sums.wq += rounded(side.levels->step[edge.threshold] *
                                 (side.total_of(edge.next) - side.total_of(from)));
      current.sums.qq += rounded(side.levels->square_step[edge.threshold] *
                                 (side.mass_of(edge.next) - side.mass_of(from)));
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

// What best_alpha works in: 13 KB that a small stack need not hold.
struct search_area {
  // Depth first: every halving leaves one interval open, and 64 halvings separate any two doubles.
  static constexpr int most_open = 80;
  struct interval {
    detail::assignment low;
    detail::assignment high;
  };
  interval open[most_open];
  detail::front fronts[256];
};

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
template <class T>
LFNC_HD double best_alpha(const magnitude_side<T>* sides, int side_count, double ww,
                          search_area& area) {
  double smallest = 0;
  double largest = 0;
  for (int s = 0; s < side_count; ++s) {
    const magnitude_side<T>& side = sides[s];
    index_t positive = side.count;
    while (positive > 0 && !(side.magnitude_at(positive - 1) > 0)) --positive;
    if (positive == 0) continue;
    const double top = side.magnitude_at(0);
    const double bottom = side.magnitude_at(positive - 1);
    // Without thresholds the level never changes and any alpha stands for it.
    const int thresholds = side.levels->thresholds;
    const double first = thresholds > 0 ? side.levels->threshold[0] : 1;
    const double last = thresholds > 0 ? side.levels->threshold[thresholds - 1] : 1;
    const double above = top / first;
    const double below = bottom / last;
    largest = above > largest ? above : largest;
    smallest = smallest == 0 || below < smallest ? below : smallest;
  }
  if (!(largest > 0)) return 0;

  detail::assignment best = detail::assign(sides, side_count, ww, largest * 1.0000001);
  search_area::interval* const open = area.open;
  int depth = 0;
  open[depth++] = {detail::assign(sides, side_count, ww, smallest * 0.9999999), best};
  if (open[0].low.sums.gain() > best.sums.gain()) best = open[0].low;

  constexpr index_t small = 24;
  const double slack = detail::rounded(1e-14 * ww);
  while (depth > 0) {
    const search_area::interval now = open[--depth];
    const detail::assignment& low = now.low;
    const detail::assignment& high = now.high;
    if (low.passed == high.passed) continue;
    const double least = ww - best.sums.gain();
    if (high.sums.qq > 0) {
      const double wq = low.sums.wq > 0 ? low.sums.wq : 0;
      if (ww - detail::rounded(wq / high.sums.qq * wq) > least + slack) continue;
    }
    const double reach = detail::rounded((high.alpha - low.alpha) * std::sqrt(low.sums.qq));
    const double distance = (std::sqrt(low.sums.error_at(low.alpha)) +
                             std::sqrt(high.sums.error_at(high.alpha)) - reach) /
                            2;
    if (distance > 0 && distance * distance > least + slack) continue;

    const double middle = std::sqrt(low.alpha) * std::sqrt(high.alpha);
    const bool split = low.passed - high.passed > small && middle > low.alpha * (1 + 1e-13) &&
                       middle < high.alpha * (1 - 1e-13) && depth + 2 <= search_area::most_open;
    if (!split) {
      const detail::assignment found = detail::sweep(sides, side_count, low, high, area.fronts);
      if (found.sums.gain() > best.sums.gain()) best = found;
      continue;
    }
    const detail::assignment cut = detail::assign(sides, side_count, ww, middle);
    if (cut.sums.gain() > best.sums.gain()) best = cut;
    // The half with the better end first: a good bound early prunes more.
    const search_area::interval lower{low, cut};
    const search_area::interval upper{cut, high};
    const bool upper_first = high.sums.error_at(high.alpha) < low.sums.error_at(low.alpha);
    open[depth++] = upper_first ? lower : upper;
    open[depth++] = upper_first ? upper : lower;
  }
  return best.sums.alpha();
}

}  // namespace LFNC_ABI
}  // namespace lfnc
