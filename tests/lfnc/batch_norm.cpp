#include <lfnc/batch_norm.hpp>

#include <lfnc/exec/cpu.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "support/check.hpp"
#include "support/planes.hpp"
#include "support/random.hpp"
#include "support/shape.hpp"

using lfnc::as_view;
using lfnc::channel_moments;
using lfnc::cpu;
using lfnc::index_t;

namespace {

template <class View>
std::vector<channel_moments> moments_of(const View& batch, int axis, int threads = 1) {
  const auto view = lfnc::channels(batch, axis);
  std::vector<channel_moments> moments(static_cast<std::size_t>(view.channels));
  lfnc::accumulate_moments(cpu{threads}, view, std::span<channel_moments>(moments));
  return moments;
}

// Moments with the given statistics: two planes of one element each.
channel_moments statistics(double mean, double deviation) {
  channel_moments moments;
  for (const double x : {mean - deviation, mean + deviation}) add_plane(moments, 1, x, x * x);
  return moments;
}

std::vector<float> random_values(std::size_t count, std::uint64_t seed, double mean = 0.5) {
  generator random(seed);
  std::vector<float> values(count);
  for (float& x : values) x = static_cast<float>(mean + random.gaussian());
  return values;
}

void own_loop(void*, index_t count, void (*body)(void* argument, index_t begin, index_t end),
              void* argument) {
  for (index_t k = count; k > 0; --k) body(argument, k - 1, k);
}

}  // namespace

TEST_CASE("moments of a batch, against long double, at mean/std up to 1e5") {
  for (const double ratio : {0.0, 1e4, 1e5}) {
    const auto values = random_values(std::size_t{8} * 3 * 1000, 1, ratio);
    const auto moments = moments_of(as_view(values, {8, 3, 1000}), 1);
    double worst = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      long double mean = 0;
      for (std::size_t n = 0; n < 8; ++n) {
        for (std::size_t k = 0; k < 1000; ++k) mean += values[(n * 3 + c) * 1000 + k];
      }
      mean /= 8000;
      long double variance = 0;
      for (std::size_t n = 0; n < 8; ++n) {
        for (std::size_t k = 0; k < 1000; ++k) {
          const long double x = values[(n * 3 + c) * 1000 + k];
          variance += (x - mean) * (x - mean) / 8000;
        }
      }
      CHECK(moments[c].count == 8000);
      // What is added up in float is right to a small part of the deviation, which is 1 here.
      CHECK(std::abs(moments[c].mean() - mean) <= (ratio > 0 ? 1e-15 * (1 + ratio) : 1e-7));
      worst = std::max(worst,
                       static_cast<double>(std::abs(moments[c].variance() - variance) / variance));
    }
    MESSAGE("mean/std " << ratio << ": relative variance error at most " << worst);
    CHECK(worst <= (ratio <= 1e4 ? 1e-6 : 1e-4));
  }
}

