#include <lfnc/exec/map_dense.hpp>
#include <lfnc/exec/saturate.hpp>
#include <lfnc/rounding.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/random.hpp"

using lfnc::index_t;

namespace {

template <bool Division>
struct to_levels {
  static constexpr bool divides = Division;
  static constexpr bool saturates = true;
  float factor;
  float high;

  int operator()(float x) const {
    return lfnc::detail::round_clamped_unsigned(divides ? x / factor : x * factor, 0.0F, high);
  }
};
static_assert(lfnc::detail::saturates_to_bytes<const float, std::uint8_t, to_levels<false>>);
static_assert(!lfnc::detail::saturates_to_bytes<double, std::uint8_t, to_levels<false>>);
static_assert(!lfnc::detail::saturates_to_bytes<float, std::int8_t, to_levels<false>>);

// Every level's edges and their neighbours, what lies far outside, NaN.
std::vector<float> hard_values(float unit) {
  using limits = std::numeric_limits<float>;
  std::vector<float> values{0.0F,
                            -0.0F,
                            limits::denorm_min(),
                            -limits::denorm_min(),
                            limits::max(),
                            limits::lowest(),
                            limits::infinity(),
                            -limits::infinity(),
                            limits::quiet_NaN(),
                            -limits::quiet_NaN(),
                            2147483520.0F * unit,
                            2147483648.0F * unit,
                            -2147483648.0F * unit,
                            32767.5F * unit,
                            32768.5F * unit,
                            -32769.0F * unit,
                            65536.0F * unit};
  for (int k = -6; k <= 520; ++k) {
    const float edge = static_cast<float>(k) * 0.5F * unit;
    values.push_back(std::nextafter(edge, limits::lowest()));
    values.push_back(edge);
    values.push_back(std::nextafter(edge, limits::max()));
  }
  return values;
}

template <bool Division>
void check_codes() {
  generator random(5);
  for (const float unit : {1.0F, 0.37F, 3e-30F, 5e20F}) {
    for (const float high : {1.0F, 7.0F, 127.0F, 254.0F, 255.0F}) {
      std::vector<float> values = hard_values(unit);
      while (values.size() < 2500 || values.size() % 97 != 0) {
        values.push_back(unit * static_cast<float>(random.uniform(-50, 300)));
      }
      const to_levels<Division> op{Division ? unit : 1 / unit, high};
      for_each_instruction_set([&](lfnc::instruction_set set) {
        for (const bool streaming : {false, true}) {
          std::vector<std::uint8_t> codes(values.size());
          lfnc::detail::map_dense({set, streaming}, values.data(), codes.data(),
                                  static_cast<index_t>(values.size()), op);
          int wrong = 0;
          for (std::size_t k = 0; k < values.size(); ++k) wrong += codes[k] != op(values[k]);
          CHECK(wrong == 0);
        }
      });
    }
  }
}

}  // namespace

TEST_CASE("bytes that were packed with saturation are the codes of the contract") {
  check_codes<false>();
  check_codes<true>();
}
