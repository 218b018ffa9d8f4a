// lfnc floor 1: histogram: mergeable counts of magnitudes, with a range that grows by doubling.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "error.hpp"
#include "scalar.hpp"

namespace lfnc {

// Counts of non-negative values in `bins` even bins over [0, 2^exponent). The range starts at the
// first value and doubles when a larger one comes, two bins becoming one, so the final counts
// depend on the values alone and not on their order or on how they were split over histograms. 64
// KiB.
class histogram {
 public:
  static constexpr int bins = 8192;

  // Adds one finite value >= 0 (unchecked).
  void add(double value) {
    if (value == 0) {
      ++zeros_;
      return;
    }
    largest_ = std::max(largest_, value);
    if (value >= limit_) grow(needed_exponent(value));
    ++counts_[static_cast<std::size_t>(value * inverse_width_)];
  }

  void merge(const histogram& other) {
    zeros_ += other.zeros_;
    if (other.largest_ == 0) return;
    largest_ = std::max(largest_, other.largest_);
    if (limit_ == 0 || other.exponent_ > exponent_) grow(other.exponent_);
    const int shift = exponent_ - other.exponent_;
    for (std::size_t k = 0; k < bins; ++k) {
      counts_[shift < 14 ? k >> shift : 0] += other.counts_[k];
    }
  }

  // Exact zeros, which no choice of alpha changes, are counted apart.
  std::uint64_t zeros() const { return zeros_; }
  std::uint64_t count(int bin) const { return counts_[static_cast<std::size_t>(bin)]; }
  std::uint64_t total() const {
    std::uint64_t sum = zeros_;
    for (const std::uint64_t count : counts_) sum += count;
    return sum;
  }
  // The largest value, exactly; 0 where there is none.
  double largest() const { return largest_; }
  // The middle of a bin, which stands for its values.
  double center(int bin) const { return (bin + 0.5) / inverse_width_; }
  double width() const { return 1 / inverse_width_; }

  friend bool operator==(const histogram&, const histogram&) = default;

 private:
  static constexpr int smallest_exponent = -900;  // below it, everything shares the first bin

  static int needed_exponent(double value) {
    return std::max(std::ilogb(value) + 1, smallest_exponent);
  }

  void grow(int exponent) {
    if (limit_ > 0) {
      const int shift = exponent - exponent_;
      for (std::size_t k = 0; k < bins; ++k) {
        const std::uint64_t moved = std::exchange(counts_[k], 0);
        counts_[shift < 14 ? k >> shift : 0] += moved;
      }
    }
    exponent_ = exponent;
    limit_ = std::ldexp(1.0, exponent);
    inverse_width_ = std::ldexp(static_cast<double>(bins), -exponent);
  }

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(bins);
  std::uint64_t zeros_ = 0;
  double largest_ = 0;
  double limit_ = 0;  // 2^exponent; 0 before the first value
  double inverse_width_ = 0;
  int exponent_ = smallest_exponent;
};

}  // namespace lfnc
