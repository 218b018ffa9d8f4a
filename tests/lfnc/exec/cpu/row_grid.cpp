#include <lfnc/exec/cpu/row_grid.hpp>

#include <doctest/doctest.h>

#include <vector>

using lfnc::index_t;

namespace {

// Every row comes once, at its place, in blocks of `most` rows, or of fewer where there are not so
// many.
void check_blocks(const lfnc::group_view<const float>& rows, index_t most) {
  const lfnc::detail::row_grid<const float> grid(rows);
  REQUIRE(grid.even);
  REQUIRE(grid.interleaved() > 1);
  const lfnc::detail::row_blocks<const float> blocks(grid, most);
  CHECK(blocks.rows <= most);
  std::vector<int> seen(static_cast<std::size_t>(rows.rows()));
  for (index_t k = 0; k < blocks.count(); ++k) {
    const auto block = blocks.at(k);
    REQUIRE(block.again >= 0);
    REQUIRE(block.again < blocks.rows);
    for (index_t j = 0; j < blocks.rows; ++j) {
      const index_t row = block.row + j * blocks.step;
      REQUIRE(row < rows.rows());
      CHECK(block.place + j == rows.address(row, 0));
      CHECK(block.length == rows.row_length(row));
      if (j >= block.again) ++seen[static_cast<std::size_t>(row)];
    }
  }
  CHECK(seen == std::vector<int>(seen.size(), 1));
}

}  // namespace

TEST_CASE("blocks of rows whose elements alternate hold every row once") {
  const std::vector<float> memory(20000);
  for (const index_t channels : {2, 3, 15, 16, 17, 31, 37, 63, 64, 65, 130}) {
    for (const index_t most : {16, 64}) {
      CAPTURE(channels);
      CAPTURE(most);
      const auto nhwc = lfnc::as_view(memory.data(), {3, 5, 7, channels});
      check_blocks({lfnc::channels(nhwc, 3), 35}, most);
      // Groups along the last dimension but one: parts of a channel beside each other.
      const auto columns = lfnc::as_view(memory.data(), {channels, 40}, {1, channels});
      check_blocks(lfnc::groups(columns, 0, 40), most);
      check_blocks(lfnc::groups(columns, 0, 9), most);  // the last one of a channel is shorter
    }
  }
}

TEST_CASE("rows of neighbours do not alternate") {
  const std::vector<float> memory(60);
  const auto rows = lfnc::groups(lfnc::as_view(memory.data(), {3, 20}), 0, 20);
  const lfnc::detail::row_grid<const float> grid(rows);
  CHECK(grid.even);
  CHECK(grid.stride == 1);
  CHECK(grid.row(2) == memory.data() + 40);
}
