#include <lfnc/activations.hpp>

#include <lfnc/exec/cpu.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/check.hpp"
#include "support/random.hpp"
#include "support/shape.hpp"

using lfnc::activation_grid;
using lfnc::activation_histogram;
using lfnc::as_view;
using lfnc::calibration;
using lfnc::cpu;
using lfnc::index_t;
using lfnc::scaling;

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

// floor(x / alpha + 0.5) or floor(x * (1 / alpha) + 0.5), every step rounded, clamped.
template <class T>
int reference_code(T x, const activation_grid& grid) {
  const auto alpha = static_cast<T>(grid.alpha);
  const volatile T inverse = 1 / alpha;
  const volatile T scaled = grid.scaling == scaling::division ? x / alpha : x * inverse;
  if (std::isnan(scaled)) return grid.low;
  const volatile T shifted = scaled + T(0.5);
  return static_cast<int>(std::clamp(std::floor(static_cast<T>(shifted)), static_cast<T>(grid.low),
                                     static_cast<T>(grid.high)));
}

template <class T>
std::vector<T> hard_values(double alpha) {
  using limits = std::numeric_limits<T>;
  std::vector<T> values{T(0),
                        -T(0),
                        limits::infinity(),
                        -limits::infinity(),
                        limits::max(),
                        limits::lowest(),
                        limits::denorm_min(),
                        limits::quiet_NaN()};
  for (int k = -300; k <= 300; ++k) {
    const auto tie = static_cast<T>(alpha * k / 2);
    values.push_back(tie);
    values.push_back(std::nextafter(tie, limits::lowest()));
    values.push_back(std::nextafter(tie, limits::max()));
  }
  return values;
}

