// lfnc floor 1: short_row: best_alpha of a row that is quickly looked at as a whole.
#pragma once

#include <cstdint>

#include "breakpoints.hpp"
#include "many_alphas.hpp"
#include "short_sweep.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Alphas in ascending order with the sums there, where the largest magnitude is 1.
struct alpha_points {
  static constexpr int most = 64;  // as many as vectors of 16 may read or write

  int count = 0;
  float alpha[most] = {};
  float wq[most] = {};
  float qq[most] = {};
  bool wanted[most] = {};  // whether what lies between this one and the next may hold the optimum

  LFNC_HD void add(float at, float wq_there, float qq_there, bool want) {
    alpha[count] = at;
    wq[count] = wq_there;
    qq[count] = qq_there;
    wanted[count++] = want;
  }
};

// What the search works in.
struct short_row_area {
  static constexpr int most = 256;        // elements
  static constexpr int most_uneven = 64;  // those where levels are not 0, 1, ...
  static constexpr int most_new = 16;     // alphas that are looked at together, after the first
  static constexpr int most_first = 32;

  float magnitude[most];
  alpha_points points[2];
  alpha_points fresh;
  int place[most_first];  // of the fresh ones among the points
  float value[alpha_points::most];
};

// Whether best_alpha_of_short_row takes the row: few levels, the same for both signs, and so few
// elements that looking at all of them is faster than finding those that change their level.
template <class T>
LFNC_HD bool is_short_row(const magnitude_side<T>* sides, int side_count) {
  const magnitude_side<T>& side = sides[0];
  if (side_count != 1 || side.mass != nullptr || side.mirrored) return false;
  if (side.count < 1 || side.count > short_row_area::most) return false;
  const float_levels& levels = side.levels->in_float;
  if (levels.thresholds < 1 || (!levels.whole && side.count > short_row_area::most_uneven)) {
    return false;
  }
  return side.magnitude_at(0) > 1e-150 && side.magnitude_at(0) < 1e150;
}

// The search for a row of which is_short_row holds.
template <class V, class T>
class short_row {
 public:
  LFNC_HD LFNC_INLINE short_row(const magnitude_side<T>& side, short_row_area& area)
      : side_(side), levels_(side.levels->in_float), area_(area), points_(area.points) {}

  // Leaves in `points` the ranges of alpha in which the optimum may lie, in units of the largest
  // magnitude, out of `count` magnitudes; squares is <w,w>.
  LFNC_HD LFNC_INLINE const alpha_points& operator()(int count, float squares) {
    count_ = count;
    // The sums and what follows from them are off by less than this share of <w,w>.
    slack_ = static_cast<float>(count + 16) * 0x1p-22F;
    squares_ = squares;
    place_first();
    for (int round = 0;; ++round) {
      look();
      const float changes = choose();
      if (changes <= 6 || kept_ > short_row_area::most_new || round == 5) {
        return *points_;
      }
      divide();
    }
  }

 private:
  // Beyond the ends no level changes.
  LFNC_HD LFNC_INLINE void place_first() {
    const float stretch = count_ <= 24    ? 1.05F
                          : count_ <= 48  ? 1.0F
                          : count_ <= 96  ? 0.94F
                          : count_ <= 192 ? 0.88F
                                          : 0.82F;
    int positive = count_;
    while (!(area_.magnitude[positive - 1] > 0)) --positive;
    const int firsts = levels_.first_alphas;
    const float first = levels_.first_alpha[0] * stretch * 0.99F;
    const float last = levels_.first_alpha[firsts - 1] * stretch * 1.01F;
    lowest_ = area_.magnitude[positive - 1] / levels_.threshold[levels_.thresholds - 1] * 0.99999F;
    lowest_ = lowest_ > 1e-30F ? lowest_ : 1e-30F;  // alphas below it are useless
    lowest_ = lowest_ < first ? lowest_ : first;
    highest_ = 1.00001F / levels_.threshold[0];
    highest_ = highest_ > last ? highest_ : last;
    points_->count = 0;
    area_.fresh.count = 0;
    add_fresh(lowest_);
    for (int k = 0; k < firsts; ++k) add_fresh(levels_.first_alpha[k] * stretch);
    add_fresh(highest_);
    points_->wanted[points_->count - 1] = false;
  }

