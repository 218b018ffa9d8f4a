// lfnc floor 2: even_rows: many rows reduced at the speed of memory, on any instruction set.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <type_traits>

#include "../skeletons.hpp"
#include "dispatch.hpp"
#include "float_rows.hpp"
#include "lane_masks.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Elements of T in a piece of a loop over at most `most` of them.
template <class T, int Bytes>
constexpr int piece_of(int most) {
  return std::min(most, Bytes / static_cast<int>(sizeof(T)));
}

// The merges of all `Width * 2` lanes.
template <int Width, int Bytes, class Reducer, class Lane>
LFNC_INLINE void merge_level(const Reducer& reducer, int f, Lane* lane) {
  in_pieces<0, Width, piece_of<Lane, Bytes>(Width)>(
      [&](int j) { lane[j] = reducer.merge(f, lane[j], lane[j + Width]); });
  if constexpr (Width > 1) merge_level<Width / 2, Bytes>(reducer, f, lane);
}

// Unsigned integers of the size of T.
template <class T>
using bits_of =
    std::conditional_t<sizeof(T) == 8, std::uint64_t,
                       std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint16_t>>;

// One row of `length` neighbours, or a block of one. Whether what lies behind it up to the next
// whole group of lanes may be read is `readable`. What is not a whole group is filled up with
// zeros, where they are neutral.
template <int Bytes, class T, class Reducer>
LFNC_INLINE void reduce_block_of_neighbours(const Reducer& reducer, const T* place, index_t length,
                                            bool readable, reduced<Reducer::fields>& sums) {
  using value_type = std::remove_const_t<T>;
  using bits = bits_of<value_type>;
  using lane_type = lane_type_t<Reducer>;
  constexpr int piece = piece_of<T, Bytes>(lanes);
  // Set to 0 piece by piece, since "= {}" may become a call.
  lane_type lane[Reducer::fields * lanes];
  in_pieces<0, Reducer::fields * lanes, piece_of<lane_type, Bytes>(lanes)>(
      [&](int k) { lane[k] = 0; });
  for (; length >= lanes; length -= lanes, place += lanes) {
    in_pieces<0, lanes, piece>([&](int j) { reducer.add(to_compute(place[j]), lane + j, lanes); });
  }
  if constexpr (!Reducer::zero_is_neutral) {
    for (index_t j = 0; j < length; ++j) reducer.add(to_compute(place[j]), lane + j, lanes);
  } else if (length > 0) {
    value_type copy[lanes] = {};
    if (!readable) {
      for (index_t j = 0; j < length; ++j) copy[j] = place[j];
      place = copy;
    }
    const bits* const mask = masks<bits>.mask + (lanes - length);
    in_pieces<0, lanes, piece>([&](int j) {
      const auto kept = static_cast<bits>(__builtin_bit_cast(bits, place[j]) & mask[j]);
      reducer.add(to_compute(__builtin_bit_cast(value_type, kept)), lane + j, lanes);
    });
  }
  for (int f = 0; f < Reducer::fields; ++f) {
    merge_level<lanes / 2, Bytes>(reducer, f, lane + f * lanes);
    sums.field[f] = static_cast<double>(lane[f * lanes]);
  }
}

template <int Bytes, class T, class Reducer>
LFNC_INLINE void reduce_row_of_neighbours(const Reducer& reducer, const T* place, index_t length,
                                          bool readable, reduced<Reducer::fields>& sums) {
  if constexpr (in_blocks<Reducer>) {
    for (int f = 0; f < Reducer::fields; ++f) sums.field[f] = 0;
    for (index_t begin = 0; begin < length; begin += lane_block) {
      reduced<Reducer::fields> block;
      reduce_block_of_neighbours<Bytes>(reducer, place + begin,
                                        std::min(length - begin, lane_block), readable, block);
      for (int f = 0; f < Reducer::fields; ++f) {
        sums.field[f] = reducer.merge(f, sums.field[f], block.field[f]);
      }
    }
  } else {
    reduce_block_of_neighbours<Bytes>(reducer, place, length, readable, sums);
  }
}

// Whether rows of T may be reduced here.
template <class T, class Reducer>
concept has_vectors = std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T> &&
                      vector_reducer<Reducer>;

// Whether all rows have one such reducer, under which zeros behind a row change nothing.
template <class T, class Make>
inline constexpr bool has_vector_reducer = false;
template <class T, class Reducer>
  requires(has_vectors<T, Reducer> && Reducer::zero_is_neutral)  //
inline constexpr bool has_vector_reducer<T, for_all_rows<Reducer>> = true;

// How the rows of a view lie in memory: row (channel, part) at channel * channel_stride + part *
// part_stride, as `length` elements `stride` apart (the last part may be shorter).
template <class T>
struct row_grid {
  T* data;
  index_t channels;
  index_t channel_stride;
  index_t parts;
  index_t part_stride;
  index_t length;
  index_t last_length;  // of the last part
  index_t stride;
  bool even;   // whether all this holds
  bool dense;  // whether the rows fill `size` elements at data without a gap
  index_t size;