template <class T>
void check_grid(const activation_grid& grid) {
  CAPTURE(grid.low);
  CAPTURE(grid.high);
  const auto values = hard_values<T>(grid.alpha);
  const auto in = as_view(values);
  std::vector<int> codes(values.size());
  if (grid.low < 0) {
    std::vector<std::int8_t> out(values.size());
    lfnc::quantize(cpu{1}, in, as_view(out), grid);
    codes.assign(out.begin(), out.end());
  } else {
    std::vector<std::uint8_t> out(values.size());
    lfnc::quantize(cpu{1}, in, as_view(out), grid);
    codes.assign(out.begin(), out.end());
  }
  std::vector<T> fake(values.size());
  lfnc::fake_quantize(cpu{1}, in, as_view(fake), grid);
  int wrong = 0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    wrong += codes[k] != reference_code(values[k], grid);
    wrong += fake[k] != static_cast<T>(grid.alpha) * static_cast<T>(codes[k]);
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("codes and fake-quantized values follow the stated arithmetic to the last bit") {
  generator random(1);
  for (int round = 0; round < 30; ++round) {
    const double alpha = std::exp(random.uniform(-8, 4));
    for (const auto kind : {scaling::inverse, scaling::division}) {
      for (const auto& [low, high] :
           {std::pair{0, 255}, {0, 127}, {0, 1}, {-127, 127}, {-128, 127}, {-7, 7}}) {
        check_grid<float>({alpha, low, high, kind});
        check_grid<double>({alpha, low, high, kind});
      }
    }
  }
}

TEST_CASE("the published activation layer") {
  generator random(2);
  for (int round = 0; round < 20; ++round) {
    const auto alpha = static_cast<float>(std::exp(random.uniform(-5, 2)));
    auto values = hard_values<float>(static_cast<double>(alpha));
    for (int k = 0; k < 2000; ++k) {
      values.push_back(static_cast<float>(random.gaussian()) * alpha * 80);
    }
    std::vector<float> out(values.size());
    lfnc::fake_quantize(cpu{1}, as_view(values), as_view(out),
                        {static_cast<double>(alpha), 0, 127, scaling::division});
    int wrong = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
      const float x = values[k];
      const volatile float quotient = x / alpha;
      const volatile float shifted = quotient + 0.5F;
      const float expected = x > 0 ? alpha * std::min(127.0F, std::floor(float{shifted})) : 0.0F;
      wrong += out[k] != expected;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("quantize and dequantize: any layout, any storage, in place") {
  generator random(3);
  const std::array<index_t, 4> extents{3, 5, 4, 6};
  const activation_grid grid{0.125, -127, 127, scaling::inverse};
  for (int round = 0; round < 20; ++round) {
    const auto in = random_layout<lfnc::float16, 4>(random, extents, round % 2 == 0);
    for_each_position(extents, [&](const auto& p) {
      element_at(in.view, p) = lfnc::float16(static_cast<float>(4 * random.gaussian()));
    });
    const auto codes = random_layout<std::int8_t, 4>(random, extents, false);
    const auto out = random_layout<lfnc::bfloat16, 4>(random, extents, false);
    const auto fake = random_layout<float, 4>(random, extents, false);
    lfnc::quantize(cpu{1 + round % 4}, in.view, codes.view, grid);
    lfnc::dequantize(cpu{1 + round % 3}, codes.view, out.view, grid);
    lfnc::fake_quantize(cpu{1}, in.view, fake.view, grid);
    int wrong = 0;
    for_each_position(extents, [&](const auto& p) {
      const int code = reference_code(static_cast<float>(element_at(in.view, p)), grid);
      wrong += element_at(codes.view, p) != code;
      wrong += static_cast<float>(element_at(out.view, p)) != 0.125F * static_cast<float>(code);
      wrong += element_at(fake.view, p) != 0.125F * static_cast<float>(code);
    });
    CHECK(wrong == 0);
  }
  std::vector<float> values{-1, 0.3F, 0.5F, 1000};
  lfnc::fake_quantize(cpu{1}, as_view(values), as_view(values), {0.25, 0, 255});
  CHECK(values == std::vector<float>{0, 0.25F, 0.5F, 63.75F});
}

TEST_CASE("thread counts do not change a bit") {
  const auto values = random_values(300000, 4);
  std::vector<std::uint8_t> expected(values.size());
  const activation_grid grid{0.02, 0, 255};
  lfnc::quantize(cpu{1}, as_view(values), as_view(expected), grid);
  const auto counts = histogram_of(values, 1);
  for (int threads = 2; threads <= 5; ++threads) {
    std::vector<std::uint8_t> codes(values.size());
    lfnc::quantize(cpu{threads}, as_view(values), as_view(codes), grid);
    CHECK(codes == expected);
    CHECK(histogram_of(values, threads) == counts);
  }
}

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

TEST_CASE("grids and shapes that do not fit are refused, and nothing is written") {
  const std::vector<float> in{1, 2, 3, 4, 5, 6};
  std::vector<std::uint8_t> codes(6, 9);
  std::vector<std::int8_t> signed_codes(6, 9);
  std::vector<float> out(6, 9);
  const auto from = as_view(in, {2, 3});
  const auto quantize = [&](const activation_grid& grid) {
    lfnc::quantize(cpu{1}, from, as_view(codes, {2, 3}), grid);
  };
  for (const double alpha :
       {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity(), 1e-46, 1e-39, 1e39}) {
    CAPTURE(alpha);
    CHECK_REFUSED(quantize({alpha, 0, 255}), "alpha: ");
    CHECK_REFUSED(lfnc::fake_quantize(cpu{1}, from, as_view(out, {2, 3}), {alpha, 0, 255}),
                  "alpha: ");
    CHECK_REFUSED(
        lfnc::dequantize(cpu{1}, as_view(codes, {2, 3}), as_view(out, {2, 3}), {alpha, 0, 255}),
        "alpha: ");
  }
  CHECK_REFUSED(quantize({1, 0, 256}), "grid");
  CHECK_REFUSED(quantize({1, 5, 7}), "grid");
  CHECK_REFUSED(quantize({1, -1, 127}), "grid: levels -1..127 do not fit the codes' type");
  CHECK_REFUSED(
      lfnc::quantize(cpu{1}, from, as_view(signed_codes, {2, 3}), activation_grid{1, 0, 255}),
      "grid: levels 0..255 do not fit the codes' type");
  CHECK_REFUSED(lfnc::quantize(cpu{1}, from, as_view(codes, {3, 2}), activation_grid{1, 0, 255}),
                "out: extent 0 is 3, the input's is 2");
  CHECK_REFUSED(
      lfnc::fake_quantize(cpu{1}, from, as_view(out.data(), {2, 2}), activation_grid{1, 0, 255}),
      "out: extent 1 is 2, the input's is 3");
  CHECK_REFUSED(lfnc::dequantize(cpu{1}, as_view(codes, {6}), as_view(out.data(), {5}),
                                 activation_grid{1, 0, 255}),
                "out: extent 0 is 5");
  CHECK_REFUSED(lfnc::quantize(cpu{1}, from, as_view(codes.data(), {2, 3}, {0, 1}),
                               activation_grid{1, 0, 255}),
                "out: its elements share memory");
  CHECK_REFUSED(
      lfnc::quantize(cpu{1}, from, lfnc::tensor_view<std::uint8_t, 2>{nullptr, {2, 3}, {3, 1}},
                     activation_grid{1, 0, 255}),
      "out: null data");
  CHECK(codes == std::vector<std::uint8_t>(6, 9));
  CHECK(signed_codes == std::vector<std::int8_t>(6, 9));
  CHECK(out == std::vector<float>(6, 9));
}

TEST_CASE("empty tensors are quantized at once") {
  float in[1] = {};
  std::uint8_t out[1] = {7};
  CHECK_NOTHROW(lfnc::quantize(cpu{1}, as_view(in, {0, 4}), as_view(out, {0, 4}),
                               activation_grid{1, 0, 255}));
  CHECK(out[0] == 7);
}