TEST_CASE("planes that float sums do not serve are added up in double") {
  // Large means, values whose squares are beyond float's range or below its digits, planes too
  // small for float, and one such plane among others.
  struct kind {
    double mean;
    double deviation;
  };
  for (const kind k : {kind{3e3, 1}, kind{-5, 1}, kind{0, 1e-25}, kind{1e-30, 1e-30}, kind{0, 1e25},
                       kind{0, 0}, kind{7, 0}, kind{0, 1}}) {
    for (const index_t length : {3, 40, 1500}) {
      for (const bool nhwc : {false, true}) {
        CAPTURE(k.mean);
        CAPTURE(k.deviation);
        CAPTURE(length);
        generator random(17);
        std::vector<float> values(static_cast<std::size_t>(2 * 20 * length));
        const auto batch =
            nhwc ? lfnc::channels(as_view(values, {index_t{2}, length, index_t{20}}), 2)
                 : lfnc::channels(as_view(values, {index_t{2}, index_t{20}, length}), 1);
        std::vector<double> mean(20);
        std::vector<double> variance(20);
        for (index_t c = 0; c < 20; ++c) {
          const auto at = static_cast<std::size_t>(c);
          for (index_t n = 0; n < 2; ++n) {
            for (index_t i = 0; i < length; ++i) {
              const bool odd = c == 5 && n == 1;  // this plane is of another kind
              const double x =
                  odd ? 2 * random.gaussian() : k.mean + k.deviation * random.gaussian();
              values[static_cast<std::size_t>(nhwc ? (n * length + i) * 20 + c
                                                   : (n * 20 + c) * length + i)] =
                  static_cast<float>(x);
            }
          }
          const auto n = static_cast<long double>(2 * length);
          long double total = 0;
          for (index_t i = 0; i < 2 * length; ++i) total += *batch.address(c * 2 * length + i);
          long double squares = 0;
          for (index_t i = 0; i < 2 * length; ++i) {
            const long double x = *batch.address(c * 2 * length + i) - total / n;
            squares += x * x;
          }
          mean[at] = static_cast<double>(total / n);
          variance[at] = static_cast<double>(squares / n);
        }
        std::vector<channel_moments> moments(20);
        lfnc::accumulate_moments(cpu{1}, batch, std::span<channel_moments>(moments));
        for (std::size_t c = 0; c < 20; ++c) {
          CHECK(std::abs(moments[c].variance() - variance[c]) <= 1e-6 * variance[c]);
          CHECK(std::abs(moments[c].mean() - mean[c]) <=
                1e-7 * std::sqrt(variance[c]) + 1e-14 * std::abs(mean[c]));
        }
      }
    }
  }
}

TEST_CASE("any split into batches gives the same bits, whatever the threads") {
  const index_t images = 13;
  const auto values = random_values(13 * 5 * 60 * 50, 2);
  const auto expected = moments_of(as_view(values, {images, 5, 60, 50}), 1);
  generator random(3);
  for (int round = 0; round < 12; ++round) {
    std::vector<channel_moments> moments(5);
    for (index_t begin = 0; begin < images;) {
      const index_t size = std::min<index_t>(1 + random.below(6), images - begin);
      const auto batch = as_view(values.data() + begin * 5 * 3000, {size, 5, 60, 50});
      lfnc::accumulate_moments(round == 11 ? cpu{0, own_loop} : cpu{1 + round % 5},
                               lfnc::channels(batch, 1), std::span<channel_moments>(moments));
      begin += size;
    }
    CHECK(moments == expected);
    CHECK(lfnc::serialize(moments) == lfnc::serialize(expected));
  }
}

TEST_CASE("the same logical tensor gives the same bits, however it lies in memory") {
  generator random(4);
  const std::array<index_t, 4> extents{4, 3, 7, 9};
  const auto values = random_values(4 * 3 * 7 * 9, 5);
  const auto dense = as_view(values.data(), extents);
  const auto expected = moments_of(dense, 1);
  for (int round = 0; round < 30; ++round) {
    const auto other = random_layout<float, 4>(random, extents, false);
    for_each_position(extents, [&](const auto& position) {
      element_at(other.view, position) = element_at(dense, position);
    });
    CHECK(moments_of(other.view, 1, 1 + round % 3) == expected);
  }
  // NHWC: the axes in another order, the planes in the same.
  std::vector<float> nhwc(values.size());
  const auto last = as_view(nhwc.data(), {4, 7, 9, 3});
  for_each_position(extents,
                    [&](const auto& p) { last(p[0], p[2], p[3], p[1]) = element_at(dense, p); });
  CHECK(moments_of(last, 3) == expected);
  // In double nearly the same, and the same in halves where the values are halves.
  std::vector<double> wide(values.begin(), values.end());
  const auto finer = moments_of(as_view(wide, {4, 3, 7, 9}), 1);
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(finer[c].mean() == doctest::Approx(expected[c].mean()).epsilon(1e-7));
    CHECK(finer[c].variance() == doctest::Approx(expected[c].variance()).epsilon(1e-7));
  }
  std::vector<lfnc::float16> halves;
  std::vector<float> rounded;
  for (const float x : values) {
    halves.emplace_back(x);
    rounded.push_back(halves.back());
  }
  CHECK(moments_of(as_view(halves, {4, 3, 7, 9}), 1) ==
        moments_of(as_view(rounded, {4, 3, 7, 9}), 1));
}