  LFNC_HD LFNC_INLINE void add_fresh(float alpha) {
    area_.place[area_.fresh.count] = points_->count;
    area_.fresh.alpha[area_.fresh.count++] = alpha;
    points_->add(alpha, 0, 0, true);
  }

  // Finds the sums at the fresh points and the best gain.
  LFNC_HD LFNC_INLINE void look() {
    alpha_points& fresh = area_.fresh;
    if (floats_in<V> == 1 && !(levels_.whole && count_ < 16 * levels_.thresholds)) {
      look_by_rank();
    } else if (levels_.whole) {
      project_at<true, V>(levels_, area_.magnitude, count_, fresh.count, fresh.alpha, fresh.wq,
                          fresh.qq);
    } else {
      project_at<false, V>(levels_, area_.magnitude, count_, fresh.count, fresh.alpha, fresh.wq,
                           fresh.qq);
    }
    find_gains<V>(fresh.count, fresh.wq, fresh.qq, area_.value);
    for (int j = 0; j < fresh.count; ++j) {
      points_->wq[area_.place[j]] = fresh.wq[j];
      points_->qq[area_.place[j]] = fresh.qq[j];
      gain_ = area_.value[j] > gain_ ? area_.value[j] : gain_;
    }
  }

  // Without vectors the elements that pass a threshold are sooner found than all looked at.
  LFNC_HD void look_by_rank() {
    alpha_points& fresh = area_.fresh;
    const double largest = side_.magnitude_at(0);
    for (int j = 0; j < fresh.count; ++j) {
      const double alpha = static_cast<double>(fresh.alpha[j]) * largest;
      const projection sums = assign(&side_, 1, 0, alpha, nullptr, nullptr, nullptr).sums;
      fresh.wq[j] = static_cast<float>(sums.wq / largest);
      fresh.qq[j] = static_cast<float>(sums.qq);
    }
  }

  // Decides which ranges are still wanted; returns about how often a level changes in them.
  LFNC_HD LFNC_INLINE float choose() {
    alpha_points& points = *points_;
    float* const reach = area_.value;
    find_reach<V>(points.count, slack_, points.alpha, points.wq, points.qq, reach);
    const float least = gain_ - slack_ * squares_;
    const int last = points.count - 1;
    // Beyond the ends that bound says little, and levels may be those of an optimum further out.
    if (points.alpha[0] == lowest_) {
      if (!(reach[0] < least) && cut_off(points.alpha[1]) > squares_ - least) reach[0] = 0;
      if (gain_at(0) >= least) reach[0] = least;
    }
    if (points.alpha[last] == highest_) {
      float& end = reach[last - 1];
      if (!(end < least) && lost(points.alpha[last - 1]) > squares_ - least) end = 0;
      if (gain_at(last) >= least) end = least;
    }
    kept_ = 0;
    float changes = 0;
    for (int j = 0; j < last; ++j) {
      const bool wanted = points.wanted[j] && !(reach[j] < least);
      points.wanted[j] = wanted;
      kept_ += wanted ? 1 : 0;
      changes += wanted ? changes_from(j) : 0;
    }
    return changes;
  }

  // About how many levels change between two points. Where levels grow by a factor, the largest
  // hide in <q,q> all others; there about one an element and octave.
  LFNC_HD LFNC_INLINE float changes_from(int j) const {
    if (levels_.whole) return (points_->qq[j] - points_->qq[j + 1]) / levels_.square_step;
    const std::int32_t distance = __builtin_bit_cast(std::int32_t, points_->alpha[j + 1]) -
                                  __builtin_bit_cast(std::int32_t, points_->alpha[j]);
    return static_cast<float>(count_) * 0x1p-23F * static_cast<float>(distance);
  }

