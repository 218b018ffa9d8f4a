#include <lfnc/detail/rounding.hpp>
#include <lfnc/exec/cpu/map_neighbours.hpp>
#include <lfnc/exec/cpu/saturate.hpp>

#include <doctest/doctest.h>

#include <cfenv>
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
          lfnc::detail::map_neighbours({set, streaming}, values.data(), codes.data(),
                                       static_cast<index_t>(values.size()), op);
          int wrong = 0;
          for (std::size_t k = 0; k < values.size(); ++k) wrong += codes[k] != op(values[k]);
          CHECK(wrong == 0);
        }
      });
    }
  }
}

// Numbers of every level, none beyond an int, with every tie and its neighbours among them.
std::vector<float> tame_values(float unit, std::size_t count) {
  generator random(6);
  std::vector<float> values;
  for (int k = -6; k <= 520; ++k) {
    const float edge = static_cast<float>(k) * 0.5F * unit;
    for (const float x : {std::nextafter(edge, -1e38F), edge, std::nextafter(edge, 1e38F)}) {
      values.push_back(x);
    }
  }
  while (values.size() < count) {
    values.push_back(unit * static_cast<float>(random.uniform(-50, 300)));
  }
  return values;
}

// How many codes differ from those of the contract, past the caches or not, on every set; what lies
// around them counts as well.
template <class Op>
int count_wrong(const std::vector<float>& values, const Op& op) {
  int wrong = 0;
  for_each_instruction_set([&](lfnc::instruction_set set) {
    for (const bool streaming : {false, true}) {
      std::vector<std::uint8_t> codes(values.size() + 10, 77);
      lfnc::detail::map_neighbours({set, streaming}, values.data(), codes.data() + 5,
                                   static_cast<index_t>(values.size()), op);
      for (std::size_t k = 0; k < values.size(); ++k) wrong += codes[k + 5] != op(values[k]);
      for (std::size_t k = 0; k < 5; ++k)
        wrong += codes[k] != 77 || codes[codes.size() - 1 - k] != 77;
    }
  });
  return wrong;
}

}  // namespace

TEST_CASE("bytes that were packed with saturation are the codes of the contract") {
  check_codes<false>();
  check_codes<true>();
}

TEST_CASE("factors that may be fused and that may not, levels up to a byte and fewer") {
  generator random(7);
  int alike = 0;
  for (int round = 0; round < 40; ++round) {
    const to_levels<false> op{static_cast<float>(std::exp(random.uniform(-20, 20))),
                              round % 2 == 0 ? 255.0F : 127.0F};
    alike += lfnc::detail::fuses_alike(op.factor);
    CHECK(count_wrong(tame_values(1 / op.factor, 9000), op) == 0);
  }
  CHECK(alike > 10);
  CHECK(alike < 35);
}

TEST_CASE("the one float for which a factor must not be fused") {
  generator random(8);
  int found = 0;
  for (int round = 0; round < 200; ++round) {
    const to_levels<false> op{static_cast<float>(std::exp(random.uniform(-20, 20))), 255};
    if (lfnc::detail::fuses_alike(op.factor)) continue;
    float x = 0.5F / op.factor;
    for (int step = 0; step < 4; ++step) x = std::nextafter(x, 0.0F);
    std::vector<float> values(8192);
    for (std::size_t k = 0; k < values.size(); ++k) {
      values[k] = x;
      if (k % 8 == 7) x = std::nextafter(x, 1.0F / op.factor);
      if (k % 64 == 63) x = values[k - 63];
    }
    CHECK(count_wrong(values, op) == 0);
    ++found;
  }
  CHECK(found > 40);
}

TEST_CASE("a number beyond an int anywhere is found and saturates, NaN becomes 0") {
  using limits = std::numeric_limits<float>;
  for (const float factor : {1.0F, 0.3F}) {
    const to_levels<false> op{factor, 255};
    for (const std::size_t place : {0U, 63U, 64U, 4095U, 4096U, 8191U, 8192U, 8999U}) {
      for (const float x :
           {limits::infinity(), -limits::infinity(), limits::quiet_NaN(), 3e9F / factor,
            -3e9F / factor, 2147483648.0F / factor, 2147483520.0F / factor}) {
        std::vector<float> values = tame_values(1 / factor, 9000);
        values[place] = x;
        CHECK(count_wrong(values, op) == 0);
      }
    }
  }
}

TEST_CASE("codes may take the place of the numbers") {
  const to_levels<false> op{1, 255};
  for_each_instruction_set([&](lfnc::instruction_set set) {
    std::vector<float> values = tame_values(1, 9000);
    values[100] = std::numeric_limits<float>::infinity();
    const std::vector<float> before = values;
    auto* const codes = reinterpret_cast<std::uint8_t*>(values.data());
    lfnc::detail::map_neighbours({set, false}, values.data(), codes, index_t{9000}, op);
    int wrong = 0;
    for (std::size_t k = 0; k < before.size(); ++k) wrong += codes[k] != op(before[k]);
    CHECK(wrong == 0);
  });
}

TEST_CASE("what the floating-point environment holds is kept") {
  const to_levels<false> op{1, 255};
  std::vector<float> values = tame_values(1, 9000);
  for_each_instruction_set([&](lfnc::instruction_set set) {
    std::vector<std::uint8_t> codes(values.size());
    const auto map = [&] {
      lfnc::detail::map_neighbours({set, false}, values.data(), codes.data(), index_t{9000}, op);
    };
    std::feclearexcept(FE_ALL_EXCEPT);
    map();
    CHECK(std::fetestexcept(FE_INVALID) == 0);
    std::feraiseexcept(FE_INVALID | FE_DIVBYZERO);
    // None under Valgrind, which keeps no flags.
    const int raised = std::fetestexcept(FE_INVALID | FE_DIVBYZERO);
    map();
    CHECK(std::fetestexcept(FE_INVALID | FE_DIVBYZERO) == raised);
    std::feclearexcept(FE_ALL_EXCEPT);
    values[5000] = std::numeric_limits<float>::infinity();
    map();
    CHECK(codes[5000] == 255);
    values[5000] = 0;
    std::feclearexcept(FE_ALL_EXCEPT);
  });
}