  // Whether the parts of a channel, rather than the channels, are what lies beside each other.
  bool parts_beside() const { return parts > 1 && part_stride == 1 && last_length == length; }
  // How many rows' elements alternate in memory; 0 where they do not.
  index_t interleaved() const {
    if (!even) return 0;
    return parts_beside() ? parts : channel_stride == 1 ? channels : 0;
  }

  explicit row_grid(const group_view<T>& rows)
      : data(rows.base.data),
        channels(rows.base.channels),
        channel_stride(rows.base.channel_stride),
        parts(rows.groups_per_channel()),
        part_stride(rows.base.planes == 1 ? rows.group_size : rows.base.plane_stride),
        length(rows.group_size),
        last_length(rows.base.row_size() - (parts - 1) * length),
        stride(rows.base.rank > 0 ? rows.base.strides[0] : 1),
        even(rows.base.rank <= 1 && (rows.base.planes == 1 || length == rows.base.plane_size)),
        size(rows.base.size()) {
    if (rows.base.planes == 1) part_stride *= stride;
    const index_t row_size = rows.base.row_size();
    const bool channel_first =
        (parts == 1 || part_stride == length) && (channels == 1 || channel_stride == row_size);
    const bool part_first =
        rows.base.planes > 1 && channel_stride == length && part_stride == channels * length;
    dense = even && stride == 1 && (channel_first || part_first);
  }

  // Where a row begins.
  T* row(index_t index) const {
    return data + index / parts * channel_stride + index % parts * part_stride;
  }
};

// Fields of rows on their way to a sink.
template <int Rows, int Fields>
struct kept_fields {
  alignas(64) double field[Fields][Rows];

  field_columns<Fields> columns() {
    field_columns<Fields> all{};
    for (int f = 0; f < Fields; ++f) all.field[f] = field[f];
    return all;
  }
};

// The columns of a sink from row `first` on.
template <int Fields, class Sink>
field_columns<Fields> columns_of(const Sink& sink, index_t first) {
  field_columns<Fields> columns{};
  for (int f = 0; f < Fields; ++f) columns.field[f] = sink.column(f) + first;
  return columns;
}

// Rows whose fields are kept until a sink is called, and those that go straight to its columns.
inline constexpr int rows_at_once = 32;
inline constexpr index_t rows_in_columns = index_t{1} << 20;

// Rows of `length` neighbours each, the first at `place` and the next ones `distance` apart.
template <class T, class Reducer>
struct neighbouring_rows {
  const Reducer& reducer;
  const T* place;
  index_t length;
  index_t distance;
  const T* readable;  // what lies before it may be read
  int count;
  field_columns<Reducer::fields> sums;

  template <int Bytes>
  LFNC_INLINE void run() const {
#if LFNC_SHUFFLES
    if constexpr (whole_vector_reducer<Reducer> && std::is_same_v<const T, const float>) {
      return reduce_float_rows<Bytes>(reducer, place, length, distance, readable, count, sums);
    }
#endif
    const index_t padded = (length + lanes - 1) / lanes * lanes;
    const T* row = place;
    for (int k = 0; k < count; ++k, row += distance) {
      reduced<Reducer::fields> fields;
      reduce_row_of_neighbours<Bytes>(reducer, row, length, readable - row >= padded, fields);
      for (int f = 0; f < Reducer::fields; ++f) sums.field[f][k] = fields.field[f];
    }
  }
};

// Rows of neighbours, in the order in which they lie in memory.
template <class T, class Reducer, class Sink>
void reduce_rows_of_neighbours(instruction_set set, const row_grid<T>& grid, index_t begin,
                               index_t end, const Reducer& reducer, const Sink& sink) {
  const bool parts_inside =
      grid.channels == 1 ||
      (grid.parts > 1 && std::abs(grid.part_stride) <= std::abs(grid.channel_stride));
  const index_t inside = parts_inside ? grid.parts : grid.channels;
  const index_t step = parts_inside ? 1 : grid.parts;  // from a row to the next one in memory
  const bool to_columns = column_sink<Sink> && step == 1;
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
    const T* const place = grid.data + channel * grid.channel_stride + part * grid.part_stride;
    const index_t length = last ? grid.last_length : grid.length;
    const index_t row = channel * grid.parts + part;
    const auto reduce_to = [&](const field_columns<Reducer::fields>& sums) {
      run_vectors(set,
                  neighbouring_rows<T, Reducer>{
                      reducer, place, length, parts_inside ? grid.part_stride : grid.channel_stride,
                      grid.dense ? grid.data + grid.size : place, static_cast<int>(count), sums});
    };
    begin += count;
    if constexpr (column_sink<Sink>) {
      if (to_columns) {
        reduce_to(columns_of<Reducer::fields>(sink, row));
        continue;
      }
    }
    const field_columns<Reducer::fields> sums = kept.columns();
    reduce_to(sums);
    for (index_t k = 0; k < count; ++k) sink(row + k * step, sums.of(k));
  }
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
