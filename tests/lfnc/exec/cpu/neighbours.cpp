#include <lfnc/codebook.hpp>
#include <lfnc/exec/cpu.hpp>
#include <lfnc/exec/cpu/neighbours.hpp>
#include <lfnc/fit/row.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <limits>
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

// Rows of every length, by every set: what the plain reader gives. What lies behind a row is NaN.
template <class T, class Reducer>
void check_reader(const Reducer& reducer) {
  generator random(1);
  for (index_t length = 1; length <= 70; ++length) {
    std::vector<T> values(static_cast<std::size_t>(length + 1),
                          std::numeric_limits<T>::quiet_NaN());
    for (std::size_t k = 0; k + 1 < values.size(); ++k) {
      values[k] = static_cast<T>(random.gaussian());
    }
    const auto rows = lfnc::groups(lfnc::as_view(values.data(), {1, length}), 0, length);
    const lfnc::detail::row_reader<T, lfnc::host_space> plain{rows, 0};
    for_each_instruction_set([&](lfnc::instruction_set set) {
      CAPTURE(length);
      CAPTURE(static_cast<int>(set));
      const lfnc::detail::neighbour_reader<T> reader{values.data(), length, set};
      CHECK(reader.length() == length);
      CHECK(bits_of(reader.reduce(reducer)) == bits_of(plain.reduce(reducer)));
    });
  }
}

// Where the elements of a row are.
struct note_place {
  std::vector<const float*>* place;

  template <class Reader>
  void operator()(index_t row, const Reader& reader) const {
    (*place)[static_cast<std::size_t>(row)] = reader.place;
  }
};

}  // namespace

TEST_CASE("a row of neighbours is reduced to the same bits by every instruction set") {
  // Levels without a 0 among them: zeros behind the row would count.
  const std::vector<double> apart{-1.5, -0.5, 0.25, 2};
  const lfnc::levels levels(apart);
  check_reader<float>(lfnc::detail::cross_reducer<lfnc::levels, float>{
      lfnc::detail::make_encoder<float>(levels, 0.7, 1)});
  check_reader<float>(lfnc::detail::cross_reducer<lfnc::uniform, float>{
      lfnc::detail::make_encoder<float>(lfnc::uniform(4), 0.3, 1)});
  check_reader<double>(lfnc::detail::cross_reducer<lfnc::power_of_two, double>{
      lfnc::detail::make_encoder<double>(lfnc::power_of_two(4), 0.3, 2)});
  check_reader<float>(lfnc::detail::energy_reducer<float>{0.5F});
  check_reader<double>(lfnc::detail::range_reducer<double>{});
}

TEST_CASE("rows whose elements are neighbours, and no others, are read where they are") {
  std::vector<float> values(60);
  std::vector<const float*> place(20);
  const auto whole = lfnc::as_view(values.data(), {3, 20});
  const auto inside = [&](const float* at) {
    return at >= values.data() && at < values.data() + values.size();
  };
  for_each_row(lfnc::cpu{1}, lfnc::groups(whole, 0, 7), note_place{&place});
  for (std::size_t row = 0; row < 9; ++row) {
    CHECK(place[row] == values.data() + row / 3 * 20 + row % 3 * 7);
  }
  for_each_row(lfnc::cpu{1}, lfnc::groups(whole, 1, 3), note_place{&place});
  for (const float* at : place) CHECK(!inside(at));
}
