#include <lfnc/detail/rounding.hpp>
#include <lfnc/exec/cpu/map_neighbours.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/random.hpp"

using lfnc::index_t;

namespace {

// Every length and alignment, past the caches and not, against one element after the other; what
// lies around the output stays as it was.
template <class In, class Out, class Op>
void check_map(Op op) {
  generator random(1);
  std::vector<In> source(3200);
  for (In& x : source) {
    // A negative float has no place in an unsigned type.
    if constexpr (std::is_integral_v<In>) {
      x = static_cast<In>(random.below(256));
    } else {
      x = static_cast<In>(static_cast<float>(100 * random.uniform(-1, 1)));
    }
  }
  std::vector<Out> before(3200);
  for (Out& x : before) x = static_cast<Out>(static_cast<float>(random.below(100)));
  for_each_instruction_set([&](lfnc::instruction_set set) {
    int wrong = 0;
    for (const bool streaming : {false, true}) {
      for (const std::size_t count : {0U, 1U, 15U, 63U, 64U, 65U, 200U, 3000U}) {
        for (const std::size_t offset : {0U, 1U, 7U, 16U, 33U}) {
          std::vector<Out> expected = before;
          std::vector<Out> found = before;
          for (std::size_t k = 0; k < count; ++k) {
            expected[offset + k] =
                static_cast<Out>(op(lfnc::detail::to_compute(source[offset / 2 + k])));
          }
          lfnc::detail::map_neighbours(lfnc::detail::map_mode{set, streaming},
                                       source.data() + offset / 2, found.data() + offset,
                                       static_cast<index_t>(count), op);
          wrong += std::memcmp(found.data(), expected.data(), found.size() * sizeof(Out)) != 0;
        }
      }
    }
    CHECK(wrong == 0);
  });
}

}  // namespace

TEST_CASE("the same on every instruction set, past the caches or not") {
  const auto to_code = [](float x) { return lfnc::detail::round_clamped(x * 1.7F, -100.F, 90.F); };
  check_map<float, std::int8_t>(to_code);
  check_map<std::uint8_t, float>([](std::uint8_t x) { return 0.3F * static_cast<float>(x); });
  check_map<float, float>([](float x) { return x < 0 ? 0 : x * 0.3F; });
  check_map<double, lfnc::float16>([](double x) { return static_cast<float>(x); });
  check_map<lfnc::bfloat16, double>([](float x) { return static_cast<double>(x) * 0.1; });
  check_map<float, std::int32_t>(to_code);
}

TEST_CASE("source and target may be the same memory") {
  for_each_instruction_set([](lfnc::instruction_set set) {
    for (const bool streaming : {false, true}) {
      std::vector<float> values(2777);
      for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<float>(k);
      lfnc::detail::map_neighbours(lfnc::detail::map_mode{set, streaming}, values.data(),
                                   values.data(), index_t{2777}, [](float x) { return -x; });
      int wrong = 0;
      for (std::size_t k = 0; k < values.size(); ++k) wrong += values[k] != -static_cast<float>(k);
      CHECK(wrong == 0);
    }
  });
}
