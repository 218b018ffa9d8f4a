#include <lfnc/exec/cpu.hpp>
#include <lfnc/exec/cpu/interleaved_floats.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "support/float_sums.hpp"
#include "support/instruction_sets.hpp"
#include "support/random.hpp"

using lfnc::as_view;
using lfnc::index_t;

TEST_CASE("rows that alternate in memory, blocks of 16 and of 64 channels") {
  generator random(11);
  for (const index_t channels : {16, 23, 64, 70, 130}) {
    for (const index_t length : {1, 2, 15, 16, 49, 127, 128, 129, 300, 1024, 1500}) {
      CAPTURE(channels);
      CAPTURE(length);
      const index_t images = length > 300 ? 1 : 2;
      std::vector<float> memory(static_cast<std::size_t>(images * length * channels));
      for (float& x : memory) x = static_cast<float>(1 + random.gaussian());
      const auto batch = lfnc::channels(as_view(memory.data(), {images, length, channels}), 2);
      const lfnc::group_view<float> rows{batch, length};
      std::vector<std::array<double, 2>> expected;
      for (index_t r = 0; r < rows.rows(); ++r) {
        std::vector<float> row;
        for (index_t k = 0; k < length; ++k) row.push_back(*rows.address(r, k));
        expected.push_back(expected_float_sums(row));
      }
      for_each_instruction_set([&](lfnc::instruction_set set) {
        CAPTURE(static_cast<int>(set));
        int calls = 0;
        int wrong = 0;
        lfnc::reduce(lfnc::cpu{1}, rows, lfnc::for_all_rows<float_sums>{},
                     [&](index_t row, const auto& found) {
                       const auto& sums = expected[static_cast<std::size_t>(row)];
                       ++calls;
                       wrong += found[0] != sums[0] || found[1] != sums[1];
                     });
        CHECK(calls == rows.rows());
        CHECK(wrong == 0);
      });
    }
  }
}
