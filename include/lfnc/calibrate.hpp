// lfnc floor 4: calibrate: counts of an activation point's values from batches, alpha from them.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

#include "exec/cpu.hpp"
#include "fit/activation.hpp"

namespace lfnc {

// How alpha is found from the values of an activation point.
enum class calibration {
  exact,       // least squared error over the histogram; the default
  lloyd,       // the published alternation over the histogram
  abs_max,     // the largest value takes the last level
  percentile,  // the value that a share of all values stay below takes the last level
};

// How calibrate() finds alpha.
struct calibration_options {
  calibration method = calibration::exact;  // what is minimized or kept
  double share = 0.9999;                    // of all values, for calibration::percentile
};

// What a calibration run remembers of an activation point: counts of the positive and of the
// negative values. Plain data of 128 KiB, whatever the number of images; mergeable, with the same
// result for any split over batches, threads and machines.
struct activation_histogram {
  histogram positive;  // zeros are counted here
  histogram negative;  // of -x

  // Adds what `other` counted. Exact; O(bins).
  LFNC_HD LFNC_INLINE constexpr void merge(const activation_histogram& other) {
    positive.merge(other.positive);
    negative.merge(other.negative);
  }

  // How many values were counted.
  LFNC_INLINE std::uint64_t total() const { return positive.total() + negative.total(); }

