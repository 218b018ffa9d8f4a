#include <lfnc/exec/cpu/interleaved_rows.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "support/instruction_sets.hpp"

using lfnc::index_t;

namespace {

// Counts the elements and keeps the order of merging in the last one that each lane saw.
struct last_of_lane {
  static constexpr int fields = 2;

  void add(double x, double* field, index_t stride) const {
    field[0] += 1;
    field[stride] = x;
  }
  double merge(int k, double a, double b) const { return k == 0 ? a + b : 2 * a - b; }
};

template <int Count>
void check_rows(lfnc::instruction_set set, index_t channels, index_t images, index_t length) {
  std::vector<double> memory(static_cast<std::size_t>(channels * images * length));
  for (std::size_t k = 0; k < memory.size(); ++k) memory[k] = static_cast<double>(k * k % 1009);
  const auto view = lfnc::channels(lfnc::as_view(memory.data(), {images, length, channels}), 2);
  const lfnc::group_view<double> rows{view, length};
  const lfnc::detail::row_grid<double> grid(rows);
  REQUIRE(grid.even);
  std::vector<int> calls(static_cast<std::size_t>(rows.rows()));
  int wrong = 0;
  lfnc::detail::reduce_interleaved_rows<Count>(
      lfnc::cpu{1}, set, grid, last_of_lane{}, [&](index_t row, const auto& found) {
        ++calls[static_cast<std::size_t>(row)];
        double lane[16] = {};
        for (index_t k = 0; k < length; ++k) lane[k % 16] = *rows.address(row, k);
        for (const int width : {8, 4, 2, 1}) {
          for (int j = 0; j < width; ++j) lane[j] = 2 * lane[j] - lane[j + width];
        }
        wrong += found[0] != static_cast<double>(length) || found[1] != lane[0];
      });
  CHECK(wrong == 0);
  CHECK(calls == std::vector<int>(calls.size(), 1));
}

}  // namespace

TEST_CASE("blocks of channels, the last of which overlaps the one before") {
  for_each_instruction_set([](lfnc::instruction_set set) {
    for (const index_t length : {2, 16, 49, 127, 128, 129, 300}) {
      check_rows<16>(set, 16, 3, length);
      check_rows<16>(set, 37, 2, length);
      check_rows<64>(set, 64, 2, length);
      check_rows<64>(set, 65, 3, length);
    }
  });
}
