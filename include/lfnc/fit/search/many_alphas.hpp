// lfnc floor 1: many_alphas: <w,q> and <q,q> of a short row at many alphas side by side, and what
// they leave possible in between.
#pragma once

#include "../../detail/float_levels.hpp"

// In float, for decisions that leave some slack, and on vectors: V is one of floats as gcc and
// clang have them, or float itself. Numbers are handed over by reference, since how a vector is
// passed by value depends on the instruction set. Magnitudes are at most 1.
namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

template <class V>
inline constexpr int floats_in = static_cast<int>(sizeof(V) / sizeof(float));

template <class V>
LFNC_HD LFNC_INLINE void load_floats(const float* place, V& x) {
  __builtin_memcpy(&x, place, sizeof x);
}
template <class V>
LFNC_HD LFNC_INLINE void store_floats(float* place, const V& x) {
  __builtin_memcpy(place, &x, sizeof x);
}
template <class V>
LFNC_HD LFNC_INLINE void keep_below(V& x, const V& most) {
  x = x < most ? x : most;
}
template <class V>
LFNC_HD LFNC_INLINE void keep_above(V& x, const V& least) {
  x = x > least ? x : least;
}

// x >= 0 becomes the level next to it, at a tie one of both.
template <bool Whole, class V>
LFNC_HD LFNC_INLINE void to_level(const float_levels& levels, V& x) {
  if constexpr (Whole) {
    // Floats of this size are whole numbers. Where x itself is, it is far above the top.
    const V whole = V{} + 12582912.0F;
    x = x + whole - whole;
    keep_below<V>(x, V{} + levels.top);
  } else {
    V level = V{} + levels.base;
    for (int k = 0; k < levels.thresholds; ++k) {
      const V threshold = V{} + levels.threshold[k];
      const V step = V{} + levels.step[k];
      level += x >= threshold ? step : V{};
    }
    x = level;
  }
}

// The sums over `count` magnitudes at alpha[j], for j below the next multiple of 16 of `alphas`.
template <bool Whole, class V>
LFNC_HD LFNC_INLINE void project_at(const float_levels& levels, const float* magnitude, int count,
                                    int alphas, const float* alpha, float* wq, float* qq) {
  // Two vectors of them, which do not wait for each other.
  constexpr int step = 2 * floats_in<V> < 16 ? 2 * floats_in<V> : 16;
  constexpr int second = step - floats_in<V>;
  for (int j = 0; j < alphas; j += step) {
    V inverse[2];
    load_floats<V>(alpha + j, inverse[0]);
    load_floats<V>(alpha + j + second, inverse[1]);
    inverse[0] = (V{} + 1.0F) / inverse[0];
    inverse[1] = (V{} + 1.0F) / inverse[1];
    V sum[4] = {};
    for (int k = 0; k < count; ++k) {
      const V w = V{} + magnitude[k];
      V q = w * inverse[0];
      to_level<Whole, V>(levels, q);
      sum[0] += w * q;
      sum[1] += q * q;
      if constexpr (second > 0) {
        q = w * inverse[1];
        to_level<Whole, V>(levels, q);
        sum[2] += w * q;
        sum[3] += q * q;
      }
    }
    store_floats<V>(wq + j, sum[0]);
    store_floats<V>(qq + j, sum[1]);
    if constexpr (second > 0) {
      store_floats<V>(wq + j + second, sum[2]);
      store_floats<V>(qq + j + second, sum[3]);
    }
  }
}

// gain[j] = wq[j]^2 / qq[j], 0 where both are.
template <class V>
LFNC_HD LFNC_INLINE void find_gains(int count, const float* wq, const float* qq, float* gain) {
  for (int j = 0; j < count; j += floats_in<V>) {
    V by;
    V of;
    load_floats<V>(wq + j, by);
    load_floats<V>(qq + j, of);
    store_floats<V>(gain + j, by * by / (of + 1e-30F));
  }
}

// reach[j] is the most that any alpha from alpha[j] to alpha[j + 1] may take off <w,w>, by the
// bound of best_alpha, and on top of it a share `slack` of alpha^2 <q,q>.
template <class V>
LFNC_HD LFNC_INLINE void find_reach(int count, float slack, const float* alpha, const float* wq,
                                    const float* qq, float* reach) {
  for (int j = 0; j < count; j += floats_in<V>) {
    V a;
    V b;
    V low_wq;
    V low_qq;
    V high_wq;
    V high_qq;
    load_floats<V>(alpha + j, a);
    load_floats<V>(alpha + j + 1, b);
    load_floats<V>(wq + j, low_wq);
    load_floats<V>(wq + j + 1, high_wq);
    load_floats<V>(qq + j, low_qq);
    load_floats<V>(qq + j + 1, high_qq);
    const V x = low_qq - high_qq;
    V at_b = ((low_wq - high_wq) * 2.0F - a * x) / (b - a);
    keep_above<V>(at_b, V{});
    keep_below<V>(at_b, x);
    high_wq += at_b * b * 0.5F;
    high_qq += at_b;
    V best = high_wq / (high_qq + 1e-30F);
    keep_above<V>(best, a);
    keep_below<V>(best, b);
    store_floats<V>(reach + j, best * (high_wq * 2.0F - best * high_qq) + b * b * low_qq * slack);
  }
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
