// lfnc floor 1: sums_beside: several exact sums added to at once, one in each lane of a vector.
#pragma once

#include <cstdint>

#include "../exact_sum.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

#if LFNC_SHUFFLES

template <int Bytes>
struct double_vectors {
  typedef double values __attribute__((vector_size(Bytes)));
  typedef std::int64_t bits __attribute__((vector_size(Bytes)));
};

// What is found out about one value each of several sums, in vector lanes: the sum of their parts
// (sigma + v) - sigma, what these leave, and the largest magnitude.
template <int Bytes>
struct parts_beside {
  using vector = typename double_vectors<Bytes>::values;
  using bits = typename double_vectors<Bytes>::bits;
  static constexpr int width = Bytes / static_cast<int>(sizeof(double));
  vector sigma;
  vector largest = {};
  vector total = {};
  bits left = {};

  // sigma: 2^17 times the power of two in `values`.
  LFNC_INLINE explicit parts_beside(const double* values) {
    constexpr std::int64_t exponents = 0x7FF0000000000000;
    bits first;
    __builtin_memcpy(&first, values, sizeof first);
    sigma = reinterpret_cast<vector>((first & exponents) + (std::int64_t{17} << 52));
  }

  LFNC_INLINE void add(const double* values) {
    constexpr std::int64_t magnitudes = 0x7FFFFFFFFFFFFFFF;
    vector x;
    __builtin_memcpy(&x, values, sizeof x);
    const auto magnitude = reinterpret_cast<vector>(reinterpret_cast<bits>(x) & magnitudes);
    largest = magnitude > largest ? magnitude : largest;
    const vector high = (sigma + x) - sigma;
    total += high;
    left |= reinterpret_cast<bits>(x - high);
  }

  // Whether the total in a lane is all of its values.
  LFNC_INLINE bool complete(int lane) const {
    const double top = largest[lane];
    return top > 0x1p-900 && top < 0x1p900 && top <= sigma[lane] * 0x1p-6 && left[lane] == 0;
  }
};

// Sums that are added to at a time, two vectors of them, so that no addition waits for another.
template <int Bytes>
inline constexpr int sums_together = 2 * parts_beside<Bytes>::width;

// Adds `count` finite values to each of sums_together<Bytes> sums: values[k + i * stride], for all
// i below count, to sum_of(k). As exact_sum::add does, a vector for the same part of neighbouring
// sums, and in one pass: sigma is 2^17 times the power of two in a sum's first value, which serves
// where no value is larger than sigma / 64 and nothing is left of any. Other sums are added by
// themselves.
template <int Bytes, class SumOf>
LFNC_INLINE void add_to_sums(const double* values, std::int64_t count, std::int64_t stride,
                             const SumOf& sum_of) {
  constexpr int width = parts_beside<Bytes>::width;
  while (count > 0) {
    const std::int64_t now = count < exact_sum::block ? count : exact_sum::block;
    // Not an array: gcc keeps one that a loop goes through in memory.
    parts_beside<Bytes> low(values);
    parts_beside<Bytes> high(values + width);
    for (std::int64_t i = 0; i < now; ++i) {
      low.add(values + i * stride);
      high.add(values + i * stride + width);
    }
    const auto add_lanes = [&](const parts_beside<Bytes>& parts, int first) {
      for (int k = 0; k < width; ++k) {
        if (parts.largest[k] == 0) continue;
        if (parts.complete(k)) {
          sum_of(first + k).add(parts.total[k]);
        } else {
          sum_of(first + k).add(values + first + k, now, stride);
        }
      }
    };
    add_lanes(low, 0);
    add_lanes(high, width);
    values += now * stride;
    count -= now;
  }
}

#endif

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