TEST_CASE("batches of two dimensions, and a tensor seen along its first") {
  const auto values = random_values(6 * 4, 6);
  const auto features = moments_of(as_view(values, {6, 4}), 1);
  CHECK(features[0].count == 6);
  const auto rows = moments_of(as_view(values, {6, 4}), 0);
  CHECK(rows.size() == 6);
  CHECK(rows[0].count == 4);
}

TEST_CASE("batches that cannot be counted are refused, and nothing is added") {
  auto values = random_values(2 * 3 * 4, 7);
  const auto view = lfnc::channels(as_view(values, {2, 3, 4}), 1);
  std::vector<channel_moments> moments(3);
  lfnc::accumulate_moments(cpu{1}, view, std::span<channel_moments>(moments));
  const auto before = moments;
  const auto run = [&](const auto& batch, std::span<channel_moments> into) {
    lfnc::accumulate_moments(cpu{1}, batch, into);
  };
  CHECK_REFUSED(run(view, std::span(moments).first(2)), "moments: holds 2 entries for 3");
  CHECK_REFUSED(run(lfnc::channels(as_view(values.data(), {0, 3, 4}), 1), moments),
                "batch: there are no elements");
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    auto poisoned = values;
    poisoned[1 * 12 + 2 * 4 + 3] = bad;
    CHECK_REFUSED(run(lfnc::channels(as_view(poisoned, {2, 3, 4}), 1), moments),
                  "batch: element 7 of channel 2 is NaN or infinite");
  }
  std::vector<double> huge(24, 1);
  huge[5] = 1e155;
  CHECK_OVERFLOW(run(lfnc::channels(as_view(huge, {2, 3, 4}), 1), moments),
                 "batch: the sum of squares of channel 1 is beyond the range of double");
  CHECK(moments == before);
}

TEST_CASE("the element that is refused is named by its channel, image by image") {
  constexpr index_t plane = 20;
  for (const int axis : {1, 2}) {
    CAPTURE(axis);
    const index_t channels = 24;
    std::vector<float> batch(static_cast<std::size_t>(3 * channels * plane), 1.0F);
    const auto at = [&](index_t image, index_t channel, index_t element) -> float& {
      return batch[static_cast<std::size_t>(axis == 1
                                                ? (image * channels + channel) * plane + element
                                                : (image * plane + element) * channels + channel)];
    };
    at(2, 3, 0) = std::nanf("");
    at(1, 21, 4) = -std::numeric_limits<float>::infinity();
    std::vector<channel_moments> moments(static_cast<std::size_t>(channels));
    const auto view = axis == 1 ? as_view(batch, {index_t{3}, channels, plane})
                                : as_view(batch, {index_t{3}, plane, channels});
    CHECK_REFUSED(lfnc::accumulate_moments(lfnc::cpu{1}, lfnc::channels(view, axis), moments),
                  "batch: element 24 of channel 21 is NaN or infinite");
    at(1, 21, 4) = 0;
    CHECK_REFUSED(lfnc::accumulate_moments(lfnc::cpu{1}, lfnc::channels(view, axis), moments),
                  "batch: element 40 of channel 3 is NaN or infinite");
    CHECK(moments == std::vector<channel_moments>(moments.size()));
  }
}

TEST_CASE("plain re-normalization stores what was measured") {
  const auto values = random_values(100 * 3, 8, 2);
  const auto moments = moments_of(as_view(values, {100, 3}), 1);
  std::vector<float> mean(3);
  std::vector<float> variance(3);
  lfnc::renormalize<float>(moments, mean, variance);
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(mean[c] == static_cast<float>(moments[c].mean()));
    CHECK(variance[c] == static_cast<float>(moments[c].variance(lfnc::variance_kind::unbiased)));
  }
  std::vector<double> biased(3);
  std::vector<double> means(3);
  lfnc::renormalize<double>(moments, means, biased, lfnc::variance_kind::biased);
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(biased[c] == moments[c].variance());
    CHECK(std::abs(biased[c] * 100 / 99 - static_cast<double>(variance[c])) < 1e-6);
  }
}

