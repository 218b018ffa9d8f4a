#include <lfnc/histogram.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/random.hpp"

using lfnc::histogram;

namespace {

histogram histogram_of(const std::vector<double>& values) {
  histogram counts;
  for (const double value : values) counts.add(value);
  return counts;
}

void shuffle(std::vector<double>& values, generator& random) {
  for (std::size_t k = values.size(); k > 1; --k) {
    std::swap(values[k - 1], values[static_cast<std::size_t>(random.below(static_cast<int>(k)))]);
  }
}

}  // namespace

TEST_CASE("a value stands in the bin around it") {
  generator random(1);
  for (int round = 0; round < 20; ++round) {
    histogram counts;
    std::vector<double> values;
    for (int k = 0; k < 300; ++k) {
      values.push_back(std::exp(random.uniform(-3, 3 + round)));
      counts.add(values.back());
    }
    const double largest = *std::ranges::max_element(values);
    CHECK(counts.largest() == largest);
    CHECK(counts.total() == 300);
    // The range is the power of two above the largest value.
    const double range = counts.width() * histogram::bins;
    CHECK(range > largest);
    CHECK(range <= 2 * largest);
    CHECK(counts.center(0) == counts.width() / 2);
    std::vector<std::uint64_t> expected(histogram::bins);
    for (const double value : values) {
      ++expected[static_cast<std::size_t>(value / counts.width())];
    }
    int wrong = 0;
    for (int bin = 0; bin < histogram::bins; ++bin) {
      wrong += counts.count(bin) != expected[static_cast<std::size_t>(bin)];
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("zeros are counted apart") {
  histogram counts;
  CHECK(counts.total() == 0);
  CHECK(counts.largest() == 0);
  counts.add(0.0);
  counts.add(-0.0);
  CHECK(counts.zeros() == 2);
  CHECK(counts.total() == 2);
  CHECK(counts.largest() == 0);
  counts.add(3);
  CHECK(counts.zeros() == 2);
  CHECK(counts.total() == 3);
  CHECK(counts.count(0) == 0);
}

TEST_CASE("order, splits and merges do not matter") {
  generator random(2);
  for (int round = 0; round < 15; ++round) {
    std::vector<double> values;
    for (int k = 0; k < 500; ++k) {
      values.push_back(random.below(5) == 0 ? 0 : std::exp(random.uniform(-1, 1) * 10 * round));
    }
    const histogram expected = histogram_of(values);
    for (int again = 0; again < 6; ++again) {
      shuffle(values, random);
      CHECK(histogram_of(values) == expected);
      std::vector<histogram> parts(static_cast<std::size_t>(1 + random.below(5)));
      for (const double value : values) {
        parts[static_cast<std::size_t>(random.below(static_cast<int>(parts.size())))].add(value);
      }
      histogram total;
      for (const histogram& part : parts) total.merge(part);
      CHECK(total == expected);
      histogram backwards;
      for (std::size_t k = parts.size(); k-- > 0;) backwards.merge(parts[k]);
      CHECK(backwards == expected);
    }
    histogram other = expected;
    other.add(1);
    CHECK_FALSE(other == expected);
  }
}

TEST_CASE("merging with nothing, with zeros alone and with itself") {
  histogram counts;
  counts.merge(histogram{});
  CHECK(counts == histogram{});
  counts.add(1.5);
  histogram copy = counts;
  copy.merge(histogram{});
  CHECK(copy == counts);
  histogram zeros;
  zeros.add(0);
  copy.merge(zeros);
  CHECK(copy.zeros() == 1);
  zeros.merge(counts);
  CHECK(zeros == copy);
  counts.merge(counts);
  CHECK(counts.total() == 2);
}

TEST_CASE("tiny and huge values meet in one histogram") {
  using limits = std::numeric_limits<double>;
  histogram counts;
  counts.add(limits::denorm_min());
  CHECK(counts.count(0) == 1);
  CHECK(counts.width() > 0);
  counts.add(limits::min());
  CHECK(counts.total() == 2);
  counts.add(1.0);
  CHECK(counts.count(0) == 2);
  CHECK(counts.count(histogram::bins / 2) == 1);
  counts.add(limits::max());
  CHECK(counts.count(0) == 3);
  CHECK(counts.count(histogram::bins - 1) == 1);
  CHECK(std::isfinite(counts.width()));
  CHECK(std::isfinite(counts.center(histogram::bins - 1)));
  CHECK(counts == histogram_of({limits::max(), 1.0, limits::min(), limits::denorm_min()}));
  histogram other;
  other.add(limits::denorm_min());
  histogram top;
  top.add(limits::max());
  other.merge(top);
  CHECK(other == histogram_of({limits::max(), limits::denorm_min()}));
}

TEST_CASE("growing by one and by many doublings keeps every count") {
  for (int doublings = 1; doublings < 40; ++doublings) {
    histogram counts;
    for (int k = 1; k < 1000; ++k) counts.add(k / 1000.0);
    counts.add(std::ldexp(0.75, doublings));
    CHECK(counts.total() == 1000);
    std::uint64_t low = 0;
    for (int bin = 0; bin < histogram::bins / 2; ++bin) low += counts.count(bin);
    CHECK(low == 999);
  }
}

TEST_CASE("a power of two opens the next range") {
  histogram counts;
  counts.add(1.0);
  CHECK(counts.width() * histogram::bins == 2.0);
  histogram below;
  below.add(std::nextafter(1.0, 0.0));
  CHECK(below.width() * histogram::bins == 1.0);
  CHECK(below.count(histogram::bins - 1) == 1);
}