  LFNC_INLINE friend bool operator==(const activation_histogram&,
                                     const activation_histogram&) = default;
};

inline namespace LFNC_ABI {
namespace detail {

// What activations.hpp says of the levels of a grid as well.
inline void check_grid(int low, int high) {
  require(low <= 0 && high > 0 && low >= -128 && high <= 255 && high - low <= 255, "grid", [&] {
    return sentence(
        {"levels ", low, "..", high, " are not whole numbers around 0 that fit 8 bits"});
  });
}

// Counting takes place in parts of this many elements.
inline constexpr index_t counting_part = 1 << 14;

// Slots of a tally: positive bins, negative bins, zeros.
inline constexpr int count_slots = 2 * histogram::bins + 1;

// Fields: the largest value and the largest -x, both at least 0; NaN where x is not finite.
template <std::floating_point T>
struct extremes_reducer {
  static constexpr int fields = 3;
  static constexpr bool zero_is_neutral = true;

  LFNC_HD void add(T x, double* field, index_t stride) const {
    const auto value = static_cast<double>(x);
    field[0] = value > field[0] ? value : field[0];
    field[stride] = -value > field[stride] ? -value : field[stride];
    field[2 * stride] += static_cast<double>(x - x);
  }
  LFNC_HD double merge(int k, double a, double b) const { return k > 1 ? a + b : a > b ? a : b; }
};

// The largest value of a part, its largest -x with the sign turned, and NaN where it is not finite.
struct store_extremes {
  double* extremes;  // two a part
  double* bad;

  LFNC_HD void operator()(index_t part, const reduced<3>& field) const {
    extremes[2 * part] = field[0];
    extremes[2 * part + 1] = -field[1];
    bad[part] = field[2];
  }
};

struct widen_histogram {
  activation_histogram* counts;

  LFNC_HD void operator()(index_t, const reduced<3>& field) const {
    if (field[0] > 0) counts->positive.reach(field[0]);
    if (field[1] > 0) counts->negative.reach(field[1]);
  }
};

// The inverse width of bins as a product of two factors of type T, which a float alone may be too
// small for. Both are powers of two: a product with them has the whole part that the exact one has.
// Beyond 2^252 bins are too narrow for any float but 0, which is in the first whatever the factor,
// so that a finite one does where a float has none: histograms of doubles may be as narrow.
template <std::floating_point T>
struct inverse_width {
  T first;
  T second;

  LFNC_HD constexpr explicit inverse_width(double inverse)
      : first(static_cast<T>(inverse > 0x1p126 ? 0x1p126 : inverse)),
        second(static_cast<T>(second_of(inverse))) {}

 private:
  LFNC_HD static constexpr double second_of(double inverse) {
    if (inverse <= 0x1p126) return 1;
    const bool too_narrow = std::same_as<T, float> && inverse > 0x1p252;
    return too_narrow ? 0x1p126 : inverse * 0x1p-126;
  }
};

// The slot of x, without branches: signs are as good as random.
template <std::floating_point T>
struct bin_of {
  inverse_width<T> positive;
  inverse_width<T> negative;

  LFNC_HD int operator()(T x) const {
    const T magnitude = x < 0 ? -x : x;
    const T first = x < 0 ? negative.first : positive.first;
    const T second = x < 0 ? negative.second : positive.second;
    // 0 has a whole part of 0, so that sums do what would be choices.
    return static_cast<int>(magnitude * first * second) +
           static_cast<int>(x < 0) * histogram::bins +
           static_cast<int>(x == 0) * (2 * histogram::bins);
  }
};

struct find_bin {
  const activation_histogram* counts;

  // What it does, with all that it reads at hand.
  template <std::floating_point T>
  LFNC_HD bin_of<T> loaded() const {
    return {inverse_width<T>(counts->positive.inverse_width()),
            inverse_width<T>(counts->negative.inverse_width())};
  }

  template <std::floating_point T>
  LFNC_HD int operator()(T x) const {
    return loaded<T>()(x);
  }
};

// Adds a block of the slots of a tally to the histogram; the block after the last one is the zeros.
struct add_seen {
  static constexpr int block = 32;
  static constexpr index_t blocks = 2 * histogram::bins / block;

  const std::uint64_t* seen;
  activation_histogram* counts;

  LFNC_HD void operator()(index_t index) const {
    const int first = static_cast<int>(index) * block;
    if (first < histogram::bins) {
      counts->positive.add_counts<block>(first, seen + first);
    } else if (index < blocks) {
      counts->negative.add_counts<block>(first - histogram::bins, seen + first);
    } else {
      counts->positive.add_zeros(seen[first]);
    }
  }
};

}  // namespace detail

// Counts a batch, any extents and strides, into the histogram of its activation point, which lies
// in the batch's memory space. Throws argument_error, with the histogram as it was, for an empty
// batch and NaN or infinite elements (with the index of one). Two passes; allocates a histogram a
// thread.
template <class Policy, class T, int Rank, class Space>
void accumulate_histogram(const Policy& policy, const tensor_view<T, Rank, Space>& batch,
                          activation_histogram* counts) {
  detail::require(counts != nullptr, "counts", "null data");
  const auto all = whole(batch);
  detail::require(all.size() > 0, "batch", "there are no elements");
  // The range first, then counts in bins of that range: both give the same result in any order.
  const group_view<T, Space> parts{all, detail::counting_part};
  auto scratch = open_scratch(policy);
  double* extremes = scratch.template take<double>(2 * parts.rows());
  double* bad = scratch.template take<double>(parts.rows());
  std::uint64_t* seen = scratch.template take<std::uint64_t>(detail::count_slots);
  reduce(policy, parts, for_all_rows<detail::extremes_reducer<compute_t<T>>>{},
         detail::store_extremes{extremes, bad});
  reject(policy, parts, bad, "batch");
  reduce(policy, groups(detail::dense_rows<Space>(extremes, 1, 2 * parts.rows())),
         for_all_rows<detail::extremes_reducer<double>>{}, detail::widen_histogram{counts});
  tally(policy, all, detail::find_bin{counts}, seen, detail::count_slots);
  for_each(policy, detail::add_seen::blocks + 1, detail::add_seen{seen, counts});
}

// The same on the host.
template <class Policy, class T, int Rank>
void accumulate_histogram(const Policy& policy, const tensor_view<T, Rank, host_space>& batch,
                          activation_histogram& counts) {
  accumulate_histogram(policy, batch, &counts);
}

// The same without a policy: on all cores of the host.
template <class T, int Rank, class Space>
void accumulate_histogram(const tensor_view<T, Rank, Space>& batch, activation_histogram& counts) {
  detail::require_host<Space>();
  accumulate_histogram(cpu{}, batch, &counts);
}

// alpha for levels low..high (low <= 0 < high) from the values counted: low = 0, high = 255 or 127
// after ReLU (negative values, which all become 0, are left out of account); low = -high, 127 or
// so, at signed points. Where no value is above 0 (or, signed, none differs from 0), alpha is 1.
// Throws argument_error for an empty histogram, other levels, and a share outside 0..1.
// Milliseconds.
inline double calibrate(const activation_histogram& counts, int low, int high,
                        const calibration_options& options = {}) {
  detail::check_grid(low, high);
  detail::require(low == 0 || low == -high, "low",
                  [&] { return detail::sentence({low, " is neither 0 nor -", high}); });
  detail::require(counts.total() > 0, "counts", "no value was counted");
  // 64 KiB, which a small stack should not hold.
  std::vector<histogram> both(1, counts.positive);
  histogram& magnitudes = both[0];
  if (low < 0) magnitudes.merge(counts.negative);
  if (magnitudes.largest() == 0) return 1;
  switch (options.method) {
    case calibration::exact:
      return detail::fit_grid_exact(magnitudes, high);
    case calibration::lloyd:
      return detail::fit_grid_lloyd(magnitudes, high);
    case calibration::abs_max:
      return magnitudes.largest() / high;
    case calibration::percentile: {
      detail::require(options.share > 0 && options.share <= 1, "share", [&] {
        return detail::sentence({detail::shortest(options.share), " is not in (0, 1]"});
      });
      return detail::percentile(magnitudes, options.share) / high;
    }
  }
  detail::refuse("method", "is none of exact, lloyd, abs_max and percentile");
}

}  // namespace LFNC_ABI
}  // namespace lfnc
