// lfnc floor 1: histogram: mergeable counts of magnitudes, with a range that grows by doubling.
#pragma once

#include <cstdint>

#include "config.hpp"

namespace lfnc {

// Counts of non-negative values in `bins` even bins over [0, 2^exponent). The range starts at the
// first value and doubles when a larger one comes, two bins becoming one, so the final counts
// depend on the values alone and not on their order or on how they were split over histograms.
// Plain data of 64 KiB.
class histogram {
 public:
  static constexpr int bins = 8192;  // whatever the range

  LFNC_INLINE constexpr histogram() = default;  // of nothing

  // Widens the range, if need be, to hold `value` > 0.
  LFNC_HD LFNC_INLINE constexpr void reach(double value) {
    largest_ = value > largest_ ? value : largest_;
    if (value >= limit_) grow(needed_exponent(value));
  }

  // The bin of a value > 0 within reach is the whole part of value * inverse_width().
  LFNC_HD LFNC_INLINE constexpr double inverse_width() const { return inverse_width_; }

  // Adds one finite value >= 0 (unchecked).
  LFNC_HD LFNC_INLINE constexpr void add(double value) {
    if (value == 0) {
      ++zeros_;
      return;
    }
    reach(value);
    ++counts_[static_cast<int>(value * inverse_width_)];
  }

  // Adds values counted elsewhere: in `Count` bins of this histogram's range from `first` on, and
  // zeros.
  template <int Count>
  LFNC_HD LFNC_INLINE constexpr void add_counts(int first, const std::uint64_t* counts) {
    for (int k = 0; k < Count; ++k) counts_[first + k] += counts[k];
  }
  LFNC_HD LFNC_INLINE constexpr void add_zeros(std::uint64_t count) { zeros_ += count; }

  // Adds what another one counted: the same counts as of all values in one. O(bins).
  LFNC_HD LFNC_INLINE constexpr void merge(const histogram& other) {
    zeros_ += other.zeros_;
    if (other.largest_ == 0) return;
    reach(other.largest_);
    const int shift = exponent_ - other.exponent_;
    for (int k = 0; k < bins; ++k) counts_[shift < 14 ? k >> shift : 0] += other.counts_[k];
  }

  // Exact zeros, which no choice of alpha changes, are counted apart.
  LFNC_INLINE constexpr std::uint64_t zeros() const { return zeros_; }
  LFNC_INLINE constexpr std::uint64_t count(int bin) const { return counts_[bin]; }
  LFNC_INLINE constexpr std::uint64_t total() const {
    std::uint64_t sum = zeros_;
    for (const std::uint64_t count : counts_) sum += count;
    return sum;
  }
  // The largest value, exactly; 0 where there is none.
  LFNC_INLINE constexpr double largest() const { return largest_; }
  // The middle of a bin, which stands for its values.
  LFNC_INLINE constexpr double center(int bin) const { return (bin + 0.5) / inverse_width_; }
  LFNC_INLINE constexpr double width() const { return 1 / inverse_width_; }

  LFNC_INLINE friend constexpr bool operator==(const histogram&, const histogram&) = default;

 private:
  static constexpr int smallest_exponent = -900;  // below it, everything shares the first bin

  // The least exponent, within limits, with value < 2^exponent.
  LFNC_HD LFNC_INLINE static constexpr int needed_exponent(double value) {
    const auto raw = __builtin_bit_cast(std::uint64_t, value);
    const int exponent = static_cast<int>(raw >> 52) - 1022;
    return exponent > smallest_exponent ? exponent : smallest_exponent;
  }

  // 2^exponent, infinite at 1024.
  LFNC_HD LFNC_INLINE static constexpr double power(int exponent) {
    return __builtin_bit_cast(double, static_cast<std::uint64_t>(exponent + 1023) << 52);
  }

  LFNC_HD LFNC_INLINE constexpr void grow(int exponent) {
    const int shift = exponent - exponent_;
    for (int k = 0; k < bins; ++k) {
      const std::uint64_t moved = counts_[k];
      counts_[k] = 0;
      counts_[shift < 14 ? k >> shift : 0] += moved;
    }
    exponent_ = exponent;
    limit_ = power(exponent);
    inverse_width_ = power(13 - exponent);  // 2^13 bins
  }

  std::uint64_t counts_[bins] = {};
  std::uint64_t zeros_ = 0;
  double largest_ = 0;
  double limit_ = 0;  // 2^exponent; 0 before the first value
  double inverse_width_ = 0;
  int exponent_ = smallest_exponent;
};

}  // namespace lfnc
