#include <lfnc/exec/cpu/dispatch.hpp>
#include <lfnc/moments.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/check.hpp"
#include "support/instruction_sets.hpp"
#include "support/planes.hpp"
#include "support/random.hpp"

using lfnc::channel_moments;
using lfnc::variance_kind;

namespace {

struct plane {
  std::vector<double> values;
};

// Planes of floats (whose squares are exact in double) with the given mean and deviation.
std::vector<plane> planes_of(generator& random, int count, double mean, double deviation) {
  std::vector<plane> planes(static_cast<std::size_t>(count));
  for (plane& p : planes) {
    const int size = 1 + random.below(60);
    for (int k = 0; k < size; ++k) {
      p.values.push_back(
          static_cast<double>(static_cast<float>(mean + deviation * random.gaussian())));
    }
  }
  return planes;
}

void add(channel_moments& moments, const plane& p) {
  double sum = 0;
  double squares = 0;
  for (const double x : p.values) {
    sum += x;
    squares += x * x;
  }
  add_plane(moments, static_cast<lfnc::index_t>(p.values.size()), sum, squares);
}

struct reference {
  long double mean = 0;
  long double spread = 0;  // sum of squared deviations
  long double count = 0;
};

reference two_passes(const std::vector<plane>& planes) {
  reference r;
  for (const plane& p : planes) {
    for (const double x : p.values) r.mean += x;
    r.count += static_cast<long double>(p.values.size());
  }
  r.mean /= r.count;
  for (const plane& p : planes) {
    for (const double x : p.values) r.spread += (x - r.mean) * (x - r.mean);
  }
  return r;
}

struct planes_beside {
  lfnc::index_t channels;
  lfnc::index_t planes;
  const double* sums;
  const double* squares;
  lfnc::index_t stride;
  channel_moments* moments;

  template <int Bytes>
  LFNC_INLINE void run() const {
    lfnc::detail::add_planes_beside<Bytes>(channels, planes, 7, sums, squares, stride, moments);
  }
};

// The sum of a plane, seldom one of another magnitude, nothing, or one that no vector takes.
double any_sum(generator& random) {
  const double value = random.gaussian();
  switch (random.below(40)) {
    case 0:
      return 0;
    case 1:
      return value * 0x1p12;
    case 2:
      return value * 0x1p-40;
    case 3:
      return value * 0x1p960;
    case 4:
      return value * 0x1p-1030;
    default:
      return static_cast<double>(static_cast<float>(value));
  }
}

}  // namespace

TEST_CASE("planes of channels side by side add up as one by one") {
  generator random(7);
  for (const lfnc::index_t channels : {1, 3, 8, 16, 21, 40}) {
    for (const lfnc::index_t planes : {1, 2, 31, 32, 33, 70}) {
      CAPTURE(channels);
      CAPTURE(planes);
      const lfnc::index_t stride = channels + 3;
      std::vector<double> sums(static_cast<std::size_t>(planes * stride));
      std::vector<double> squares(sums.size());
      // Channels of floats alone, which vectors take, and of anything.
      for (std::size_t k = 0; k < sums.size(); ++k) {
        const bool plain = k % static_cast<std::size_t>(stride) % 2 == 0;
        sums[k] =
            plain ? static_cast<double>(static_cast<float>(random.gaussian())) : any_sum(random);
        squares[k] = plain ? static_cast<double>(static_cast<float>(random.uniform(3, 90)))
                           : any_sum(random);
      }
      // A channel that is nothing but 0, and one that begins with it.
      for (lfnc::index_t i = 0; i < planes; ++i) sums[static_cast<std::size_t>(i * stride)] = 0;
      squares[0] = 0;
      std::vector<channel_moments> expected(static_cast<std::size_t>(channels));
      for (lfnc::index_t i = 0; i < planes; ++i) {
        for (lfnc::index_t c = 0; c < channels; ++c) {
          const auto at = static_cast<std::size_t>(i * stride + c);
          add_plane(expected[static_cast<std::size_t>(c)], 7, sums[at], squares[at]);
        }
      }
      for_each_instruction_set([&](lfnc::instruction_set set) {
        CAPTURE(static_cast<int>(set));
        std::vector<channel_moments> found(expected.size());
        lfnc::detail::run_vectors(set, planes_beside{channels, planes, sums.data(), squares.data(),
                                                     stride, found.data()});
        CHECK(found == expected);
      });
    }
  }
}

