#include <lfnc/detail/rounding.hpp>
#include <lfnc/exec/cpu.hpp>
#include <lfnc/exec/cpu/visit_rows.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/plane_layouts.hpp"
#include "support/random.hpp"

using lfnc::as_view;
using lfnc::index_t;

namespace {

// Fields whose bits depend on the order, one of which is not a sum.
struct sums {
  static constexpr int fields = 3;
  static constexpr bool zero_is_neutral = true;

  template <class T>
  void add(T x, double* field, index_t stride) const {
    const auto value = static_cast<double>(x);
    field[0] += value;
    field[stride] += lfnc::detail::rounded(value * value);
    field[2 * stride] = value > field[2 * stride] ? value : field[2 * stride];
  }
  double merge(int k, double a, double b) const { return k < 2 ? a + b : a > b ? a : b; }
};
using make_sums = lfnc::for_all_rows<sums>;
static_assert(lfnc::vector_reducer<sums>);

using bits = std::vector<std::uint64_t>;

template <class Fields>
void append(bits& list, const Fields& field) {
  for (int k = 0; k < 3; ++k) list.push_back(std::bit_cast<std::uint64_t>(field[k]));
}

// One row after another, element by element.
template <class T>
bits row_by_row(const lfnc::group_view<T>& rows) {
  bits list;
  for (index_t r = 0; r < rows.rows(); ++r) {
    append(list, lfnc::detail::row_reader<T, lfnc::host_space>{rows, r}.reduce(sums{}));
  }
  return list;
}

template <class T>
bits reduced_by(const lfnc::cpu& policy, const lfnc::group_view<T>& rows) {
  std::vector<bits> found(static_cast<std::size_t>(rows.rows()));
  lfnc::reduce(policy, rows, make_sums{}, [&](index_t row, const auto& field) {
    append(found[static_cast<std::size_t>(row)], field);
  });
  bits list;
  for (const bits& row : found) list.insert(list.end(), row.begin(), row.end());
  return list;
}

// Every set and several splits give what the plain reader gives.
template <class T>
void check_rows(const lfnc::group_view<T>& rows) {
  const bits expected = row_by_row(rows);
  for_each_instruction_set([&](lfnc::instruction_set set) {
    CAPTURE(static_cast<int>(set));
    CHECK(reduced_by(lfnc::cpu{1}, rows) == expected);
    CHECK(reduced_by(lfnc::cpu{3}, rows) == expected);
  });
}

template <class T>
std::vector<T> numbers(index_t count, std::uint64_t seed) {
  generator random(seed);
  std::vector<T> list(static_cast<std::size_t>(count));
  for (T& x : list) x = static_cast<T>(static_cast<float>(random.gaussian()));
  return list;
}

template <class T>
void check_planes(index_t images, index_t channels, index_t height, index_t width) {
  CAPTURE(images);
  CAPTURE(channels);
  CAPTURE(height);
  CAPTURE(width);
  const auto memory = numbers<T>((images + 1) * (channels + 1) * (height + 1) * (width + 1), 1);
  for_each_layout(memory.data(), images, channels, height, width,
                  [](const auto& rows) { check_rows(rows); });
}

template <class T>
void check_shapes() {
  check_planes<T>(1, 1, 1, 1);
  check_planes<T>(3, 5, 1, 3);
  check_planes<T>(2, 17, 7, 7);
  check_planes<T>(3, 40, 4, 4);
  check_planes<T>(2, 70, 5, 6);
  check_planes<T>(2, 130, 13, 11);
  check_planes<T>(1, 67, 3, 211);
}

}  // namespace

TEST_CASE("rows of any layout, the same bits on every instruction set") {
  check_shapes<float>();
  check_shapes<double>();
  check_shapes<lfnc::float16>();
  check_shapes<lfnc::bfloat16>();
}

TEST_CASE("rows for several threads") { check_planes<float>(5, 130, 19, 23); }

TEST_CASE("what lies around a row does not matter") {
  // NaN and infinity in the rows before and behind, zeros of either sign in the row.
  for (const index_t length : {1, 7, 16, 19, 49}) {
    std::vector<float> memory(static_cast<std::size_t>(5 * length), std::nanf(""));
    for (index_t k = 0; k < length; ++k) {
      const auto at = static_cast<std::size_t>(k);
      memory[static_cast<std::size_t>(length) + at] = std::numeric_limits<float>::infinity();
      memory[static_cast<std::size_t>(2 * length) + at] = k % 3 == 0 ? -0.0F : k % 3 == 1 ? 0 : -1;
    }
    const auto rows = lfnc::groups(as_view(memory, {index_t{5}, length}), 0, length);
    const auto field = lfnc::detail::row_reader<float, lfnc::host_space>{rows, 2}.reduce(sums{});
    for_each_instruction_set([&](lfnc::instruction_set) {
      lfnc::reduce(lfnc::cpu{1}, rows, make_sums{}, [&](index_t row, const auto& found) {
        if (row != 2) return;
        for (int k = 0; k < 3; ++k) {
          CHECK(std::bit_cast<std::uint64_t>(found[k]) == std::bit_cast<std::uint64_t>(field[k]));
        }
      });
    });
  }
}
