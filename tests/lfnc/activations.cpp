#include <lfnc/activations.hpp>

#include <lfnc/exec/cpu.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/check.hpp"
#include "support/random.hpp"
#include "support/shape.hpp"

using lfnc::activation_grid;
using lfnc::as_view;
using lfnc::cpu;
using lfnc::index_t;
using lfnc::scaling;

namespace {

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
  generator random(4);
  std::vector<float> values(300000);
  for (float& x : values) x = static_cast<float>(random.gaussian() + random.laplacian());
  std::vector<std::uint8_t> expected(values.size());
  const activation_grid grid{0.02, 0, 255};
  lfnc::quantize(cpu{1}, as_view(values), as_view(expected), grid);
  for (int threads = 2; threads <= 5; ++threads) {
    std::vector<std::uint8_t> codes(values.size());
    lfnc::quantize(cpu{threads}, as_view(values), as_view(codes), grid);
    CHECK(codes == expected);
  }
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

TEST_CASE("a policy may be left out") {
  const std::vector<float> values{0, 1, -2, 3, 0.5F, 70};
  const lfnc::activation_grid grid{0.25, 0, 255};
  const auto in = as_view(values, {2, 3});
  std::vector<std::uint8_t> codes(6);
  std::vector<float> back(6);
  std::vector<float> faked(6);
  lfnc::quantize(in, as_view(codes, {2, 3}), grid);
  CHECK(codes == std::vector<std::uint8_t>{0, 4, 0, 12, 2, 255});
  lfnc::quantize(in, as_view(codes, {2, 3}), {0.5, 0, 255});
  CHECK(codes[3] == 6);
  lfnc::dequantize(as_view(codes, {2, 3}), as_view(back, {2, 3}), {0.5, 0, 255});
  lfnc::fake_quantize(in, as_view(faked, {2, 3}), {0.5, 0, 255});
  CHECK(back == std::vector<float>{0, 1, 0, 3, 0.5F, 70});
  CHECK(back == faked);
}
