#include <lfnc/fit/row.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/random.hpp"

namespace {

template <class T>
void check_scales() {
  using limits = std::numeric_limits<T>;
  CHECK(lfnc::detail::row_scale<T>(0) == 1);
  CHECK(lfnc::detail::row_scale<T>(1) == 1);
  CHECK(lfnc::detail::row_scale<T>(1e-10) == 1);
  for (int exponent = limits::min_exponent - limits::digits; exponent < limits::max_exponent;
       ++exponent) {
    const double largest = std::ldexp(1.5, exponent);
    const double scale = lfnc::detail::row_scale<T>(largest);
    CAPTURE(exponent);
    // A power of two and a normal number of the type: multiplying by it is exact where the result
    // is normal, also on a processor that takes subnormal numbers for 0.
    int power = 0;
    CHECK(std::frexp(scale, &power) == 0.5);
    CHECK(scale >= static_cast<double>(limits::min()));
    CHECK(scale <= static_cast<double>(limits::max()));
    // The square of the scaled row, times any number of elements, is a normal double.
    const double scaled = largest * scale;
    const double square = scaled * scaled;
    CHECK(square < 1e200);
    CHECK(square > 1e-200);
    CHECK(std::isfinite(static_cast<T>(1 / (scaled / 128))));
  }
}

}  // namespace

TEST_CASE("rows far from 1 are worked on near 1") {
  check_scales<float>();
  check_scales<double>();
}

TEST_CASE("codes are those of w * scale * inverse, both factors rounded to the type") {
  const lfnc::uniform book(8);
  generator random(1);
  int wrong = 0;
  for (int k = 0; k < 2000; ++k) {
    const double alpha = std::exp(random.uniform(-5, 5));
    const auto encoder = lfnc::detail::make_encoder<float>(book, alpha, 4.0);
    const auto w = static_cast<float>(alpha * 30 * random.gaussian());
    const volatile float scaled = w * 4.0F;
    const volatile float product = scaled * static_cast<float>(1 / alpha);
    wrong += encoder(w) != book.encode(static_cast<float>(product));
  }
  CHECK(wrong == 0);
}

TEST_CASE("alpha 0 encodes everything as 0, and no alpha makes the inverse infinite") {
  const auto zero = lfnc::detail::make_encoder<float>(lfnc::uniform(4), 0, 1);
  CHECK(zero(1e30F) == 0);
  CHECK(zero(-1e30F) == 0);
  const auto tiny = lfnc::detail::make_encoder<float>(lfnc::uniform(4), 1e-300, 1);
  CHECK(tiny.inverse == std::numeric_limits<float>::max());
  CHECK(tiny(0.0F) == 0);
  CHECK(tiny(1.0F) == 7);
  const auto least = lfnc::detail::make_encoder<double>(
      lfnc::uniform(4), std::numeric_limits<double>::denorm_min(), 1);
  CHECK(std::isfinite(least.inverse));
}

TEST_CASE("the range of a row, and whether all of it is finite") {
  const lfnc::detail::range_reducer<float> reducer;
  const auto range_of = [&](const std::vector<float>& row) {
    std::vector<double> field(2);
    for (const float x : row) reducer.add(x, field.data(), 1);
    return field;
  };
  CHECK(range_of({1, -3, 2})[0] == 3);
  CHECK(range_of({1, -3, 2})[1] == 0);
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(std::isnan(range_of({1, -infinity, 2})[1]));
  CHECK(std::isnan(range_of({1, std::nanf(""), 2})[1]));
  CHECK(reducer.merge(0, 2, 5) == 5);
  CHECK(reducer.merge(0, 5, 2) == 5);
  CHECK(std::isnan(reducer.merge(1, 0, std::nan(""))));
}

TEST_CASE("the sums of a row under an encoder") {
  const auto encoder = lfnc::detail::make_encoder<float>(lfnc::ternary(), 4, 2);
  const lfnc::detail::cross_reducer<lfnc::ternary, float> cross{encoder};
  const lfnc::detail::energy_reducer<float> energy{encoder.scale};
  double field[3] = {};
  for (const float x : {3.0F, -1.5F, 0.5F}) {
    cross.add(x, field, 1);
    energy.add(x, field + 2, 1);
  }
  // Scaled: 6, -3, 1; codes 1, -1, 0.
  CHECK(field[0] == 9);
  CHECK(field[1] == 2);
  CHECK(field[2] == 46);
  CHECK(cross.merge(1, 2, 3) == 5);
}
