// lfnc floor 1: breakpoints: the levels of a row at one alpha, and at every one between two.
#pragma once

#include <cstdint>

#include "../../detail/level_steps.hpp"
#include "../../detail/projection.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Levels of all elements at one alpha, as far as the error needs them.
struct assignment {
  double alpha = 0;
  projection sums;
  index_t passed = 0;  // thresholds passed by all elements together
};

// The assignment at alpha. Its ranks, those of all thresholds of one side and then of the other,
// are left in `ranks`; those at a lower and at a higher alpha bound them. Each list may be null.
template <class T>
LFNC_HD assignment assign(const magnitude_side<T>* sides, int side_count, double ww, double alpha,
                          const std::uint32_t* lower, const std::uint32_t* higher,
                          std::uint32_t* ranks) {
  projection sums{0, 0, ww};
  index_t passed = 0;
  int slot = 0;
  for (int s = 0; s < side_count; ++s) {
    const magnitude_side<T> side = sides[s];
    const level_steps& levels = *side.levels;
    sums.wq += rounded(levels.base * side.total_of(side.count));
    sums.qq += rounded(levels.base * levels.base * side.mass_of(side.count));
    for (int k = 0; k < levels.thresholds; ++k, ++slot) {
      const index_t rank = side.rank(k, alpha, higher != nullptr ? higher[slot] : 0,
                                     lower != nullptr ? lower[slot] : side.count);
      if (ranks != nullptr) ranks[slot] = static_cast<std::uint32_t>(rank);
      sums.wq += rounded(levels.step[k] * side.total_of(rank));
      sums.qq += rounded(levels.square_step[k] * side.mass_of(rank));
      passed += rank;
    }
  }
  return {alpha, sums, passed};
}

// A threshold with the elements that pass it in an interval of alpha, next one first.
struct front {
  int side;
  int threshold;
  index_t next;
  index_t end;
  double crossing;  // alpha at which the next one passes
};

// Visits every assignment with alpha in (low.alpha, high.alpha], largest alpha first, and returns
// the one of greatest gain. `lower` and `higher` bound the ranks as in assign; `exact` says that
// they are those of `low` and `high`. `fronts` is memory for 256.
template <class T>
LFNC_HD assignment sweep(const magnitude_side<T>* sides, int side_count, const assignment& low,
                         const assignment& high, const std::uint32_t* lower,
                         const std::uint32_t* higher, bool exact, front* fronts) {
  const auto crossing = [&](const front& edge) {
    const magnitude_side<T>& side = sides[edge.side];
    return side.magnitude_at(edge.next) / side.levels->threshold[edge.threshold];
  };
  int open = 0;
  int slot = 0;
  for (int s = 0; s < side_count; ++s) {
    for (int k = 0; k < sides[s].levels->thresholds; ++k, ++slot) {
      const index_t least = higher != nullptr ? higher[slot] : 0;
      const index_t most = lower != nullptr ? lower[slot] : sides[s].count;
      if (least == most) continue;
      const index_t begin = exact ? least : sides[s].rank(k, high.alpha, least, most);
      const index_t end = exact ? most : sides[s].rank(k, low.alpha, begin, most);
      if (begin == end) continue;
      fronts[open] = {s, k, begin, end, 0};
      fronts[open].crossing = crossing(fronts[open]);
      ++open;
    }
  }
  assignment best = high;
  double best_gain = high.sums.gain();
  double alpha = high.alpha;
  projection now = high.sums;
  const auto visit = [&] {
    const double gain = now.gain();
    if (gain > best_gain) {
      best_gain = gain;
      best = {alpha, now, high.passed};
    }
  };
  while (open > 0) {
    int next = 0;
    double next_alpha = fronts[0].crossing;
    for (int f = 1; f < open; ++f) {
      const double crossing_of_f = fronts[f].crossing;
      next = crossing_of_f > next_alpha ? f : next;
      next_alpha = crossing_of_f > next_alpha ? crossing_of_f : next_alpha;
    }
    // All elements that cross here, equal ones too, cross together.
    if (next_alpha < alpha) visit();
    alpha = next_alpha;
    front& edge = fronts[next];
    const magnitude_side<T>& side = sides[edge.side];
    const index_t from = edge.next;
    do {
      ++edge.next;
      if (edge.next < edge.end) edge.crossing = crossing(edge);
    } while (edge.next < edge.end && edge.crossing >= alpha);
    now.wq += rounded(side.levels->step[edge.threshold] *
                      (side.total_of(edge.next) - side.total_of(from)));
    now.qq += rounded(side.levels->square_step[edge.threshold] *
                      (side.mass_of(edge.next) - side.mass_of(from)));
    if (edge.next == edge.end) edge = fronts[--open];
  }
  visit();
  return best;
}

// An assignment, where the search has cut the range of alpha.
struct range_end {
  assignment at;
  double error;  // at its alpha
  double gain;
};

// A lower bound of |w - alpha q|^2 over all q and all alpha in [low, high]; see best_alpha.
LFNC_HD inline double least_error(const range_end& low, const range_end& high) {
  const double a = low.at.alpha;
  const double b = high.at.alpha;
  const double x = low.at.sums.qq - high.at.sums.qq;
  const double tx = 2 * (low.at.sums.wq - high.at.sums.wq);
  double at_b = (tx - rounded(a * x)) / (b - a);
  at_b = at_b > 0 ? at_b : 0;
  at_b = at_b < x ? at_b : x;
  const double wq = high.at.sums.wq + rounded(at_b * b) / 2;
  const double qq = high.at.sums.qq + at_b;
  if (wq <= rounded(qq * a)) return low.error;
  if (wq >= rounded(qq * b)) return high.error;
  return low.at.sums.ww - rounded(wq / qq * wq);
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