TEST_CASE("anchored re-normalization moves the trained statistics by the difference") {
  std::vector<double> mean{1, 2};
  std::vector<double> variance{4, 9};
  const std::vector<channel_moments> original{statistics(0.5, 2), statistics(3, 1)};
  const std::vector<channel_moments> quantized{statistics(0.75, 3), statistics(2, 0.5)};
  std::vector<double> same_mean = mean;
  std::vector<double> without = variance;
  const auto counts = lfnc::renormalize_anchored<double>(quantized, original, mean, variance);
  CHECK(counts == lfnc::renormalize_counts{});
  CHECK(mean[0] == 1.25);
  CHECK(mean[1] == 1);
  // (variance + epsilon) (v_q + epsilon) / (v_f + epsilon) - epsilon
  CHECK(variance[0] == doctest::Approx(9).epsilon(1e-12));
  CHECK(variance[1] == doctest::Approx((9 + 1e-5) * (0.25 + 1e-5) / (1 + 1e-5) - 1e-5));
  CHECK(variance[1] != doctest::Approx(2.25).epsilon(1e-6));
  lfnc::renormalize_anchored<double>(quantized, original, same_mean, without, {.epsilon = 0});
  CHECK(without == std::vector<double>{9, 2.25});
}

TEST_CASE("a network that quantization did not change keeps its trained statistics") {
  const auto values = random_values(64 * 5, 9);
  const auto moments = moments_of(as_view(values, {64, 5}), 1);
  std::vector<float> mean{1, 2, 3, 4, 5};
  std::vector<float> variance{1, 4, 9, 16, 25};
  const auto trained_mean = mean;
  const auto trained_variance = variance;
  lfnc::renormalize_anchored<float>(moments, moments, mean, variance);
  CHECK(mean == trained_mean);
  CHECK(variance == trained_variance);
}

TEST_CASE("channels that never vary, in either network") {
  std::vector<double> mean{1, 1, 1, 1};
  std::vector<double> variance{4, 4, 4, 0};
  const std::vector<channel_moments> original{statistics(2, 0), statistics(2, 0), statistics(2, 3),
                                              statistics(2, 0)};
  const std::vector<channel_moments> quantized{statistics(2.5, 0), statistics(2.5, 7),
                                               statistics(2.5, 0), statistics(2.5, 7)};
  const auto counts = lfnc::renormalize_anchored<double>(quantized, original, mean, variance);
  CHECK(mean == std::vector<double>{1.5, 1.5, 1.5, 1.5});
  CHECK(variance[0] == 4);  // dead in both: nothing to go by
  CHECK(variance[1] == 4);  // came to life, but these images do not show what was trained
  // Died: its constant is not exactly the new mean, which was moved from the trained one, and a
  // variance of 0 would magnify the difference by 1 / sqrt(epsilon).
  CHECK(variance[2] == 4);
  // Was dead in training too, and came to life: what is measured.
  CHECK(variance[3] == doctest::Approx(49));
  CHECK(counts == lfnc::renormalize_counts{3, 0});
  // Plainly, the mean is the constant; its variance of 0 is no more evidence than there.
  CHECK(lfnc::renormalize<double>(quantized, mean, variance) == lfnc::renormalize_counts{2, 0});
  CHECK(mean == std::vector<double>{2.5, 2.5, 2.5, 2.5});
  CHECK(variance == std::vector<double>{4, 98, 4, 98});
}

