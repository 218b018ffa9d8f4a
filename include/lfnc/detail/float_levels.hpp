// lfnc floor 1: float_levels: few levels in float, and the alphas that short_row looks at first.
#pragma once

#include "../config.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// The levels that a magnitude takes as level_steps has them, rounded to float. thresholds is 0
// where there are too many of them or float has not the range for their squares.
struct float_levels {
  static constexpr int most = 15;
  static constexpr int most_first = 30;

  int thresholds = 0;
  bool whole = false;  // they are 0, 1, ..., top
  float base = 0;
  float top = 0;
  float square_step = 0;  // growth of the square at a threshold, on average
  float threshold[most];
  float step[most];
  int first_alphas = 0;
  float first_alpha[most_first];  // ascending, where the largest magnitude is 1
};

// Where the best alpha of a row of normally distributed weights lies mostly, and around it: from
// where the largest magnitude is cut off by half to where small ones get no level of their own. It
// decides only how long the search takes.
LFNC_HD inline void fill_first_alphas(float_levels* levels) {
  const float one_level[] = {0.25F, 0.29F, 0.33F, 0.36F, 0.39F, 0.43F, 0.47F,
                             0.51F, 0.55F, 0.6F,  0.65F, 0.75F, 0.9F,  1.1F};
  const float many_levels[] = {0.62F, 0.68F, 0.73F, 0.78F, 0.83F, 0.88F, 0.94F,
                               1.0F,  1.07F, 1.15F, 1.3F,  1.55F, 1.9F,  2.4F};
  levels->first_alphas = 0;
  const auto add = [&](float multiple) {
    levels->first_alpha[levels->first_alphas++] = multiple / levels->top;
  };
  if (levels->thresholds < 3) {
    for (const float multiple : one_level) add(multiple);
  } else if (levels->top < 3 * static_cast<float>(levels->thresholds)) {
    for (const float multiple : many_levels) add(multiple);
  } else {
    // Levels that grow by a factor: twice alpha is nearly as good.
    float multiple = 0.55F;
    for (int k = 0; k < float_levels::most_first; ++k, multiple *= 1.16F) add(multiple);
  }
}

// `count` thresholds and the steps there, from level `base` on.
LFNC_HD inline void fill_float_levels(double base, int count, const double* threshold,
                                      const double* step, float_levels* levels) {
  levels->thresholds = 0;
  if (count < 1 || count > float_levels::most || base < 0) return;
  double top = base;
  levels->whole = base == 0;
  for (int k = 0; k < count; ++k) {
    levels->threshold[k] = static_cast<float>(threshold[k]);
    levels->step[k] = static_cast<float>(step[k]);
    levels->whole = levels->whole && step[k] == 1;
    top += step[k];
  }
  if (!(top > 1e-3 && top < 1e6 && top < 1e4 * threshold[0])) return;
  levels->base = static_cast<float>(base);
  levels->top = static_cast<float>(top);
  levels->square_step = static_cast<float>((top * top - base * base) / count);
  levels->thresholds = count;
  fill_first_alphas(levels);
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