  LFNC_HD LFNC_INLINE float gain_at(int j) const {
    return points_->wq[j] * points_->wq[j] / (points_->qq[j] + 1e-30F);
  }

  // The error of the elements beyond the top level at alpha, which is larger below it.
  LFNC_HD LFNC_INLINE float cut_off(float alpha) const {
    const float top = levels_.top * alpha;
    float error = 0;
    for (int k = 0; k < count_ && area_.magnitude[k] > top; ++k) {
      error += (area_.magnitude[k] - top) * (area_.magnitude[k] - top);
    }
    return error;
  }

  // The error of the elements below the second of the levels 0, l, ... at alpha, which is larger
  // above it, or the whole of them where they become 0.
  LFNC_HD LFNC_INLINE float lost(float alpha) const {
    if (levels_.base > 0) return 0;
    const float level = 2 * levels_.threshold[0] * alpha;
    float error = 0;
    for (int k = count_ - 1; k >= 0 && area_.magnitude[k] < level; --k) {
      const float below = level - area_.magnitude[k];
      const float least = below < area_.magnitude[k] ? below : area_.magnitude[k];
      error += least * least;
    }
    return error;
  }

  // Puts fresh points into the ranges that are wanted and drops all others.
  LFNC_HD LFNC_INLINE void divide() {
    const alpha_points& from = *points_;
    points_ = points_ == area_.points ? area_.points + 1 : area_.points;
    points_->count = 0;
    area_.fresh.count = 0;
    const int parts = short_row_area::most_new / kept_;
    for (int j = 0; j + 1 < from.count; ++j) {
      if (!from.wanted[j]) continue;
      points_->add(from.alpha[j], from.wq[j], from.qq[j], true);
      // In between by their bits, which is near to even on a logarithmic scale.
      const auto low = __builtin_bit_cast(std::int32_t, from.alpha[j]);
      const auto high = __builtin_bit_cast(std::int32_t, from.alpha[j + 1]);
      const std::int32_t step = (high - low) / (parts + 1);
      for (int p = 1; p <= parts; ++p) add_fresh(__builtin_bit_cast(float, low + p * step));
      if (!from.wanted[j + 1]) {
        points_->add(from.alpha[j + 1], from.wq[j + 1], from.qq[j + 1], false);
      }
    }
  }

  const magnitude_side<T>& side_;
  const float_levels& levels_;
  short_row_area& area_;
  alpha_points* points_;
  int count_ = 0;
  float squares_ = 0;
  float slack_ = 0;
  float gain_ = 0;
  float lowest_ = 0;
  float highest_ = 0;
  int kept_ = 0;
};

// best_alpha of a row of which is_short_row holds; V as in many_alphas.
//
// The whole row is looked at in float, at many alphas side by side: a first time where the optimum
// lies mostly, and then in the ranges between them that the bound of best_alpha does not rule out,
// until few levels change in what is left. That is swept exactly, so that what was looked at
// changes no bit of the result.
template <class V, class T>
LFNC_HD LFNC_INLINE double best_alpha_of_short_row(const magnitude_side<T>& side, double ww,
                                                   short_row_area& area) {
  const double largest = side.magnitude_at(0);
  const double inverse = 1 / largest;
  // It is below that; compilers that see a longer row and not that it does not come here warn.
  constexpr index_t most = short_row_area::most;
  const int count = static_cast<int>(side.count < most ? side.count : most);
  for (int k = 0; k < count; ++k) {
    area.magnitude[k] = static_cast<float>(side.magnitude_at(k) * inverse);
  }
  short_row<V, T> search(side, area);
  const alpha_points& points = search(count, static_cast<float>(ww * inverse * inverse));
  short_sweep<T> sweep(side, ww);
  for (int j = points.count - 1; j > 0; --j) {
    if (!points.wanted[j - 1]) continue;
    const double high = points.alpha[j] * largest * (1 + 1e-6);
    while (j > 1 && points.wanted[j - 2]) --j;
    sweep(points.alpha[j - 1] * largest * (1 - 1e-6), high);
  }
  return sweep.alpha();
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
