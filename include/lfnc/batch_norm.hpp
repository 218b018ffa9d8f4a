// lfnc floor 4: batch_norm: moments of batches, re-normalization plain and anchored, folding.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "exec/cpu.hpp"
#include "fit/row.hpp"
#include "moments.hpp"

namespace lfnc {

// How far re-normalization trusts what was measured.
struct renormalize_options {
  // What the network adds to a variance before it divides by it: quotients are taken of what it
  // divides by, variance + epsilon, so that variances far below epsilon, which make no difference,
  // make none here either.
  double epsilon = 1e-5;

  // A new variance lies, epsilon included, at or above the trained one divided by this, and where
  // it is anchored at or below the larger of the trained and the measured one times this. The best
  // alpha of a row leaves at least 1 - r of the energy of its weights, with r the relative error
  // (about 0.2 for three levels, 0.01 for four bits); so a variance falls to less than half where
  // the images make nearly constant what the training set did not, and not by the loss of levels.
  // 16 is a factor of 4 in what the channel gives. At least 1.
  double most_ratio = 16;
};

// Channels that re-normalization did not take at their word.
struct renormalize_counts {
  std::size_t kept = 0;     // no evidence: the trained variance stayed
  std::size_t bounded = 0;  // the new variance is the bound

  friend constexpr bool operator==(const renormalize_counts&, const renormalize_counts&) = default;
};

inline namespace LFNC_ABI {
namespace detail {

// Sum and sum of squares of a plane, in double, where the square of a float is exact.
template <std::floating_point T>
struct moments_reducer {
  static constexpr int fields = 2;
  static constexpr bool zero_is_neutral = true;

  LFNC_HD void add(T x, double* field, index_t stride) const {
    const auto value = static_cast<double>(x);
    field[0] += value;
    if constexpr (std::same_as<T, double>) {
      field[stride] += rounded(value * value);
    } else {
      field[stride] += value * value;
    }
  }
  LFNC_HD double merge(int, double a, double b) const { return a + b; }
};

// The same in float, which a vector holds twice as many of and need not be widened for.
struct float_moments_reducer {
  static constexpr int fields = 2;
  static constexpr bool zero_is_neutral = true;
  using lane_type = float;

  LFNC_HD void add(float x, float* field, index_t stride) const {
    field[0] += x;
    field[stride] += rounded(x * x);
  }
  template <class Lane>
  LFNC_HD Lane merge(int, Lane a, Lane b) const {
    return a + b;
  }
  template <class Vector, class Lanes>
  LFNC_INLINE void add_vector(const Vector& x, Lanes* field, int k) const {
    field[0].add(k, x);
    field[1].add_product(k, x, x);
  }
};

// The planes whose float sums do not serve, to be added again in double. They serve where the
// squares lie in the range in which float keeps all its digits, and the variance is not what little
// is left of the squares when the mean's part is taken away:
//   n squares - sum^2 >= n squares / 8
// which magnifies the error of rounding eight times at most. What is not finite does not serve.
struct needs_double {
  double elements;
  const double* sum;
  const double* squares;

  LFNC_HD bool operator()(index_t plane) const {
    const double total = squares[plane];
    const bool in_range = (total > 0x1p-80) & (total < 0x1p100);
    return !(in_range & (sum[plane] * sum[plane] <= 0.875 * elements * total));
  }
};

struct store_sums {
  double* sum;
  double* squares;

  LFNC_HD void operator()(index_t plane, const reduced<2>& field) const {
    sum[plane] = field[0];
    squares[plane] = field[1];
  }
  LFNC_HD double* column(int f) const { return f == 0 ? sum : squares; }
};

// Adds the planes of one channel, each beside those of the image's other channels.
struct add_planes {
  index_t channels;
  index_t planes;
  index_t plane_size;
  const double* sum;
  const double* squares;
  channel_moments* moments;

  LFNC_HD void operator()(index_t channel) const {
    moments[channel].add_planes(planes, plane_size, sum + channel, squares + channel, channels);
  }
  template <int Bytes>
  LFNC_INLINE void on_vectors(index_t begin, index_t end) const {
    add_planes_beside<Bytes>(end - begin, planes, plane_size, sum + begin, squares + begin,
                             channels, moments + begin);
  }
};

// The planes of a batch as rows in the order of most batches in memory: an image's one after
// another, a row for every channel. The images are what the view calls channels.
template <class T, class Space>
group_view<T, Space> planes_by_image(channel_view<T, Space> batch) {
  std::swap(batch.channels, batch.planes);
  std::swap(batch.channel_stride, batch.plane_stride);
  return {batch, batch.plane_size};
}

// Refuses channels without enough elements for a statistic.
inline void check_measured(std::span<const channel_moments> moments, std::int64_t needed,
                           std::string_view argument) {
  for (std::size_t c = 0; c < moments.size(); ++c) {
    require(moments[c].count >= needed, argument, [&] {
      return sentence({"channel ", c, " has ", moments[c].count, " elements, at least ", needed,
                       " are needed"});
    });
  }
}

template <class T>
void check_statistics(std::span<T> mean, std::span<T> variance, std::size_t channels) {
  require(mean.size() == channels, "mean", [&] {
    return sentence({"holds ", mean.size(), " entries for ", channels, " channels"});
  });
  require(variance.size() == channels, "variance", [&] {
    return sentence({"holds ", variance.size(), " entries for ", channels, " channels"});
  });
}

inline void check_renormalize(const renormalize_options& options) {
  require(options.epsilon >= 0 && finite(options.epsilon), "epsilon",
          [&] { return sentence({shortest(options.epsilon), " is no number of at least 0"}); });
  require(options.most_ratio >= 1, "most_ratio",
          [&] { return sentence({shortest(options.most_ratio), " is not at least 1"}); });
}

// What was measured of how a channel varies.
struct channel_spread {
  // Elements are floats that an engine summed up: what they are made of is rounded to 2^-24 of
  // itself some hundred times, which is 2^-20 of it in all, and 2^-40 in the variance.
  static constexpr double rounding = 0x1p-40;

  double variance;
  double square;  // mean of the squares

  channel_spread(const channel_moments& moments, variance_kind kind)
      : variance(moments.variance(kind)),
        square(moments.squares.value() / static_cast<double>(moments.count)) {}

  // Whether it varies by more than the rounding of numbers of mean square `size`, or of its own.
  bool varies(double size) const { return variance > rounding * (size > square ? size : square); }
};

// `spread` where it is at least the trained variance / most_ratio, epsilon included, or that.
inline double bounded_below(double spread, double trained, const renormalize_options& options,
                            renormalize_counts& counts) {
  const double epsilon = options.epsilon;
  const double least = (trained + epsilon) / options.most_ratio - epsilon;
  if (!(spread < least)) return spread;
  ++counts.bounded;
  return least;
}

// The new variance of one channel, and of one more channel in `counts` where it is not as measured.
inline double plain_variance(double trained, const channel_spread& now,
                             const renormalize_options& options, renormalize_counts& counts) {
  if (!(trained >= 0 && finite(trained))) return now.variance;
  if (!now.varies(trained)) {
    ++counts.kept;
    return trained;
  }
  return bounded_below(now.variance, trained, options, counts);
}

inline double anchored_variance(double trained, const channel_spread& quantized,
                                const channel_spread& original, const renormalize_options& options,
                                renormalize_counts& counts) {
  const double epsilon = options.epsilon;
  const double divisor = original.variance + epsilon;
  // A float channel that is constant tells nothing, unless that is what it was trained as.
  const bool anchored = divisor > 0 && (original.varies(trained) ||
                                        trained + epsilon <= options.most_ratio * divisor);
  if (!anchored || !quantized.varies(trained > original.square ? trained : original.square)) {
    ++counts.kept;
    return trained;
  }
  const double ratio = (quantized.variance + epsilon) / divisor;
  // (trained + epsilon) * ratio - epsilon, which is the trained one itself where the ratio is 1.
  double spread = trained * ratio + epsilon * (ratio - 1);
  spread = spread > 0 ? spread : 0;
  const double larger = trained > quantized.variance ? trained : quantized.variance;
  const double most = (larger + epsilon) * options.most_ratio - epsilon;
  if (spread > most) {
    ++counts.bounded;
    return most;
  }
  return bounded_below(spread, trained, options, counts);
}

// Writes statistics, or nothing where T cannot hold one of them.
template <class T>
void store_statistics(const std::vector<double>& means, const std::vector<double>& spread,
                      std::span<T> mean, std::span<T> variance) {
  // A 16-bit type takes a float.
  const auto to_statistic = [](double x) { return static_cast<T>(static_cast<compute_t<T>>(x)); };
  const auto check = [&](const std::vector<double>& values, const char* argument) {
    for (std::size_t c = 0; c < values.size(); ++c) {
      if (!finite(static_cast<double>(to_statistic(values[c])))) {
        raise(overflow_error("lfnc: " + std::string(argument) + ": entry " + std::to_string(c) +
                             " would be " + shortest(values[c]) +
                             ", beyond the range of its type"));
      }
    }
  };
  check(means, "mean");
  check(spread, "variance");
  for (std::size_t c = 0; c < means.size(); ++c) {
    mean[c] = to_statistic(means[c]);
    variance[c] = to_statistic(spread[c]);
  }
}

}  // namespace detail

// Adds a batch to the moments of its channels: channels(batch, axis), any extents and strides, one
// entry of `moments` a channel. The result does not depend on how images are split into batches
// (dimension 0), on threads or on the backend. Planes of 16 elements and more that are not double
// are added up in float, and again in double where that would cost digits of the variance
// (needs_double above). Throws argument_error, with `moments` as they were, for an empty batch, a
// wrong number of channels, and NaN or infinite elements (with channel and index, those of an image
// before the next one's); overflow_error where a plane of doubles has a sum of squares beyond the
// range of double. One pass over the batch; allocates two numbers a plane.
template <class Policy, class T, class Space>
void accumulate_moments(const Policy& policy, const channel_view<T, Space>& batch,
                        std::type_identity_t<list_view<channel_moments, Space>> moments) {
  detail::require(batch.size() > 0, "batch", "there are no elements");
  detail::check_list(moments, batch.channels, "moments", "channels");
  const group_view<T, Space> planes = detail::planes_by_image(batch);
  auto scratch = open_scratch(policy);
  double* sum = scratch.template take_raw<double>(planes.rows());
  double* squares = scratch.template take_raw<double>(planes.rows());
  const detail::store_sums store{sum, squares};
  const for_all_rows<detail::moments_reducer<compute_t<T>>> in_double{};
  bool in_float = false;
  bool in_double_too = true;
  if constexpr (std::same_as<compute_t<T>, float>) {
    in_float = batch.plane_size >= lanes;
    if (in_float) {
      reduce(policy, planes, for_all_rows<detail::float_moments_reducer>{}, store);
      const detail::needs_double again{static_cast<double>(batch.plane_size), sum, squares};
      in_double_too = reduce_where(policy, planes, again, in_double, store);
    }
  }
  if (!in_float) reduce(policy, planes, in_double, store);
  // What is not finite does not serve in float.
  if (in_double_too) reject(policy, planes, squares, "batch", true);
  for_each(policy, batch.channels,
           detail::add_planes{batch.channels, batch.planes, batch.plane_size, sum, squares,
                              moments.data});
}

// The same of a tensor whose second dimension are the channels (NCHW); without a policy, on all
// cores of the host.
template <class Policy, class T, int Rank, class Space>
void accumulate_moments(const Policy& policy, const tensor_view<T, Rank, Space>& batch,
                        std::type_identity_t<list_view<channel_moments, Space>> moments) {
  accumulate_moments(policy, detail::channels_of(batch), moments);
}
template <detail::has_channels Batch>
void accumulate_moments(const Batch& batch, list_view<channel_moments> moments) {
  const auto all = detail::channels_of(batch);
  detail::require_host<detail::space_of<std::remove_cv_t<decltype(all)>>>();
  accumulate_moments(cpu{}, all, moments);
}

// Plain re-normalization: mean and variance of each channel become those measured in the quantized
// network. The published network keeps the unbiased variance. On entry `mean` and `variance` hold
// the trained statistics, which bound what is measured (renormalize_options): a channel that does
// not vary, beyond what the rounding of floats makes it vary, keeps its trained variance and takes
// the mean; a trained variance that is no number of at least 0 bounds nothing. Returns how many
// channels were not taken at their word. Throws argument_error, before anything is written, where
// sizes differ, a channel was never measured or an option is out of range, overflow_error where T
// cannot hold a result. O(channels). Source: He & Cheng, ECCV 2018, section 3.2.
template <class T>
renormalize_counts renormalize(std::span<const channel_moments> measured, std::span<T> mean,
                               std::span<T> variance, variance_kind kind = variance_kind::unbiased,
                               const renormalize_options& options = {}) {
  detail::check_statistics(mean, variance, measured.size());
  detail::check_renormalize(options);
  detail::check_measured(measured, kind == variance_kind::unbiased ? 2 : 1, "measured");
  std::vector<double> means(measured.size());
  std::vector<double> spread(measured.size());
  renormalize_counts counts;
  for (std::size_t c = 0; c < measured.size(); ++c) {
    const detail::channel_spread now(measured[c], kind);
    means[c] = measured[c].mean();
    spread[c] = detail::plain_variance(static_cast<double>(variance[c]), now, options, counts);
  }
  detail::store_statistics(means, spread, mean, variance);
  return counts;
}

// The same of vectors and arrays.
template <detail::writable_list Mean>
renormalize_counts renormalize(std::span<const channel_moments> measured, Mean&& mean,
                               std::type_identity_t<std::span<detail::element_of<Mean>>> variance,
                               variance_kind kind = variance_kind::unbiased,
                               const renormalize_options& options = {}) {
  return renormalize<detail::element_of<Mean>>(measured, std::span(mean), variance, kind, options);
}

// Anchored re-normalization: the trained statistics (mean and variance, in place) are moved by what
// quantization did to the statistics of the same images:
//   mean                += m_q - m_f
//   variance + epsilon  *= (v_q + epsilon) / (v_f + epsilon)
// with (m_q, v_q) measured in the quantized network and (m_f, v_f) in the float network. The
// sampling noise of the images, and what sets them apart from the training set, cancels; 32 images
// then serve as well as 1,000 do plainly.
//
// The variance stays within renormalize_options::most_ratio, and stays the trained one where there
// is no evidence: where the quantized channel never varies, beyond what the rounding of floats
// makes it vary (its constant lies beside the new mean, and a variance of 0 would magnify the
// difference by 1 / sqrt(epsilon)), and where the float channel never varies although the trained
// one did. Returns how many channels were not taken at their word. Throws argument_error, before
// anything is written, where sizes differ, a channel was never measured, a trained mean is not
// finite, a trained variance is not finite or negative, or an option is out of range;
// overflow_error where T cannot hold a result. O(channels).
template <class T>
renormalize_counts renormalize_anchored(std::span<const channel_moments> quantized,
                                        std::span<const channel_moments> original,
                                        std::span<T> mean, std::span<T> variance,
                                        const renormalize_options& options = {}) {
  detail::check_statistics(mean, variance, quantized.size());
  detail::require(original.size() == quantized.size(), "original", [&] {
    return detail::sentence(
        {"holds ", original.size(), " entries for ", quantized.size(), " channels"});
  });
  detail::check_renormalize(options);
  detail::check_measured(quantized, 1, "quantized");
  detail::check_measured(original, 1, "original");
  std::vector<double> means(quantized.size());
  std::vector<double> spread(quantized.size());
  renormalize_counts counts;
  for (std::size_t c = 0; c < quantized.size(); ++c) {
    detail::require(detail::finite(static_cast<double>(mean[c])), "mean",
                    [&] { return detail::sentence({"entry ", c, " is NaN or infinite"}); });
    const auto trained = static_cast<double>(variance[c]);
    detail::require(trained >= 0 && detail::finite(trained), "variance", [&] {
      return detail::sentence({"entry ", c, " is ", detail::shortest(trained)});
    });
    const double shift = quantized[c].mean() - original[c].mean();
    means[c] = static_cast<double>(mean[c]) + shift;
    spread[c] = detail::anchored_variance(
        trained, detail::channel_spread(quantized[c], variance_kind::biased),
        detail::channel_spread(original[c], variance_kind::biased), options, counts);
  }
  detail::store_statistics(means, spread, mean, variance);
  return counts;
}

// The same of vectors and arrays.
template <detail::writable_list Mean>
renormalize_counts renormalize_anchored(
    std::span<const channel_moments> quantized, std::span<const channel_moments> original,
    Mean&& mean, std::type_identity_t<std::span<detail::element_of<Mean>>> variance,
    const renormalize_options& options = {}) {
  return renormalize_anchored<detail::element_of<Mean>>(quantized, original, std::span(mean),
                                                        variance, options);
}

// y = scale * x + shift of one channel: what batch norm, a Scale layer and alpha come down to.
struct channel_affine {
  double scale = 1;  // factor on x
  double shift = 0;  // added to it, in units of y
};

// outer(inner(x)).
constexpr channel_affine compose(const channel_affine& outer, const channel_affine& inner) {
  return {outer.scale * inner.scale, outer.scale * inner.shift + outer.shift};
}

// One channel of a batch norm with its learned scale and shift:
// y = gamma (x - mean) / sqrt(variance + epsilon) + beta.
struct channel_norm {
  double mean = 0;      // of x
  double variance = 1;  // of x, without epsilon
  double gamma = 1;     // learned scale, 1 without
  double beta = 0;      // learned shift, 0 without
};

// The affine that a batch norm is at inference. Throws argument_error where variance + epsilon is
// not above 0. Compose it with {alpha, bias} of the convolution before it to fold both away:
// fold(norm, eps) after alpha * Qx + b is compose(fold(norm, eps), {alpha, b}).
inline channel_affine fold(const channel_norm& norm, double epsilon) {
  const double spread = norm.variance + epsilon;
  detail::require(spread > 0 && detail::finite(spread), "variance", [&] {
    return detail::sentence({"variance + epsilon is ", detail::shortest(spread)});
  });
  const double scale = norm.gamma / std::sqrt(spread);
  return {scale, norm.beta - norm.mean * scale};
}

// The way back: gamma and beta such that a batch norm of the given mean and variance is this
// affine.
inline channel_norm unfold(const channel_affine& affine, double mean, double variance,
                           double epsilon) {
  const double spread = variance + epsilon;
  detail::require(spread > 0 && detail::finite(spread), "variance", [&] {
    return detail::sentence({"variance + epsilon is ", detail::shortest(spread)});
  });
  return {mean, variance, affine.scale * std::sqrt(spread), affine.shift + mean * affine.scale};
}

}  // namespace LFNC_ABI
}  // namespace lfnc
