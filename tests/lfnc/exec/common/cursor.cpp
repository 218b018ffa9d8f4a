#include <lfnc/exec/common/cursor.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "support/shape.hpp"

using lfnc::index_t;

namespace {

// Runs must pass through the elements begin .. end - 1 of the view, in order, without gaps.
template <class View>
void check_runs(const View& view, index_t begin, index_t end) {
  index_t next = begin;
  int wrong = 0;
  lfnc::detail::for_each_run(view, begin, end,
                             [&](int* place, index_t stride, index_t run, index_t index) {
                               wrong += run <= 0;
                               wrong += index != next - begin;
                               for (index_t k = 0; k < run; ++k, ++next) {
                                 wrong += place + k * stride != view.address(next);
                               }
                             });
  CHECK(wrong == 0);
  CHECK(next == end);
}

// The runs of every row of a view, put together, are its elements in order.
template <class View>
void check_rows(const View& rows) {
  int wrong = 0;
  for (index_t row = 0; row < rows.rows(); ++row) {
    std::vector<int*> places(static_cast<std::size_t>(rows.row_length(row)));
    lfnc::detail::for_each_run(rows, row,
                               [&](int* place, index_t stride, index_t run, index_t index) {
                                 for (index_t k = 0; k < run; ++k) {
                                   places[static_cast<std::size_t>(index + k)] = place + k * stride;
                                 }
                               });
    for (index_t k = 0; k < rows.row_length(row); ++k) {
      wrong += places[static_cast<std::size_t>(k)] != rows.address(row, k);
    }
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("runs pass through views of every rank and layout in order") {
  for_random_shapes<1, 2, 3, 4, 5, 6, 7, 8>(
      40, [&]<int Rank>(generator& random, const shape<Rank>& extents, bool repeats) {
        const auto tensor = random_layout<int, Rank>(random, extents, repeats);
        for (int axis = 0; axis < Rank; ++axis) {
          const auto view = lfnc::channels(tensor.view, axis);
          check_runs(view, 0, view.size());
          const index_t begin = random.below(static_cast<int>(view.size()));
          const index_t end = begin + random.below(static_cast<int>(view.size() - begin + 1));
          check_runs(view, begin, end);
          check_rows(lfnc::groups(tensor.view, axis, 1 + random.below(7)));
        }
        const auto all = lfnc::whole(tensor.view);
        check_runs(all, 0, all.size());
      });
}

TEST_CASE("a cursor may start anywhere and stop inside a run") {
  std::vector<int> memory(2 * 3 * 10);
  const auto view = lfnc::channels(lfnc::as_view(memory.data(), {1, 2, 3, 4}, {60, 30, 10, 2}), 0);
  lfnc::detail::cursor<int> at(view, 0, 0, 5);
  CHECK(at.place() == &memory[12]);
  CHECK(at.stride() == 2);
  CHECK(at.available() == 3);
  at.advance(2);
  CHECK(at.place() == &memory[16]);
  CHECK(at.available() == 1);
  at.advance(1);
  CHECK(at.place() == &memory[20]);
  CHECK(at.available() == 4);
  at.advance(4);
  CHECK(at.place() == &memory[30]);
}

TEST_CASE("a plane of one element has one element") {
  int memory[3] = {};
  const auto view = lfnc::channels(lfnc::as_view(memory, {3}), 0);
  lfnc::detail::cursor<int> at(view, 2, 0, 0);
  CHECK(at.place() == memory + 2);
  CHECK(at.available() == 1);
  CHECK(at.stride() == 1);
  at.advance(1);
  CHECK(at.place() == memory + 2);
}

TEST_CASE("a row is loaded by key") {
  std::vector<lfnc::float16> memory;
  for (int k = 0; k < 12; ++k) memory.emplace_back(static_cast<float>(k));
  const auto rows = lfnc::groups(lfnc::as_view(memory.data(), {3, 4}, {1, 3}), 0, 3);
  float out[3] = {};
  lfnc::detail::load_row(rows, 2, out, [](float x) { return -x; });
  CHECK(out[0] == -1);
  CHECK(out[1] == -4);
  CHECK(out[2] == -7);
}
