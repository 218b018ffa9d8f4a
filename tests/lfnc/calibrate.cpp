#include <lfnc/calibrate.hpp>

#include <lfnc/exec/cpu.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/check.hpp"
#include "support/instruction_sets.hpp"
#include "support/random.hpp"

using lfnc::activation_histogram;
using lfnc::as_view;
using lfnc::calibration;
using lfnc::cpu;
using lfnc::index_t;

namespace {

std::vector<float> random_values(std::size_t count, std::uint64_t seed) {
  generator random(seed);
  std::vector<float> values(count);
  for (float& x : values) x = static_cast<float>(random.gaussian() + random.laplacian());
  return values;
}

template <class T>
activation_histogram histogram_of(const std::vector<T>& values, int threads = 1) {
  activation_histogram counts;
  lfnc::accumulate_histogram(cpu{threads}, as_view(values), counts);
  return counts;
}

}  // namespace

TEST_CASE("histograms: any order, split and layout, signs and zeros apart") {
  const auto values = random_values(6 * 500, 5);
  const auto expected = histogram_of(values);
  CHECK(expected.total() == values.size());
  activation_histogram parts;
  for (index_t begin = 0; begin < 6; ++begin) {
    activation_histogram part;
    lfnc::accumulate_histogram(cpu{1}, as_view(values.data() + begin * 500, {5, 100}), part);
    parts.merge(part);
  }
  CHECK(parts == expected);
  activation_histogram backwards;
  lfnc::accumulate_histogram(
      cpu{1}, as_view(values.data() + values.size() - 1, {index_t{3000}}, {index_t{-1}}),
      backwards);
  CHECK(backwards == expected);
  const auto small = histogram_of(std::vector<float>{-3, 0, -0.0F, 2, 2});
  CHECK(small.positive.zeros() == 2);
  CHECK(small.positive.total() == 4);
  CHECK(small.negative.total() == 1);
  CHECK(small.negative.largest() == 3);
}

// What a batch gives is what its values give one by one, whatever their size: below the normal
// numbers, where a bin is narrower than a float can say, and at the upper end.
template <class T>
void check_magnitudes(int lowest, int highest) {
  generator random(11);
  for (int exponent = lowest; exponent <= highest; exponent += 7) {
    std::vector<T> values(300);
    for (T& x : values) {
      const double value = std::ldexp(random.uniform(-1, 1), exponent - random.below(16));
      x = random.below(9) == 0 ? T(0) : static_cast<T>(value);
    }
    activation_histogram expected;
    for (const T x : values) {
      if (x < 0) {
        expected.negative.add(-static_cast<double>(x));
      } else {
        expected.positive.add(static_cast<double>(x));
      }
    }
    for_each_instruction_set([&](lfnc::instruction_set) {
      CAPTURE(exponent);
      CHECK(histogram_of(values) == expected);
    });
  }
}

TEST_CASE("values of every size are counted in their bins") {
  check_magnitudes<float>(-149, 128);
  check_magnitudes<double>(-1070, 1023);
}

TEST_CASE("zeros are counted where bins are too narrow for any float but 0") {
  for (const double tiny : {1e-90, 1e-250, 0x1p-900, std::numeric_limits<double>::min(), 5e-324}) {
    CAPTURE(tiny);
    const std::vector<float> zeros(100);
    const std::vector<double> doubles{tiny, -tiny, 3 * tiny, 0};
    const auto narrow = histogram_of(std::vector<double>(100, tiny));
    for (const int threads : {1, 2}) {
      auto counts = narrow;
      lfnc::accumulate_histogram(cpu{threads}, as_view(zeros), counts);
      CHECK(counts.total() == 200);
      CHECK(counts.positive.zeros() == 100);
      CHECK(counts.positive.largest() == tiny);
      lfnc::accumulate_histogram(cpu{threads}, as_view(doubles), counts);
      CHECK(counts.total() == 204);
      CHECK(counts.negative.total() == 1);
      // The other sign, in floats of every size.
      const std::vector<float> floats{-1e-45F, -1, -3e38F, -0.0F};
      lfnc::accumulate_histogram(cpu{threads}, as_view(floats), counts);
      CHECK(counts.total() == 208);
      CHECK(counts.negative.total() == 4);
      CHECK(counts.negative.largest() == static_cast<double>(3e38F));
      // In one histogram, whichever way they come.
      auto merged = histogram_of(floats);
      merged.merge(histogram_of(doubles));
      merged.merge(histogram_of(std::vector<float>(100)));
      merged.merge(narrow);
      CHECK(merged == counts);
      CHECK(std::isfinite(lfnc::calibrate(merged, -127, 127)));
      CHECK(lfnc::calibrate(merged, 0, 255) > 0);
    }
  }
}

TEST_CASE("thread counts do not change a count") {
  const auto values = random_values(300000, 4);
  const auto counts = histogram_of(values, 1);
  for (int threads = 2; threads <= 5; ++threads) CHECK(histogram_of(values, threads) == counts);
}