TEST_CASE("mean and variance hold up when the mean is large against the deviation") {
  generator random(1);
  for (const double ratio : {0.0, 1.0, 100.0, 1e4, 1e5}) {
    double worst_mean = 0;
    double worst = 0;
    for (int round = 0; round < 50; ++round) {
      const double deviation = std::exp(random.uniform(-8, 8));
      const auto planes = planes_of(random, 40, ratio * deviation, deviation);
      channel_moments moments;
      for (const plane& p : planes) add(moments, p);
      const reference r = two_passes(planes);
      CHECK(moments.count == static_cast<std::int64_t>(r.count));
      worst_mean = std::max(worst_mean, static_cast<double>(std::abs(moments.mean() - r.mean)) /
                                            (deviation + std::abs(static_cast<double>(r.mean))));
      const long double biased = r.spread / r.count;
      worst = std::max(worst, static_cast<double>(std::abs(moments.variance() - biased) / biased));
      const long double unbiased = r.spread / (r.count - 1);
      worst = std::max(
          worst, static_cast<double>(
                     std::abs(moments.variance(variance_kind::unbiased) - unbiased) / unbiased));
    }
    MESSAGE("mean/std " << ratio << ": relative variance error at most " << worst);
    CHECK(worst_mean <= 1e-15);
    CHECK(worst <= (ratio <= 1e4 ? 1e-6 : 1e-4));
    if (ratio <= 1) CHECK(worst <= 1e-14);
  }
}

TEST_CASE("any order and any tree of merges gives the same moments") {
  generator random(2);
  auto planes = planes_of(random, 300, 3, 2);
  channel_moments expected;
  for (const plane& p : planes) add(expected, p);
  for (int round = 0; round < 20; ++round) {
    for (std::size_t k = planes.size(); k > 1; --k) {
      std::swap(planes[k - 1], planes[static_cast<std::size_t>(random.below(static_cast<int>(k)))]);
    }
    std::vector<channel_moments> parts(static_cast<std::size_t>(1 + random.below(12)));
    for (const plane& p : planes) {
      add(parts[static_cast<std::size_t>(random.below(static_cast<int>(parts.size())))], p);
    }
    while (parts.size() > 1) {
      const auto k = static_cast<std::size_t>(random.below(static_cast<int>(parts.size()) - 1));
      parts[k].merge(parts.back());
      parts.pop_back();
    }
    CHECK(parts[0] == expected);
    CHECK(parts[0].mean() == expected.mean());
    CHECK(parts[0].variance() == expected.variance());
  }
}

TEST_CASE("a channel that never varies has variance 0 exactly") {
  for (const double value : {0.0, 1.0, 0.1, -1e5, 3.0e-20, 1e30}) {
    const auto x = static_cast<double>(static_cast<float>(value));
    channel_moments moments;
    for (int k = 0; k < 1000; ++k) add_plane(moments, 1, x, x * x);
    CHECK(moments.variance() == 0);
    CHECK(moments.variance(variance_kind::unbiased) == 0);
    CHECK(moments.mean() == x);
  }
}

TEST_CASE("means and variances of nothing, and unbiased ones of a single element, are refused") {
  channel_moments moments;
  CHECK_REFUSED(moments.mean(), "moments: the mean of no elements");
  CHECK_REFUSED(moments.variance(), "moments: the variance of 0 elements");
  add_plane(moments, 1, 2, 4);
  CHECK(moments.mean() == 2);
  CHECK(moments.variance() == 0);
  CHECK_REFUSED(moments.variance(variance_kind::unbiased), "moments: the variance of 1 elements");
}

TEST_CASE("doubles at the ends of the range") {
  for (const double scale : {1e-140, 1e140}) {
    channel_moments moments;
    for (const double x : {1.0, 2.0, 4.0}) add_plane(moments, 1, x * scale, x * scale * x * scale);
    CHECK(std::abs(moments.mean() / scale - 7.0 / 3) < 1e-14);
    CHECK(std::abs(moments.variance() / scale / scale - 14.0 / 9) < 1e-13);
  }
  // Each square is a double, but not their sum.
  channel_moments huge;
  for (int k = 0; k < 4; ++k) add_plane(huge, 1, 1e154, 1e154 * 1e154);
  CHECK_OVERFLOW(huge.variance(), "moments: the sum of squares is beyond the range of double");
  CHECK(huge.mean() == 1e154);
  // The sum of squares is a double, but not 2 m times the sum.
  channel_moments large;
  add_plane(large, 1, 1e154, 1e154 * 1e154);
  CHECK_OVERFLOW(large.variance(), "moments: the sum of squares is beyond the range of double");
}

