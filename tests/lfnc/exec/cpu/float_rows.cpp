#include <lfnc/exec/cpu.hpp>
#include <lfnc/exec/cpu/float_rows.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/float_sums.hpp"
#include "support/instruction_sets.hpp"
#include "support/random.hpp"

using lfnc::as_view;
using lfnc::index_t;

namespace {

// `count` rows of `length`, `distance` apart, against every row by itself. What lies between and
// behind the rows is NaN.
void check_rows(index_t count, index_t length, index_t distance) {
  CAPTURE(count);
  CAPTURE(length);
  CAPTURE(distance);
  generator random(static_cast<std::uint64_t>(count * 7919 + length));
  std::vector<float> memory(static_cast<std::size_t>(count * distance), std::nanf(""));
  std::vector<std::vector<float>> rows(static_cast<std::size_t>(count));
  for (index_t r = 0; r < count; ++r) {
    for (index_t k = 0; k < length; ++k) {
      const auto x = static_cast<float>(1 + random.gaussian());
      memory[static_cast<std::size_t>(r * distance + k)] = x;
      rows[static_cast<std::size_t>(r)].push_back(x);
    }
  }
  const auto view =
      lfnc::groups(as_view(memory.data(), {count, length}, {distance, index_t{1}}), 0, length);
  for_each_instruction_set([&](lfnc::instruction_set set) {
    CAPTURE(static_cast<int>(set));
    int calls = 0;
    int wrong = 0;
    lfnc::reduce(lfnc::cpu{1}, view, lfnc::for_all_rows<float_sums>{},
                 [&](index_t row, const auto& found) {
                   const auto expected = expected_float_sums(rows[static_cast<std::size_t>(row)]);
                   ++calls;
                   wrong += found[0] != expected[0] || found[1] != expected[1];
                 });
    CHECK(calls == count);
    CHECK(wrong == 0);
  });
}

}  // namespace

TEST_CASE("rows of neighbours, short and long, close together and apart") {
  for (const index_t length :
       {1, 3, 15, 16, 17, 31, 49, 196, 1023, 1024, 1025, 1040, 2048, 3136, 5000}) {
    for (const index_t count : {1, 2, 3, 4, 5, 9, 40}) {
      if (count * length > 50000) continue;
      check_rows(count, length, length);
      check_rows(count, length, length + 3);
    }
  }
}

TEST_CASE("an element that is not finite spoils its own row alone") {
  for (const index_t length : {5, 49, 2100}) {
    std::vector<float> memory(static_cast<std::size_t>(6 * length), 1.0F);
    memory[static_cast<std::size_t>(3 * length)] = std::numeric_limits<float>::infinity();
    memory[static_cast<std::size_t>(5 * length - 1)] = std::nanf("");
    const auto view = lfnc::groups(as_view(memory, {index_t{6}, length}), 0, length);
    for_each_instruction_set([&](lfnc::instruction_set) {
      lfnc::reduce(lfnc::cpu{1}, view, lfnc::for_all_rows<float_sums>{},
                   [&](index_t row, const auto& found) {
                     const bool spoilt = row == 3 || row == 4;
                     CHECK(std::isfinite(found[0]) != spoilt);
                     CHECK(std::isfinite(found[1]) != spoilt);
                   });
    });
  }
}

TEST_CASE("sums begin at 0, whose sign -0 does not change") {
  for (const index_t length : {5, 48, 49, 2100}) {
    const std::vector<float> memory(static_cast<std::size_t>(9 * length), -0.0F);
    const auto view = lfnc::groups(as_view(memory, {index_t{9}, length}), 0, length);
    for_each_instruction_set([&](lfnc::instruction_set) {
      lfnc::reduce(lfnc::cpu{1}, view, lfnc::for_all_rows<float_sums>{},
                   [&](index_t, const auto& found) {
                     CHECK(found[0] == 0);
                     CHECK_FALSE(std::signbit(found[0]));
                     CHECK_FALSE(std::signbit(found[1]));
                   });
    });
  }
}
