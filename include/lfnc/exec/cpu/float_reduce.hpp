// lfnc floor 2: float_reduce: many rows of floats reduced at the speed of memory, in float lanes.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "float_rows.hpp"
#include "interleaved_floats.hpp"
#include "parallel.hpp"
#include "row_grid.hpp"
#include "visit_rows.hpp"

#if LFNC_SHUFFLES
namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Rows of `length` neighbours each, the first at `place` and the next ones `distance` apart.
template <class Reducer>
struct neighbouring_rows {
  const Reducer& reducer;
  const float* place;
  index_t length;
  index_t distance;
  const float* readable;  // what lies before it may be read
  int count;
  field_columns<Reducer::fields> sums;

  template <int Bytes>
  LFNC_INLINE void run() const {
    reduce_float_rows<Bytes>(reducer, place, length, distance, readable, count, sums);
  }
};

// Rows of neighbours, in the order in which they lie in memory.
template <class Reducer, class Sink>
void reduce_neighbouring_rows(instruction_set set, const row_grid<const float>& grid, index_t begin,
                              index_t end, const Reducer& reducer, const Sink& sink) {
  const bool parts_inside =
      grid.channels == 1 ||
      (grid.parts > 1 && std::abs(grid.part_stride) <= std::abs(grid.channel_stride));
  const index_t inside = parts_inside ? grid.parts : grid.channels;
  const index_t step = parts_inside ? 1 : grid.parts;  // from a row to the next one in memory
  const bool to_columns = step == 1;
  kept_fields<rows_at_once, Reducer::fields> kept;
  while (begin < end) {
    const index_t part = parts_inside ? begin % inside : begin / inside;
    const index_t channel = parts_inside ? begin / inside : begin % inside;
    const bool last = part + 1 == grid.parts;
    index_t count = std::min({to_columns ? rows_in_columns : index_t{rows_at_once}, end - begin,
                              inside - begin % inside});
    // The last part, where it is shorter, comes alone.
    if (parts_inside && !last && grid.last_length != grid.length) {
      count = std::min(count, grid.parts - 1 - part);
    }
    const float* const place = grid.data + channel * grid.channel_stride + part * grid.part_stride;
    const index_t row = channel * grid.parts + part;
    run_wide_vectors(set,
                     neighbouring_rows<Reducer>{
                         reducer, place, last ? grid.last_length : grid.length,
                         parts_inside ? grid.part_stride : grid.channel_stride,
                         grid.packed ? grid.data + grid.size : place, static_cast<int>(count),
                         to_columns ? columns_of<Reducer::fields>(sink, row) : kept.columns()});
    begin += count;
    if (to_columns) continue;
    for (index_t k = 0; k < count; ++k) sink(row + k * step, kept.columns().of(k));
  }
}

// Bytes of a tensor from which on its elements are asked for ahead of time: what is nearer comes
// soon enough, and the requests take their time too.
inline constexpr index_t beyond_second_cache = index_t{16} << 20;

// Rows whose neighbours are the neighbouring channels' elements, or the neighbouring parts', at
// least 16 of them. The last block of such rows overlaps the one before it rather than being short.
template <class Reducer, class Sink>
void reduce_interleaved_rows(const cpu& policy, instruction_set set,
                             const row_grid<const float>& grid, const Reducer& reducer,
                             const Sink& sink) {
  const row_blocks blocks(grid, most_rows_beside);
  const bool far = grid.size >= beyond_second_cache / static_cast<index_t>(sizeof(float));
  for_ranges(
      policy, blocks.count(), grain_of(grid.length * blocks.rows), [&](index_t begin, index_t end) {
        kept_fields<most_rows_beside, Reducer::fields> kept;
        for (index_t k = begin; k < end; ++k) {
          const row_block<const float> block = blocks.at(k);
          // What two blocks share, another thread may be writing.
          const bool to_columns = blocks.step == 1 && block.again == 0;
          run_wide_vectors(
              set,
              interleaved_floats<Reducer>{
                  reducer, block.place, block.length, grid.stride, static_cast<int>(blocks.rows),
                  far, to_columns ? columns_of<Reducer::fields>(sink, block.row) : kept.columns()});
          if (to_columns) continue;
          for (index_t j = block.again; j < blocks.rows; ++j) {
            sink(block.row + j * blocks.step, kept.columns().of(j));
          }
        }
      });
}

// The rows of a view of floats in float lanes: many at a time where they lie side by side, or 16
// and more of them alternate, and one by one elsewhere.
template <whole_vector_reducer Reducer, column_sink Sink>
void reduce_floats(const cpu& policy, const group_view<const float>& rows, Reducer reducer,
                   Sink sink) {
  const row_grid<const float> grid(rows);
  const instruction_set set = used_instruction_set();
  if (has_wide_vectors(set) && grid.even && grid.stride == 1) {
    for_ranges(policy, rows.rows(), grain_of(grid.length), [&](index_t begin, index_t end) {
      reduce_neighbouring_rows(set, grid, begin, end, reducer, sink);
    });
  } else if (has_wide_vectors(set) && grid.interleaved() >= 16) {
    reduce_interleaved_rows(policy, set, grid, reducer, sink);
  } else {
    struct one_by_one {
      Reducer reducer;
      Sink sink;
      static void visit(void* self, index_t row, const neighbour_reader<float>& reader) {
        const one_by_one& own = *static_cast<const one_by_one*>(self);
        if (has_wide_vectors(reader.set)) {
          run_wide_vectors(reader.set, neighbouring_rows<Reducer>{
                                           own.reducer, reader.place, reader.count, 0, reader.place,
                                           1, columns_of<Reducer::fields>(own.sink, row)});
        } else {
          own.sink(row, reduce_plainly(own.reducer, reader.place, reader.count));
        }
      }
    };
    one_by_one each{reducer, sink};
    visit_rows(policy, rows, {&each, &one_by_one::visit});
  }
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
#endif