TEST_CASE("sums of more than 53 bits keep all of them") {
  // 2^30 values of 2^26 and one of 2^26 + 1: their squared deviations add up to 1, nearly. The sum
  // has 57 bits; the last of them, lost, would weigh 2^27.
  const double x = 0x1p26;
  channel_moments moments;
  for (int k = 0; k < 16; ++k) add_plane(moments, 1 << 26, 0x1p26 * x, 0x1p26 * x * x);
  add_plane(moments, 1, x + 1, (x + 1) * (x + 1));
  CHECK(std::abs(moments.variance() * (0x1p30 + 1) - 1) < 1e-8);
}

TEST_CASE("moments survive being written and read") {
  generator random(3);
  std::vector<channel_moments> moments(5);
  for (std::size_t c = 1; c < moments.size(); ++c) {
    for (const plane& p : planes_of(random, 20, -3.0 * static_cast<double>(c), 2)) {
      add(moments[c], p);
    }
  }
  const auto bytes = lfnc::serialize(moments);
  CHECK(bytes.size() == 8 * (2 + 5 * (1 + 2 * 68)));
  const auto back = lfnc::deserialize_moments(bytes);
  CHECK(back == moments);
  CHECK(lfnc::serialize(back) == bytes);
  CHECK(lfnc::deserialize_moments(lfnc::serialize({})).empty());
  // What is read can be added to, with the same result as if it had never been written.
  auto longer = back;
  add(longer[2], plane{{1, 2, 3}});
  add(moments[2], plane{{1, 2, 3}});
  CHECK(longer == moments);
  // Equal moments are equal bytes, however they came about.
  std::vector<channel_moments> merged(5);
  for (std::size_t c = 0; c < 5; ++c) merged[c].merge(moments[c]);
  CHECK(lfnc::serialize(merged) == lfnc::serialize(moments));
}

TEST_CASE("bytes that are not moments are refused") {
  std::vector<channel_moments> moments(2);
  add(moments[0], plane{{1, 2}});
  add(moments[1], plane{{-1, -2}});
  const auto good = lfnc::serialize(moments);
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_THROWS_AS(lfnc::deserialize_moments(std::span<const std::byte>(good).first(size)),
                    lfnc::argument_error);
  }
  auto longer = good;
  longer.resize(good.size() + 8);
  CHECK_REFUSED(lfnc::deserialize_moments(longer), "bytes: truncated");
  const auto changed = [&](std::size_t word, std::uint64_t value) {
    auto bytes = good;
    for (std::size_t k = 0; k < 8; ++k) {
      bytes[8 * word + k] = static_cast<std::byte>((value >> (8 * k)) & 0xFFU);
    }
    return bytes;
  };
  CHECK_REFUSED(lfnc::deserialize_moments(changed(0, 1)), "bytes: not the moments");
  CHECK_REFUSED(lfnc::deserialize_moments(changed(1, 3)), "does not fit 3 channels");
  // A number of channels whose size in bytes is that of two, modulo 2^64: no memory is taken.
  CHECK_REFUSED(lfnc::deserialize_moments(changed(1, (std::uint64_t{1} << 61) + 2)), "truncated");
  CHECK_REFUSED(lfnc::deserialize_moments(changed(2, ~std::uint64_t{0})),
                "bytes: negative count of channel 0");
  CHECK_REFUSED(lfnc::deserialize_moments(changed(2 + 137, ~std::uint64_t{0})),
                "bytes: negative count of channel 1");
  CHECK_REFUSED(lfnc::deserialize_moments(changed(3, std::uint64_t{1} << 32)),
                "bytes: digit out of range of channel 0");
  CHECK_REFUSED(lfnc::deserialize_moments(changed(3, ~std::uint64_t{0})), "digit out of range");
  CHECK_REFUSED(lfnc::deserialize_moments(changed(3 + 67, std::uint64_t{1} << 33)),
                "digit out of range");
  CHECK(lfnc::deserialize_moments(changed(3 + 67, ~std::uint64_t{0}))[0].sum.value() < 0);
}