TEST_CASE("calibration by every method") {
  std::vector<float> values = random_values(20000, 6);
  values.push_back(1000);  // an outlier
  const auto counts = histogram_of(values);
  for (const auto& levels : {std::pair{0, 255}, {0, 127}, {-127, 127}, {0, 15}, {-7, 7}}) {
    const int low = levels.first;
    const int high = levels.second;
    CAPTURE(low);
    CAPTURE(high);
    const auto error = [&](double alpha) {
      double sum = 0;
      for (const float x : values) {
        if (low == 0 && x < 0) continue;
        const double q = std::clamp(std::floor(static_cast<double>(x) / alpha + 0.5),
                                    static_cast<double>(low), static_cast<double>(high));
        sum += (static_cast<double>(x) - alpha * q) * (static_cast<double>(x) - alpha * q);
      }
      return sum;
    };
    const double exact = lfnc::calibrate(counts, low, high);
    const double lloyd = lfnc::calibrate(counts, low, high, {calibration::lloyd});
    const double widest = lfnc::calibrate(counts, low, high, {calibration::abs_max});
    const double most = lfnc::calibrate(counts, low, high, {calibration::percentile, 0.999});
    CHECK(widest == 1000.0 / high);
    CHECK(most * high < 20);
    // Up to the width of a bin, nothing is better than exact.
    for (const double other : {lloyd, widest, most, exact * 0.9, exact * 1.1, exact * 0.5}) {
      CHECK(error(exact) <= error(other) * (1 + 1e-3));
    }
    CHECK(lfnc::calibrate(counts, low, high, {calibration::percentile, 1}) == widest);
  }
}

TEST_CASE("after ReLU negative values do not matter; at signed points both signs do") {
  std::vector<float> values;
  for (int k = 0; k < 1000; ++k) values.push_back(static_cast<float>(k % 100) / 100);
  const double alone = lfnc::calibrate(histogram_of(values), 0, 255);
  for (int k = 0; k < 50; ++k) values.push_back(-50);
  CHECK(lfnc::calibrate(histogram_of(values), 0, 255) == alone);
  CHECK(lfnc::calibrate(histogram_of(values), -127, 127, {calibration::abs_max}) == 50.0 / 127);
}

TEST_CASE("where nothing is above 0, alpha is 1") {
  CHECK(lfnc::calibrate(histogram_of(std::vector<float>{0, 0}), 0, 255) == 1);
  CHECK(lfnc::calibrate(histogram_of(std::vector<float>{0, -3}), 0, 255) == 1);
  CHECK(lfnc::calibrate(histogram_of(std::vector<float>{0, 0}), -127, 127) == 1);
  CHECK(lfnc::calibrate(histogram_of(std::vector<float>{0, -3}), -127, 127,
                        {calibration::abs_max}) == 3.0 / 127);
}

TEST_CASE("a percentile that zeros cover falls back to a value above 0") {
  std::vector<float> values(1000);
  values.push_back(2);
  CHECK(lfnc::calibrate(histogram_of(values), 0, 255, {calibration::percentile, 0.5}) == 2.0 / 255);
}

TEST_CASE("batches that cannot be counted are refused, and the histogram stays as it was") {
  activation_histogram counts = histogram_of(std::vector<float>{1, 2});
  const activation_histogram before = counts;
  const auto run = [&](const auto& view, int threads = 1) {
    lfnc::accumulate_histogram(cpu{threads}, view, counts);
  };
  const float nothing[1] = {};
  CHECK_REFUSED(run(as_view(nothing, {2, 0})), "batch: there are no elements");
  CHECK_REFUSED(run(lfnc::tensor_view<float, 1>{nullptr, {3}, {1}}), "null data");
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    auto values = random_values(200000, 7);
    values[150001] = bad;
    values[190000] = bad;
    for (const int threads : {1, 4}) {
      CHECK_REFUSED(run(as_view(values), threads),
                    "batch: element 150001 of channel 0 is NaN or infinite");
    }
  }
  CHECK(counts == before);
}

TEST_CASE("calibrations that cannot be made are refused") {
  const auto counts = histogram_of(std::vector<float>{1, 2});
  CHECK_REFUSED(lfnc::calibrate(activation_histogram{}, 0, 255), "counts: no value was counted");
  CHECK_REFUSED(lfnc::calibrate(counts, 0, 256), "grid: levels 0..256");
  CHECK_REFUSED(lfnc::calibrate(counts, 0, 0), "grid");
  CHECK_REFUSED(lfnc::calibrate(counts, 1, 3), "grid");
  CHECK_REFUSED(lfnc::calibrate(counts, -129, 129), "grid");
  CHECK_REFUSED(lfnc::calibrate(counts, -128, 127), "low: -128 is neither 0 nor -127");
  for (const double share : {0.0, -1.0, 1.5, std::nan("")}) {
    CHECK_REFUSED(lfnc::calibrate(counts, 0, 255, {calibration::percentile, share}), "share: ");
  }
  CHECK_REFUSED(lfnc::calibrate(counts, 0, 255, {static_cast<calibration>(12)}),
                "method: is none of");
}

TEST_CASE("a batch is counted with a policy or without") {
  const std::vector<float> values{0, 1, -2, 3, 0.5F, 7};
  lfnc::activation_histogram with;
  lfnc::activation_histogram without;
  lfnc::accumulate_histogram(lfnc::cpu{1}, lfnc::as_view(values, {2, 3}), with);
  lfnc::accumulate_histogram(lfnc::as_view(values, {2, 3}), without);
  CHECK(with == without);
}