TEST_CASE("a constant that rounding makes vary keeps what was trained") {
  // 1 +- 2^-24, as a sum of floats comes out: a variance of 4e-15.
  std::vector<float> constant(2000);
  for (std::size_t k = 0; k < constant.size(); ++k) constant[k] = k % 2 == 0 ? 1 : 1 - 0x1p-24F;
  const auto quantized = moments_of(as_view(constant, {20, 1, 100}), 1);
  const auto varying = random_values(2000, 3);
  const auto original = moments_of(as_view(varying, {20, 1, 100}), 1);
  REQUIRE(quantized[0].variance() > 0);
  for (const double epsilon : {1e-5, 0.0}) {
    std::vector<float> mean{0.25F};
    std::vector<float> variance{0.1F};
    CHECK(lfnc::renormalize_anchored<float>(quantized, original, mean, variance,
                                            {.epsilon = epsilon}) ==
          lfnc::renormalize_counts{1, 0});
    CHECK(variance[0] == 0.1F);
    CHECK(mean[0] == doctest::Approx(0.25 + quantized[0].mean() - original[0].mean()));
    CHECK(lfnc::renormalize<float>(quantized, mean, variance, lfnc::variance_kind::unbiased,
                                   {.epsilon = epsilon}) == lfnc::renormalize_counts{1, 0});
    CHECK(variance[0] == 0.1F);
    CHECK(mean[0] == doctest::Approx(1));
  }
  // Memory that holds no statistics yet bounds nothing.
  std::vector<float> mean{std::nanf("")};
  std::vector<float> variance{std::nanf("")};
  CHECK(lfnc::renormalize<float>(quantized, mean, variance) == lfnc::renormalize_counts{});
  CHECK(variance[0] < 1e-14F);
}

TEST_CASE("as the float network's variance goes to 0 the anchored one stays bounded") {
  for (const float tiny : {0.0F, 1e-25F, 1e-12F, 1e-8F, 1e-6F, 1e-4F, 1e-2F, 1.0F}) {
    CAPTURE(tiny);
    std::vector<float> f(1000);
    std::vector<float> q(1000);
    f[7] = tiny;  // dead but for one pixel
    for (std::size_t k = 0; k < q.size(); k += 10) q[k] = 0.01F;
    const auto original = moments_of(as_view(f, {10, 1, 100}), 1);
    const auto quantized = moments_of(as_view(q, {10, 1, 100}), 1);
    const double v_q = quantized[0].variance();
    for (const double epsilon : {1e-5, 1e-12, 0.0}) {
      CAPTURE(epsilon);
      std::vector<float> mean{0};
      std::vector<float> variance{0.3F};
      const auto counts = lfnc::renormalize_anchored<float>(quantized, original, mean, variance,
                                                            {.epsilon = epsilon});
      CHECK(static_cast<double>(variance[0]) <= 16.001 * std::max(0.3, v_q));
      CHECK(static_cast<double>(variance[0]) >= 0.3 / 16.001 - 1e-5);
      if (tiny <= 1e-6F) {
        CHECK(variance[0] == 0.3F);
        CHECK(counts.kept == 1);
      }
    }
  }
}

TEST_CASE("a new variance stays within most_ratio of the trained one") {
  const std::vector<channel_moments> small{statistics(0, 0.01)};
  const std::vector<channel_moments> large{statistics(0, 10)};
  const auto anchored = [](const auto& q, const auto& f, double trained,
                           const lfnc::renormalize_options& options = {}) {
    std::vector<double> mean{0};
    std::vector<double> variance{trained};
    const auto counts = lfnc::renormalize_anchored<double>(q, f, mean, variance, options);
    CHECK(counts.kept == 0);
    CHECK(counts.bounded <= 1);
    return std::pair(variance[0], counts.bounded);
  };
  CHECK(anchored(small, large, 1) ==
        std::pair((1 + 1e-5) / 16 - 1e-5, std::size_t{1}));  // not 1e-6
  CHECK(anchored(large, small, 1) == std::pair((100 + 1e-5) * 16 - 1e-5, std::size_t{1}));
  // Where what was trained confirms the float network's, what is measured stands.
  CHECK(anchored(large, small, 1e-4).first == doctest::Approx(100));
  CHECK(anchored(large, small, 1e-4).second == 0);
  CHECK(anchored(small, large, 1, {.epsilon = 0, .most_ratio = 1e30}).first ==
        doctest::Approx(1e-6));
  CHECK(anchored(large, large, 1, {.most_ratio = 1}) == std::pair(1.0, std::size_t{0}));

  std::vector<double> mean{0};
  std::vector<double> variance{1};
  CHECK(lfnc::renormalize<double>(small, mean, variance) == lfnc::renormalize_counts{0, 1});
  CHECK(variance[0] == (1 + 1e-5) / 16 - 1e-5);
  CHECK(lfnc::renormalize<double>(large, mean, variance) == lfnc::renormalize_counts{0, 0});
  CHECK(variance[0] == 200);
}

