#include <lfnc/codebook.hpp>
#include <lfnc/exec/cpu.hpp>
#include <lfnc/exec/cpu/neighbour_reader.hpp>
#include <lfnc/fit/row.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/random.hpp"

using lfnc::index_t;

namespace {

template <int Fields>
std::vector<std::uint64_t> bits_of(const lfnc::detail::reduced<Fields>& sums) {
  std::vector<std::uint64_t> list;
  for (const double field : sums.field) list.push_back(std::bit_cast<std::uint64_t>(field));
  return list;
}

// Rows of every length, in groups too, by every set: what the plain reader gives. What lies behind
// a row is NaN.
template <class T, class Reducer>
void check_reader(const Reducer& reducer) {
  generator random(1);
  for (index_t length = 1; length <= 70; ++length) {
    const index_t group = 1 + random.below(static_cast<int>(length));
    std::vector<T> values(static_cast<std::size_t>(3 * length + 1),
                          static_cast<T>(std::numeric_limits<float>::quiet_NaN()));
    for (std::size_t k = 0; k + 1 < values.size(); ++k) {
      values[k] = static_cast<T>(static_cast<float>(random.gaussian()));
    }
    const auto rows = lfnc::groups(lfnc::as_view(values.data(), {3, length}), 0, group);
    for_each_instruction_set([&](lfnc::instruction_set set) {
      CAPTURE(length);
      CAPTURE(static_cast<int>(set));
      const lfnc::detail::row_grid<T> grid(rows);
      REQUIRE(grid.even);
      for (index_t row = 0; row < rows.rows(); ++row) {
        const lfnc::detail::neighbour_reader<T> reader{rows, row, grid.row(row), set};
        const lfnc::detail::row_reader<T, lfnc::host_space> plain{rows, row};
        CHECK(bits_of(reader.reduce(reducer)) == bits_of(plain.reduce(reducer)));
      }
    });
  }
}

// for_each_row tells readers apart by what the memory is like.
struct note_kind {
  std::vector<int>* neighbours;

  template <class Reader>
  void operator()(index_t row, const Reader&) const {
    constexpr bool is = std::is_same_v<Reader, lfnc::detail::neighbour_reader<float>>;
    (*neighbours)[static_cast<std::size_t>(row)] = is ? 1 : 0;
  }
};

}  // namespace

TEST_CASE("a row of neighbours is reduced to the same bits by every instruction set") {
  // Levels without a 0 among them: zeros behind the row would count.
  const std::vector<double> apart{-1.5, -0.5, 0.25, 2};
  const lfnc::levels levels(apart);
  check_reader<float>(lfnc::detail::projection_reducer<lfnc::levels, float>(
      lfnc::detail::make_encoder<float>(levels, 0.7, 1)));
  check_reader<float>(lfnc::detail::projection_reducer<lfnc::uniform, float>(
      lfnc::detail::make_encoder<float>(lfnc::uniform(4), 0.3, 1)));
  check_reader<double>(lfnc::detail::cross_reducer<lfnc::power_of_two, double>(
      {lfnc::detail::make_encoder<double>(lfnc::power_of_two(4), 0.3, 2)}));
  check_reader<lfnc::float16>(lfnc::detail::energy_reducer<float>{0.5F});
  check_reader<lfnc::bfloat16>(lfnc::detail::range_reducer<float>{});
}

TEST_CASE("rows whose elements are neighbours, and no others, are read that way") {
  std::vector<float> values(60);
  std::vector<int> neighbours(20, -1);
  const auto whole = lfnc::as_view(values.data(), {3, 20});
  for_each_row(lfnc::cpu{1}, lfnc::groups(whole, 0, 7), note_kind{&neighbours});
  for (int row = 0; row < 9; ++row) CHECK(neighbours[static_cast<std::size_t>(row)] == 1);
  for_each_row(lfnc::cpu{1}, lfnc::groups(whole, 1, 3), note_kind{&neighbours});
  for (const int kind : neighbours) CHECK(kind == 0);
}
