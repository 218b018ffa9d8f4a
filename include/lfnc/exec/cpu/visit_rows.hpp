// lfnc floor 2: visit_rows: the rows of any view, one after another, as neighbours to be reduced.
#pragma once

#include <concepts>
#include <type_traits>

#include "../common/cursor.hpp"
#include "neighbours.hpp"
#include "parallel.hpp"
#include "row_grid.hpp"
#include "scratch.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// What a row is handed to. Its type is forgotten, so that how rows are walked is compiled once for
// an element type, and not again for every task.
template <std::floating_point Key>
struct row_visitor {
  void* self;
  void (*visit)(void* self, index_t row, const neighbour_reader<Key>& reader);
};

struct unchanged {
  template <class Key>
  LFNC_HD Key operator()(Key x) const {
    return x;
  }
};

// Copies of rows that alternate in memory, a block of them at a time, so that a cache line is read
// once for all rows that have a part in it.
template <class T, std::floating_point Key>
void copy_block(const row_block<T>& block, index_t rows, index_t stride, Key* copy) {
  for (index_t i = 0; i < block.length; ++i) {
    for (index_t k = 0; k < rows; ++k) {
      copy[k * block.length + i] = to_compute(block.place[i * stride + k]);
    }
  }
}

// Calls the visitor with every row, on several threads. A row that is no row of neighbours of the
// compute type is copied first; that takes memory for a row a thread, or for 16 rows that
// alternate.
template <class T>
void visit_rows(const cpu& policy, const group_view<T>& rows, row_visitor<compute_t<T>> visitor) {
  using key = compute_t<T>;
  const row_grid<T> grid(rows);
  const instruction_set set = used_instruction_set();
  const bool neighbours =
      std::same_as<std::remove_const_t<T>, key> && grid.even && grid.stride == 1;
  if (!neighbours && grid.interleaved() > 1) {
    const row_blocks<T> blocks(grid, 16);
    for_ranges(policy, blocks.count(), grain_of(grid.length * blocks.rows),
               [&](index_t begin, index_t end) {
                 host_scratch scratch;
                 key* const copy = scratch.take_raw<key>(grid.length * blocks.rows);
                 for (index_t k = begin; k < end; ++k) {
                   const row_block<T> block = blocks.at(k);
                   copy_block(block, blocks.rows, grid.stride, copy);
                   for (index_t j = block.again; j < blocks.rows; ++j) {
                     visitor.visit(visitor.self, block.row + j * blocks.step,
                                   {copy + j * block.length, block.length, set});
                   }
                 }
               });
    return;
  }
  const index_t longest = lesser(rows.group_size, rows.base.row_size());
  for_ranges(policy, rows.rows(), grain_of(longest), [&](index_t begin, index_t end) {
    host_scratch scratch;
    key* const copy = neighbours ? nullptr : scratch.take_raw<key>(longest);
    for (index_t row = begin; row < end; ++row) {
      const key* place = copy;
      if (!neighbours) {
        load_row(rows, row, copy, unchanged{});
      } else if constexpr (std::same_as<std::remove_const_t<T>, key>) {
        place = grid.row(row);
      }
      visitor.visit(visitor.self, row, {place, rows.row_length(row), set});
    }
  });
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
