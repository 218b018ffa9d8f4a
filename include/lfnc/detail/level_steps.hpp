// lfnc floor 1: level_steps: at which alpha the elements of a sign pass from level to level.
#pragma once

#include "../codebook.hpp"
#include "float_levels.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// How the level of an element of one sign grows as alpha falls: magnitude m stands at level `base`
// until alpha falls to m / threshold[0], where its level grows by step[0], and so on, so that it is
// always at the nearest level of m / alpha.
struct level_steps {
  static constexpr int most = 256;

  int thresholds = 0;
  double base = 0;           // level at magnitudes next to 0; may be negative
  double threshold[most];    // ascending, above 0
  double step[most];         // growth of the level there
  double square_step[most];  // growth of its square
  float_levels in_float;     // the same where they are few; without thresholds if unknown
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

// How many steps fill_steps makes, which is to be level_steps::most at most.
template <level_set Codebook>
int count_steps(const Codebook& codebook, bool negative) {
  int steps = 0;
  for (int k = 0; k + 1 < codebook.level_count(); ++k) {
    const double middle =
        (static_cast<double>(codebook.level(k)) + static_cast<double>(codebook.level(k + 1))) / 2;
    steps += static_cast<int>(negative ? middle < 0 : middle > 0);
  }
  return steps;
}

// The steps of the positive levels, or of the negative ones mirrored. In place: 6 KB are too much
// for the stack of a device thread.
template <level_set Codebook>
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
  fill_float_levels(steps->base, steps->thresholds, steps->threshold, steps->step,
                    &steps->in_float);
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
