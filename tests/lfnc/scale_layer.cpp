#include <lfnc/scale_layer.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "support/check.hpp"
#include "support/random.hpp"

namespace {

template <class T>
void make(const std::vector<lfnc::row_fit>& rows, const std::vector<T>& bias, std::span<T> scale,
          std::span<T> shift) {
  lfnc::make_scale_layer<T>(rows, bias, scale, shift);
}

}  // namespace

TEST_CASE("alpha Q x + b = scale (Q x + b) + shift") {
  generator random(1);
  std::vector<lfnc::row_fit> rows(50);
  std::vector<double> bias(50);
  for (std::size_t c = 0; c < rows.size(); ++c) {
    rows[c].alpha = std::exp(random.gaussian());
    bias[c] = random.gaussian();
  }
  rows[7].alpha = 0;
  std::vector<double> scale(50);
  std::vector<double> shift(50);
  make<double>(rows, bias, scale, shift);
  for (std::size_t c = 0; c < rows.size(); ++c) {
    const double qx = 100 * random.gaussian();
    CHECK(std::abs(scale[c] * (qx + bias[c]) + shift[c] - (rows[c].alpha * qx + bias[c])) < 1e-11);
    CHECK(scale[c] == rows[c].alpha);
  }
}

TEST_CASE("no bias is a bias of 0, and the shift may take its place") {
  const std::vector<lfnc::row_fit> rows{{0.25, 0, 0}, {4, 0, 0}};
  std::vector<float> scale(2);
  std::vector<float> shift{5, 5};
  make<float>(rows, {}, scale, shift);
  CHECK(scale == std::vector<float>{0.25F, 4});
  CHECK(shift == std::vector<float>{0, 0});
  std::vector<float> bias{8, 1};
  lfnc::make_scale_layer<float>(rows, bias, scale, bias);
  CHECK(bias == std::vector<float>{6, -3});
}

TEST_CASE("results that their type cannot hold are refused, and nothing is written") {
  std::vector<float> scale{9, 9};
  std::vector<float> shift{9, 9};
  CHECK_OVERFLOW(make<float>({{0.5, 0, 0}, {1e39, 0, 0}}, {}, scale, shift),
                 "scale: entry 1 would be 1e+39, beyond the range of its type");
  CHECK_OVERFLOW(make<float>({{0.5, 0, 0}, {1e20, 0, 0}}, {1, -4e20F}, scale, shift),
                 "shift: entry 1 would be");
  CHECK(scale == std::vector<float>{9, 9});
  CHECK(shift == std::vector<float>{9, 9});
}

TEST_CASE("what does not fit is refused, and nothing is written") {
  std::vector<lfnc::row_fit> rows{{0.5, 0, 0}, {2, 0, 0}};
  std::vector<float> scale{9, 9};
  std::vector<float> shift{9, 9};
  std::vector<float> one(1);
  CHECK_REFUSED(make<float>(rows, {1}, scale, shift), "bias: holds 1 entries for 2 rows");
  CHECK_REFUSED(make<float>(rows, {}, one, shift), "scale: holds 1 entries for 2 rows");
  CHECK_REFUSED(make<float>(rows, {}, scale, one), "shift: holds 1 entries for 2 rows");
  for (const double bad : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    rows[1].alpha = bad;
    CHECK_REFUSED(make<float>(rows, {1, 2}, scale, shift), "rows: alpha of row 1 is ");
  }
  CHECK(scale == std::vector<float>{9, 9});
  CHECK(shift == std::vector<float>{9, 9});
}

TEST_CASE("vectors, arrays and spans, with no type to be named") {
  const std::vector<lfnc::row_fit> rows{{0.5, 0, 0}, {2, 0, 0}};
  const std::vector<float> bias{4, 3};
  std::vector<float> scale(2);
  float shift[2] = {};
  lfnc::make_scale_layer(rows, bias, scale, shift);
  CHECK(scale == std::vector<float>{0.5F, 2});
  CHECK(shift[0] == 2);
  CHECK(shift[1] == -3);
  lfnc::make_scale_layer(rows, {}, std::span(scale), shift);
  CHECK(shift[0] == 0);
  std::array<double, 2> wide{};
  lfnc::make_scale_layer(std::span(rows), {}, wide, wide);
  CHECK(wide[1] == 0);
}
