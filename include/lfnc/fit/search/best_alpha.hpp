// lfnc floor 1: best_alpha: the global optimum of |w - alpha q|^2 over alpha and q, from sorted
// magnitudes.
#pragma once

#include <cmath>
#include <cstdint>

#include "breakpoints.hpp"
#include "short_row.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// What best_alpha works in: 27 KB that a small stack need not hold.
struct search_area {
  // Depth first: an interval's ends were cut by it or by those it lies in, and 64 halvings separate
  // any two doubles.
  static constexpr int most_ends = 70;
  static constexpr int most_ranks = 2400;

  struct interval {
    int low;         // index of an end
    int high;        // likewise
    int depth;       // how often it was halved
    int low_ranks;   // index of the end nearest below whose ranks are kept
    int high_ranks;  // likewise above
  };
  interval open[most_ends];
  range_end ends[most_ends];
  std::uint32_t ranks[most_ranks];  // at the first ends, as many as fit
  front fronts[level_steps::most];
  short_row_area short_row;
};

// best_alpha of a row of any length.
//
// As alpha falls from infinity to 0 the levels q(alpha) change only at the breakpoints
// m / threshold, and between two of them the best alpha and its gain follow from <w,q> and <q,q>.
// The search halves the range of alpha (on a logarithmic scale) and drops an interval [a, b] where
// this bound says that it cannot hold the optimum, which is the least of
// E(alpha) = |w - alpha q(alpha)|^2 = min over q of |w - alpha q|^2:
//   An element that passes from level l to l' at t has magnitude t (l + l') / 2, so with
//   x = l'^2 - l^2 > 0 it adds x to <q,q> and t x / 2 to <w,q>, and for any alpha
//     (w - alpha l)^2 - (w - alpha l')^2 = alpha x (t - alpha).
//   E(alpha) is |w - alpha q(b)|^2 less that of all that pass in [alpha, b]. Of all that pass in
//   [a, b], max(0, t - alpha) is convex in t and thus at most (t - a) / (b - a) * (b - alpha):
//     E(alpha) >= |w - alpha q(b)|^2 - alpha (b - alpha) m,   m = sum of x (t - a) / (b - a).
//   The right side is <w,w> - 2 alpha (<w,q(b)> + b m / 2) + alpha^2 (<q(b),q(b)> + m), as if m of
//   the sum of x passed at b and the rest at a. It is E itself at a and at b, and m needs no more
//   than what the ends know: the sums of x and of t x are the growth of <q,q> and twice that of
//   <w,q>. The bound is its least in [a, b]. It is below E by the second order of b - a, so few
//   intervals of any length remain.
// Small intervals that remain are swept breakpoint by breakpoint; before that they are halved on,
// which may show that there is nothing in them. No allocation; cost O(thresholds * log(count)) an
// interval, of which a row takes 5 to 100 for up to 4 bits and some 200 for 8.
template <class T>
LFNC_HD double search_alpha(const magnitude_side<T>* sides, int side_count, double ww,
                            search_area& area) {
  double smallest = 0;
  double largest = 0;
  int thresholds = 0;  // of all sides
  bool keep_ranks = true;
  for (int s = 0; s < side_count; ++s) {
    const magnitude_side<T>& side = sides[s];
    thresholds += side.levels->thresholds;
    keep_ranks = keep_ranks && side.count <= 0xFFFFFFFF;
    index_t positive = side.count;
    while (positive > 0 && !(side.magnitude_at(positive - 1) > 0)) --positive;
    if (positive == 0) continue;
    const double top = side.magnitude_at(0);
    const double bottom = side.magnitude_at(positive - 1);
    // Without thresholds the level never changes and any alpha stands for it.
    const int own = side.levels->thresholds;
    const double first = own > 0 ? side.levels->threshold[0] : 1;
    const double last = own > 0 ? side.levels->threshold[own - 1] : 1;
    const double above = top / first;
    const double below = bottom / last;
    largest = above > largest ? above : largest;
    smallest = smallest == 0 || below < smallest ? below : smallest;
  }
  if (!(largest > 0)) return 0;

  // Where the ranks at an end are kept; null where there is no room.
  const int kept = keep_ranks && thresholds > 0 ? search_area::most_ranks / thresholds : 0;
  const auto ranks_at = [&](int end) {
    return end < kept ? area.ranks + end * thresholds : nullptr;
  };
  const auto cut_at = [&](int end, double alpha, const std::uint32_t* lower,
                          const std::uint32_t* higher) {
    const assignment at = assign(sides, side_count, ww, alpha, lower, higher, ranks_at(end));
    area.ends[end] = {at, at.sums.error_at(alpha), at.sums.gain()};
  };
  cut_at(1, largest * 1.0000001, nullptr, nullptr);
  cut_at(0, smallest * 0.9999999, nullptr, ranks_at(1));
  const range_end& first = area.ends[area.ends[0].gain > area.ends[1].gain ? 0 : 1];
  assignment best = first.at;
  double best_gain = first.gain;

  constexpr index_t small = 24;
  const index_t smallest_cut = thresholds > 6 ? thresholds : 6;  // less is swept faster
  const double slack = rounded(1e-14 * ww);
  search_area::interval* const open = area.open;
  int count = 0;
  open[count++] = {0, 1, 0, 0, 1};
  // The small interval that is being halved, and how many were open before its halves.
  search_area::interval part{};
  int before_part = -1;
  while (count > 0) {
    const search_area::interval now = open[--count];
    if (count < before_part) before_part = -1;
    const range_end& low = area.ends[now.low];
    const range_end& high = area.ends[now.high];
    const index_t passed = low.at.passed - high.at.passed;
    if (passed == 0) continue;
    const double least = ww - best_gain;
    // Where the optimum lies beyond the lower end but has its levels, the interval has them too:
    // it is kept, so that what is found does not depend on where the range was cut.
    const bool ends_above =
        ww - low.gain > least + slack || (before_part >= 0 && now.low != part.low);
    const double noise =
        slack + rounded(1e-14 * high.at.alpha * rounded(high.at.alpha * low.at.sums.qq));
    if (ends_above && least_error(low, high) > least + noise) continue;

    const double middle = std::sqrt(low.at.alpha) * std::sqrt(high.at.alpha);
    const bool divisible = middle > low.at.alpha * (1 + 1e-13) &&
                           middle < high.at.alpha * (1 - 1e-13) &&
                           now.depth + 2 < search_area::most_ends;
    if (before_part < 0 && !(divisible && passed > small)) {
      part = now;
      before_part = count;
    }
    const int cut = now.depth + 2;
    bool whole = before_part >= 0 && !(divisible && passed > smallest_cut);
    if (!whole) {
      cut_at(cut, middle, ranks_at(now.low_ranks), ranks_at(now.high_ranks));
      const double gain = area.ends[cut].gain;
      if (before_part >= 0) {
        whole = gain > best_gain - slack;
      } else if (gain > best_gain) {
        best = area.ends[cut].at;
        best_gain = gain;
      }
    }
    if (whole) {
      const bool exact = part.low < kept && part.high < kept;
      const assignment found =
          sweep(sides, side_count, area.ends[part.low].at, area.ends[part.high].at,
                ranks_at(part.low_ranks), ranks_at(part.high_ranks), exact, area.fronts);
      const double gain = found.sums.gain();
      if (gain > best_gain) {
        best = found;
        best_gain = gain;
      }
      count = before_part;
      before_part = -1;
      continue;
    }
    // The half with the better end first: a good bound early prunes more.
    const search_area::interval below{now.low, cut, now.depth + 1, now.low_ranks,
                                      cut < kept ? cut : now.high_ranks};
    const search_area::interval above{cut, now.high, now.depth + 1,
                                      cut < kept ? cut : now.low_ranks, now.high_ranks};
    const bool above_first = high.error < low.error;
    open[count++] = above_first ? below : above;
    open[count++] = above_first ? above : below;
  }
  return best.sums.alpha();
}

// The alpha > 0 (and with it the levels, encode(w / alpha)) of least |w - alpha q|^2 for a row
// given as one side (symmetric codebook, magnitudes |w|) or two (positive and negative elements),
// and ww = <w,w>. The result is the global optimum up to rounding (an error within 1e-13 ww of it).
// alpha is 0 where no alpha > 0 takes anything off ww.
//
// Of equally good ones any may be found, but always the same.
//
// Rows of few elements and levels are looked at as a whole (short_row.hpp), all others are searched
// by interval (search_alpha). V is what short rows are looked at in: floats, or a vector of them
// that changes no bit of the result.
template <class V = float, class T>
LFNC_HD LFNC_INLINE double best_alpha(const magnitude_side<T>* sides, int side_count, double ww,
                                      search_area& area) {
  if (is_short_row(sides, side_count)) {
    return best_alpha_of_short_row<V>(sides[0], ww, area.short_row);
  }
  return search_alpha(sides, side_count, ww, area);
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