TEST_CASE("variances far below epsilon are what epsilon makes of them, and never negative") {
  const std::vector<channel_moments> original{statistics(0, 1e-4), statistics(0, 3e-3)};
  const std::vector<channel_moments> quantized{statistics(0, 1e-5), statistics(0, 1e-3)};
  std::vector<double> mean{0, 0};
  std::vector<double> variance{1, 1e-9};
  CHECK(lfnc::renormalize_anchored<double>(quantized, original, mean, variance) ==
        lfnc::renormalize_counts{});
  CHECK(variance[0] == doctest::Approx((1 + 1e-5) * (1e-10 + 1e-5) / (1e-8 + 1e-5) - 1e-5));
  CHECK(variance[1] == 0);
}

TEST_CASE("statistics that their type cannot hold are refused, and nothing is written") {
  const std::vector<channel_moments> one{statistics(1, 1), statistics(1, 1)};
  const std::vector<channel_moments> far{statistics(1, 2), statistics(1e6, 1e6)};
  const std::vector<channel_moments> wide{statistics(1, 2), statistics(0, 0x1p99)};
  const auto of = [](float x) { return lfnc::float16(x); };
  std::vector<lfnc::float16> halves_mean{of(1), of(2)};
  std::vector<lfnc::float16> halves{of(3), of(4)};
  const auto unchanged = [&] {
    return halves_mean[0].bits == of(1).bits && halves_mean[1].bits == of(2).bits &&
           halves[0].bits == of(3).bits && halves[1].bits == of(4).bits;
  };
  using half = lfnc::float16;
  CHECK_THROWS_WITH_AS(lfnc::renormalize<half>(far, halves_mean, halves),
                       "lfnc: mean: entry 1 would be 1e+06, beyond the range of its type",
                       lfnc::overflow_error);
  CHECK(unchanged());
  CHECK_THROWS_AS(lfnc::renormalize_anchored<half>(far, one, halves_mean, halves),
                  lfnc::overflow_error);
  CHECK(unchanged());
  std::vector<float> mean{1, 2};
  std::vector<float> variance{3, 4};
  CHECK_THROWS_WITH_AS(
      lfnc::renormalize<float>(wide, mean, variance),
      "lfnc: variance: entry 1 would be 8.034690221294951e+59, beyond the range of its type",
      lfnc::overflow_error);
  CHECK_THROWS_AS(lfnc::renormalize_anchored<float>(wide, one, mean, variance),
                  lfnc::overflow_error);
  CHECK(mean == std::vector<float>{1, 2});
  CHECK(variance == std::vector<float>{3, 4});
}

