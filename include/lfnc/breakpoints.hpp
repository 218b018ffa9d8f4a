// lfnc floor 1: breakpoints: the global optimum of |w - alpha q|^2 over alpha and q, from sorted
// magnitudes.
#pragma once

#include <cmath>
#include <cstdint>

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
  LFNC_HD constexpr index_t rank(index_t k, double alpha) const { return rank(k, alpha, 0, count); }

  // The same where it is known to be at least `least` and at most `most`. It is halved down without
  // a branch on what is found, which no processor could foretell.
  LFNC_HD constexpr index_t rank(index_t k, double alpha, index_t least, index_t most) const {
    const double cut = levels->threshold[k] * alpha;
    const auto search = [least, most](const auto& beyond) {
      index_t found = least;
      for (index_t length = most - least; length > 0;) {
        const index_t step = (length + 1) / 2;
        found += step & -static_cast<index_t>(beyond(found + step - 1));
        length -= step;
      }
      return found;
    };
    if (mirrored) {
      const T* last = magnitude + count - 1;
      return search([=](index_t at) { return -static_cast<double>(last[-at]) >= cut; });
    }
    const T* first = magnitude;
    return search([=](index_t at) { return static_cast<double>(first[at]) >= cut; });
  }
};

inline namespace LFNC_ABI {

// The steps of the positive levels, or of the negative ones mirrored. In place: 6 KB are too much
// for the stack of a device thread.
template <codebook_type Codebook>
LFNC_HD void fill_steps(const Codebook& codebook, bool negative, level_steps* steps) {
  const int count = codebook.level_count();
  const auto level = [&](int k) {
    return negative ? -static_cast<double>(codebook.level(count - 1 - k))
                    : static_cast<double>(codebook.level(k));
  };
  int k = 0;
  while (k + 1 < count && (level(k) + level(k + 1)) / 2 <= 0) ++k;
  steps->base = level(k);
  steps->thresholds = 0;
  for (; k + 1 < count; ++k) {
    const int slot = steps->thresholds++;
    steps->threshold[slot] = (level(k) + level(k + 1)) / 2;
    steps->step[slot] = level(k + 1) - level(k);
    steps->square_step[slot] = level(k + 1) * level(k + 1) - level(k) * level(k);
  }
}

// The same on the host.
template <codebook_type Codebook>
level_steps make_steps(const Codebook& codebook, bool negative) {
  level_steps steps;
  fill_steps(codebook, negative, &steps);
  return steps;
}

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

// What best_alpha works in: 23 KB that a small stack need not hold.
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
  detail::range_end ends[most_ends];
  std::uint32_t ranks[most_ranks];  // at the first ends, as many as fit
  detail::front fronts[256];
};

// The alpha > 0 (and with it the levels, encode(w / alpha)) of least |w - alpha q|^2 for a row
// given as one side (symmetric codebook, magnitudes |w|) or two (positive and negative elements),
// and ww = <w,w>. The result is the global optimum up to rounding (an error within 1e-13 ww of it).
// alpha is 0 where no alpha > 0 takes anything off ww.
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
LFNC_HD double best_alpha(const magnitude_side<T>* sides, int side_count, double ww,
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
    const detail::assignment at =
        detail::assign(sides, side_count, ww, alpha, lower, higher, ranks_at(end));
    area.ends[end] = {at, at.sums.error_at(alpha), at.sums.gain()};
  };
  cut_at(1, largest * 1.0000001, nullptr, nullptr);
  cut_at(0, smallest * 0.9999999, nullptr, ranks_at(1));
  const detail::range_end& first = area.ends[area.ends[0].gain > area.ends[1].gain ? 0 : 1];
  detail::assignment best = first.at;
  double best_gain = first.gain;

  constexpr index_t small = 24;
  const index_t smallest_cut = thresholds > 6 ? thresholds : 6;  // less is swept faster
  const double slack = detail::rounded(1e-14 * ww);
  search_area::interval* const open = area.open;
  int count = 0;
  open[count++] = {0, 1, 0, 0, 1};
  // The small interval that is being halved, and how many were open before its halves.
  search_area::interval part{};
  int before_part = -1;
  while (count > 0) {
    const search_area::interval now = open[--count];
    if (count < before_part) before_part = -1;
    const detail::range_end& low = area.ends[now.low];
    const detail::range_end& high = area.ends[now.high];
    const index_t passed = low.at.passed - high.at.passed;
    if (passed == 0) continue;
    const double least = ww - best_gain;
    // Where the optimum lies beyond the lower end but has its levels, the interval has them too:
    // it is kept, so that what is found does not depend on where the range was cut.
    const bool ends_above =
        ww - low.gain > least + slack || (before_part >= 0 && now.low != part.low);
    const double noise = slack + detail::rounded(1e-14 * high.at.alpha *
                                                 detail::rounded(high.at.alpha * low.at.sums.qq));
    if (ends_above && detail::least_error(low, high) > least + noise) continue;

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
      const detail::assignment found =
          detail::sweep(sides, side_count, area.ends[part.low].at, area.ends[part.high].at,
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

}  // namespace LFNC_ABI
}  // namespace lfnc
