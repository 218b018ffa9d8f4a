#include <lfnc/exec/cpu.hpp>
#include <lfnc/exec/cpu/float_reduce.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <vector>

#include "support/float_sums.hpp"
#include "support/instruction_sets.hpp"
#include "support/plane_layouts.hpp"
#include "support/random.hpp"

using lfnc::index_t;

namespace {

struct to_columns {
  double* sum;
  double* squares;

  void operator()(index_t row, const lfnc::detail::reduced<2>& field) const {
    sum[row] = field[0];
    squares[row] = field[1];
  }
  double* column(int f) const { return f == 0 ? sum : squares; }
};

using bits = std::vector<std::uint64_t>;

bits bits_of(const std::vector<double>& sum, const std::vector<double>& squares) {
  bits list;
  for (std::size_t row = 0; row < sum.size(); ++row) {
    list.push_back(std::bit_cast<std::uint64_t>(sum[row]));
    list.push_back(std::bit_cast<std::uint64_t>(squares[row]));
  }
  return list;
}

// Every set and several splits give what adding element by element gives.
void check_rows(const lfnc::group_view<const float>& rows) {
  const auto count = static_cast<std::size_t>(rows.rows());
  std::vector<double> sum(count);
  std::vector<double> squares(count);
  for (index_t row = 0; row < rows.rows(); ++row) {
    std::vector<float> elements;
    for (index_t k = 0; k < rows.row_length(row); ++k) elements.push_back(*rows.address(row, k));
    const auto expected = expected_float_sums(elements);
    sum[static_cast<std::size_t>(row)] = expected[0];
    squares[static_cast<std::size_t>(row)] = expected[1];
  }
  const bits expected = bits_of(sum, squares);
  for_each_instruction_set([&](lfnc::instruction_set set) {
    CAPTURE(static_cast<int>(set));
    for (const int threads : {1, 3}) {
      std::vector<double> found_sum(count, -1);
      std::vector<double> found_squares(count, -1);
      lfnc::reduce(lfnc::cpu{threads}, rows, lfnc::for_all_rows<float_sums>{},
                   to_columns{found_sum.data(), found_squares.data()});
      CHECK(bits_of(found_sum, found_squares) == expected);
    }
  });
}

void check_planes(index_t images, index_t channels, index_t height, index_t width) {
  CAPTURE(images);
  CAPTURE(channels);
  CAPTURE(height);
  CAPTURE(width);
  generator random(1);
  std::vector<float> memory(
      static_cast<std::size_t>((images + 1) * (channels + 1) * (height + 1) * (width + 1)));
  for (float& x : memory) x = static_cast<float>(random.gaussian());
  for_each_layout(memory.data(), images, channels, height, width,
                  [](const auto& rows) { check_rows(rows); });
}

}  // namespace

TEST_CASE("rows of floats of any layout, the same bits on every instruction set") {
  check_planes(1, 1, 1, 1);
  check_planes(3, 5, 1, 3);
  check_planes(2, 17, 7, 7);
  check_planes(3, 40, 4, 4);
  check_planes(2, 70, 5, 6);
  check_planes(2, 130, 13, 11);
  check_planes(1, 67, 3, 411);
}
