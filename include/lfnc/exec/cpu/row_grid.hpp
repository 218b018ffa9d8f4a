// lfnc floor 2: row_grid: how the rows of a view lie in memory, and where their fields go.
#pragma once

#include "../skeletons.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

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
  bool even;    // whether all this holds
  bool packed;  // whether the rows fill `size` elements at data without a gap
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
    packed = even && stride == 1 && (channel_first || part_first);
  }

  // Where a row begins.
  T* row(index_t index) const {
    return data + index / parts * channel_stride + index % parts * part_stride;
  }
};

// A block of rows that lie beside each other: row k of it, which is `row` + k * step of the view,
// begins at place + k.
template <class T>
struct row_block {
  T* place;
  index_t row;
  index_t length;
  index_t again;  // rows that the block before has too
};

// Rows whose elements alternate in memory, in such blocks. The last one of neighbours overlaps the
// one before it rather than being short.
template <class T>
struct row_blocks {
  const row_grid<T>& grid;
  bool by_part;    // whether neighbours are the parts of a channel
  index_t beside;  // neighbours
  index_t step;    // from a row of the view to the one beside it
  index_t rows;    // in a block
  index_t each;    // blocks that hold all neighbours

  // Blocks of `most` rows, or of 16 or fewer where there are not so many.
  row_blocks(const row_grid<T>& all, index_t most)
      : grid(all),
        by_part(all.parts_beside()),
        beside(by_part ? all.parts : all.channels),
        step(by_part ? 1 : all.parts),
        rows(beside >= most ? most
             : beside >= 16 ? 16
                            : beside),
        each((beside + rows - 1) / rows) {}

  index_t count() const { return each * (by_part ? grid.channels : grid.parts); }

  row_block<T> at(index_t block) const {
    const index_t other = block / each;
    const index_t wanted = block % each * rows;
    const index_t first = wanted < beside - rows ? wanted : beside - rows;
    const bool last = !by_part && other + 1 == grid.parts;
    return {grid.data + first + other * (by_part ? grid.channel_stride : grid.part_stride),
            other * (by_part ? grid.parts : 1) + first * step,
            last ? grid.last_length : grid.length, wanted - first};
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

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
