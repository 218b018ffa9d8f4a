// lfnc floor 1: encoder_steps: at which numbers an encoder passes from level to level.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <type_traits>

#include "level_steps.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// The level that x is encoded as.
template <level_set Codebook, std::floating_point T>
LFNC_HD constexpr double level_of(const Codebook& codebook, T x) {
  if constexpr (requires { codebook.nearest_level(x); }) {
    return static_cast<double>(codebook.nearest_level(x));
  } else {
    return codebook.decode(codebook.encode(x));
  }
}

// The largest magnitude of a level, as a multiple of the largest power of two that all levels are
// multiples of; 0 where that is above 1024.
template <level_set Codebook>
double level_resolution(const Codebook& codebook) {
  double largest = 0;
  for (int k = 0; k < codebook.level_count(); ++k) {
    largest = std::max(largest, std::abs(static_cast<double>(codebook.level(k))));
  }
  for (double unit = std::exp2(std::ilogb(largest)); largest / unit <= 1024; unit /= 2) {
    bool all = true;
    for (int k = 0; k < codebook.level_count(); ++k) {
      const double multiple = static_cast<double>(codebook.level(k)) / unit;
      all = all && multiple == std::floor(multiple);
    }
    if (all) return largest / unit;
  }
  return 0;
}

// Numbers in their order as whole numbers, and back.
template <std::floating_point T>
struct ordered_bits {
  using whole = std::conditional_t<std::same_as<T, float>, std::int32_t, std::int64_t>;

  static whole of(T x) {
    const auto magnitude = __builtin_bit_cast(whole, std::abs(x));
    return x < 0 ? -magnitude : magnitude;
  }
  static T number(whole place) {
    const T magnitude = __builtin_bit_cast(T, place < 0 ? -place : place);
    return place < 0 ? -magnitude : magnitude;
  }
};

// The steps of an encoder whose level never falls as x grows: threshold[k] is the least number of T
// (here it may be negative) at which the level has grown by step[k]. They begin at the lowest
// level, or at that of 0 for an encoder that is to be asked for magnitudes alone. Returns false
// where they cannot be given: for an encoder that gives a level another one, or more than 256.
template <std::floating_point T, level_set Codebook>
bool find_steps(const Codebook& codebook, bool magnitudes, level_steps& steps) {
  using bits = ordered_bits<T>;
  const auto level = [&](int k) { return static_cast<double>(codebook.level(k)); };
  const int count = codebook.level_count();
  int k = 0;
  while (magnitudes && k + 1 < count && level(k) < level_of(codebook, T(0))) ++k;
  if (count - 1 - k > level_steps::most) return false;
  steps.thresholds = 0;
  steps.base = level(k);
  auto below = bits::of(magnitudes ? T(0) : static_cast<T>(level(k)));
  for (; k + 1 < count; ++k) {
    const auto next = bits::of(static_cast<T>(level(k + 1)));
    if (level_of(codebook, bits::number(below)) != level(k)) return false;
    if (level_of(codebook, bits::number(next)) != level(k + 1)) return false;
    auto beyond = next;
    while (below + 1 < beyond) {
      // Half of each, since their distance may be beyond the range.
      const auto middle = below / 2 + beyond / 2 + (below % 2 + beyond % 2) / 2;
      const bool reached = level_of(codebook, bits::number(middle)) >= level(k + 1);
      (reached ? beyond : below) = middle;
    }
    const int slot = steps.thresholds++;
    steps.threshold[slot] = static_cast<double>(bits::number(beyond));
    steps.step[slot] = level(k + 1) - level(k);
    steps.square_step[slot] = level(k + 1) * level(k + 1) - level(k) * level(k);
    below = next;
  }
  return true;
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