TEST_CASE("statistics that do not fit are refused, and nothing is written") {
  const std::vector<channel_moments> two{statistics(1, 1), statistics(2, 1)};
  const std::vector<channel_moments> unmeasured{statistics(1, 1), channel_moments{}};
  std::vector<channel_moments> single{statistics(1, 1), channel_moments{}};
  add_plane(single[1], 1, 3, 9);
  std::vector<float> mean{7, 7};
  std::vector<float> variance{8, 8};
  std::vector<float> three(3);
  std::vector<float> negative{1, -1};
  std::vector<float> nan{1, std::nanf("")};
  const auto plain = [](const auto& measured, std::span<float> m, std::span<float> v) {
    lfnc::renormalize<float>(measured, m, v);
  };
  CHECK_REFUSED(plain(two, three, variance), "mean: holds 3 entries for 2 channels");
  CHECK_REFUSED(plain(two, mean, three), "variance: holds 3 entries for 2 channels");
  CHECK_REFUSED(plain(unmeasured, mean, variance), "measured: channel 1 has 0 elements");
  CHECK_REFUSED(plain(single, mean, variance), "measured: channel 1 has 1 elements, at least 2");
  const auto anchored = [](const auto& quantized, const auto& original, std::span<float> m,
                           std::span<float> v) {
    lfnc::renormalize_anchored<float>(quantized, original, m, v);
  };
  CHECK_REFUSED(anchored(two, two, three, variance), "mean: holds 3");
  CHECK_REFUSED(anchored(two, two, mean, three), "variance: holds 3");
  CHECK_REFUSED(anchored(two, std::vector<channel_moments>(3), mean, variance),
                "original: holds 3 entries for 2 channels");
  CHECK_REFUSED(anchored(unmeasured, two, mean, variance), "quantized: channel 1 has 0 elements");
  CHECK_REFUSED(anchored(two, unmeasured, mean, variance), "original: channel 1 has 0 elements");
  CHECK_REFUSED(anchored(two, two, mean, negative), "variance: entry 1 is -1");
  CHECK_REFUSED(anchored(two, two, mean, nan), "variance: entry 1 is ");
  CHECK_REFUSED(anchored(two, two, nan, variance), "mean: entry 1 is ");
  const auto with = [&](const lfnc::renormalize_options& options) {
    lfnc::renormalize_anchored<float>(two, two, mean, variance, options);
  };
  CHECK_REFUSED(with({.epsilon = -1e-30}), "epsilon: -1e-30 is no number of at least 0");
  CHECK_REFUSED(with({.epsilon = std::nan("")}), "epsilon");
  CHECK_REFUSED(with({.most_ratio = 0.5}), "most_ratio: 0.5 is not at least 1");
  CHECK_REFUSED(with({.most_ratio = std::nan("")}), "most_ratio");
  CHECK(mean == std::vector<float>{7, 7});
  CHECK(variance == std::vector<float>{8, 8});
}

TEST_CASE("batch norm, Scale and alpha fold into one affine and back") {
  generator random(10);
  for (int round = 0; round < 200; ++round) {
    const lfnc::channel_norm norm{random.gaussian(), std::exp(random.gaussian()), random.gaussian(),
                                  random.gaussian()};
    const double epsilon = 1e-5;
    const auto affine = lfnc::fold(norm, epsilon);
    const auto normalize = [&](double x) {
      return norm.gamma * (x - norm.mean) / std::sqrt(norm.variance + epsilon) + norm.beta;
    };
    const double x = random.gaussian();
    CHECK(std::abs(affine.scale * x + affine.shift - normalize(x)) < 1e-12);

    const auto back = lfnc::unfold(affine, norm.mean, norm.variance, epsilon);
    CHECK(std::abs(back.gamma - norm.gamma) < 1e-12);
    CHECK(std::abs(back.beta - norm.beta) < 1e-12);
    CHECK(back.mean == norm.mean);
    CHECK(back.variance == norm.variance);
    // On other statistics it is still the same affine.
    const auto other = lfnc::fold(lfnc::unfold(affine, 0.25, 3, epsilon), epsilon);
    CHECK(std::abs(other.scale - affine.scale) < 1e-12);
    CHECK(std::abs(other.shift - affine.shift) < 1e-12);

    const double alpha = 0.37;
    const double bias = random.gaussian();
    const auto all = lfnc::compose(affine, {alpha, bias});
    CHECK(std::abs(all.scale * x + all.shift - normalize(alpha * x + bias)) < 1e-12);
  }
}

TEST_CASE("batch norms that divide by nothing are refused") {
  CHECK_REFUSED(lfnc::fold({0, 0, 1, 0}, 0), "variance: variance + epsilon is 0");
  CHECK_REFUSED(lfnc::fold({0, -1, 1, 0}, 0.5), "variance: variance + epsilon is -0.5");
  CHECK_REFUSED(lfnc::fold({0, std::nan(""), 1, 0}, 1), "variance");
  CHECK_REFUSED(lfnc::unfold({1, 0}, 0, std::numeric_limits<double>::infinity(), 1), "variance");
  CHECK_REFUSED(lfnc::unfold({1, 0}, 0, -1, 1), "variance: variance + epsilon is 0");
}

