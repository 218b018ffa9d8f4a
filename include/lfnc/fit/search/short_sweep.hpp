// lfnc floor 1: short_sweep: the best of the levels that a short row has between two alphas.
#pragma once

#include "../../detail/level_steps.hpp"
#include "../../detail/projection.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Keeps the best of all assignments of levels that it is led through. Their sums are added up in
// an order that nothing but the levels decides, so that what is found does not depend on where the
// ranges of alpha begin that it is led through, as long as the best lies in one of them.
template <class T>
class short_sweep {
 public:
  // At most float_levels::most thresholds. <w,w> is `ww`.
  LFNC_HD short_sweep(const magnitude_side<T>& side, double ww) : side_(side), ww_(ww) {}

  // The alpha of the best so far, 0 where none takes anything off <w,w>.
  LFNC_HD double alpha() const { return alpha_; }

  // All assignments with alpha in [low, high]; each range lies below the one before. Of equally
  // good ones the first stays.
  LFNC_HD void operator()(double low, double high) {
    const level_steps& levels = *side_.levels;
    front fronts[float_levels::most];
    int open = 0;
    // Always all of the side, so that every search takes the same steps.
    for (int k = 0; k < levels.thresholds; ++k) rank_[k] = side_.rank(k, high);
    for (int k = 0; k < levels.thresholds; ++k) {
      fronts[open] = {k, crossing(k)};
      open += fronts[open].crossing >= low ? 1 : 0;
    }
    projection now = sums();
    keep(now);
    while (open > 0) {
      double alpha = fronts[0].crossing;
      for (int f = 1; f < open; ++f) {
        alpha = fronts[f].crossing > alpha ? fronts[f].crossing : alpha;
      }
      // All elements that cross here, equal ones too, cross together.
      for (int f = open - 1; f >= 0; --f) {
        front& edge = fronts[f];
        const int k = edge.threshold;
        while (edge.crossing >= alpha) {
          now.wq += rounded(levels.step[k] * side_.magnitude_at(rank_[k]));
          now.qq += levels.square_step[k];
          ++rank_[k];
          edge.crossing = crossing(k);
        }
        if (!(edge.crossing >= low)) edge = fronts[--open];
      }
      // These sums depend on where the range begins, by less than that.
      if (now.gain() > best_gain_ * (1 - 1e-11)) keep(sums());
    }
  }

 private:
  // A threshold that elements pass.
  struct front {
    int threshold;
    double crossing;  // alpha at which the next one passes
  };

  // -1 where all elements have passed.
  LFNC_HD double crossing(int k) const {
    if (rank_[k] == side_.count) return -1;
    return side_.magnitude_at(rank_[k]) / side_.levels->threshold[k];
  }

  LFNC_HD projection sums() const {
    const level_steps& levels = *side_.levels;
    projection made{rounded(levels.base * side_.total_of(side_.count)),
                    rounded(levels.base * levels.base * side_.mass_of(side_.count)), ww_};
    for (int k = 0; k < levels.thresholds; ++k) {
      made.wq += rounded(levels.step[k] * side_.total_of(rank_[k]));
      made.qq += rounded(levels.square_step[k] * side_.mass_of(rank_[k]));
    }
    return made;
  }

  LFNC_HD void keep(const projection& sums) {
    const double gain = sums.gain();
    if (!(gain > best_gain_)) return;
    best_gain_ = gain;
    alpha_ = sums.alpha();
  }

  const magnitude_side<T>& side_;
  double ww_;
  double best_gain_ = 0;
  double alpha_ = 0;
  index_t rank_[float_levels::most] = {};
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