TEST_CASE("moments of channels and of a tensor, with a policy or without") {
  std::vector<float> values(2 * 3 * 5);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i * i % 17);
  const auto batch = lfnc::as_view(values, {2, 3, 5});
  std::vector<channel_moments> expected(3);
  lfnc::accumulate_moments(lfnc::cpu{1}, lfnc::channels(batch, 1), expected);
  const auto is_expected = [&](auto run) {
    std::vector<channel_moments> seen(3);
    run(seen);
    CHECK(seen == expected);
  };
  is_expected([&](auto& seen) { lfnc::accumulate_moments(batch, seen); });
  is_expected([&](auto& seen) { lfnc::accumulate_moments(lfnc::cpu{1}, batch, seen); });
  is_expected([&](auto& seen) { lfnc::accumulate_moments(lfnc::channels(batch, 1), seen); });
  is_expected([&](auto& seen) { lfnc::accumulate_moments(batch, std::span(seen)); });
  std::vector<channel_moments> few(2);
  CHECK_REFUSED(lfnc::accumulate_moments(batch, few), "moments: holds 2 entries for 3 channels");
}

TEST_CASE("statistics in vectors, arrays and spans, with no type to be named") {
  std::vector<channel_moments> seen(2);
  std::vector<channel_moments> original(2);
  const std::vector<float> values{1, 2, 3, 5, 4, 4, 8, 9};
  lfnc::accumulate_moments(lfnc::as_view(values, {2, 2, 2}), seen);
  lfnc::accumulate_moments(lfnc::as_view(values.data() + 2, {1, 2, 3}), original);
  std::vector<float> mean{1, 2};
  std::vector<float> variance{3, 4};
  std::vector<float> anchored_mean = mean;
  std::vector<float> anchored_variance = variance;
  lfnc::renormalize<float>(seen, std::span(mean), std::span(variance));
  lfnc::renormalize_anchored<float>(seen, original, std::span(anchored_mean),
                                    std::span(anchored_variance));
  const auto check = [&](auto& m, auto& v, const auto& expected_mean,
                         const auto& expected_variance) {
    for (std::size_t c = 0; c < 2; ++c) {
      CHECK(static_cast<float>(m[c]) == expected_mean[c]);
      CHECK(static_cast<float>(v[c]) == expected_variance[c]);
    }
  };
  const auto each_of = [&](auto m, auto v) {
    auto m2 = m;
    auto v2 = v;
    lfnc::renormalize(seen, m, v);
    check(m, v, mean, variance);
    lfnc::renormalize_anchored(std::as_const(seen), std::span(original), m2, v2);
    check(m2, v2, anchored_mean, anchored_variance);
  };
  each_of(std::vector<float>{1, 2}, std::vector<float>{3, 4});
  each_of(std::array<float, 2>{1, 2}, std::vector<float>{3, 4});
  each_of(std::vector<double>{1, 2}, std::array<double, 2>{3, 4});
  float m[2] = {1, 2};
  float v[2] = {3, 4};
  lfnc::renormalize(seen, std::span(m), v, lfnc::variance_kind::unbiased);
  check(m, v, mean, variance);
  // Options come in and counts go out as they do with spans.
  const lfnc::renormalize_options narrow{.epsilon = 0, .most_ratio = 2};
  std::vector<float> wide[2] = {{1e6F, 4}, {1e6F, 4}};
  const auto counts = lfnc::renormalize(seen, mean, wide[0], lfnc::variance_kind::biased, narrow);
  CHECK(counts.bounded > 0);
  CHECK(counts == lfnc::renormalize<float>(seen, std::span(mean), std::span(wide[1]),
                                           lfnc::variance_kind::biased, narrow));
  CHECK(wide[0] == wide[1]);
  CHECK(lfnc::renormalize_anchored(seen, original, mean, wide[0], narrow) ==
        lfnc::renormalize_anchored<float>(seen, original, std::span(mean), std::span(wide[1]),
                                          narrow));
  CHECK(wide[0] == wide[1]);
}
