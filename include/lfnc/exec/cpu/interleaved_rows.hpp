// lfnc floor 2: interleaved_rows: rows whose elements alternate in memory (NHWC), many at a time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "even_rows.hpp"
#include "interleaved_floats.hpp"
#include "parallel.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Elements that all lanes take turns with before the next ones are read: what lies between two
// elements of one lane stays in the cache meanwhile.
inline constexpr index_t elements_per_turn = 8 * lanes;

// Rows whose fields of type Lane are in registers at a time.
template <int Bytes, int Count, class Lane>
inline constexpr int in_registers =
    std::min(Count, (Bytes >= avx512_bytes ? 8 : 4) * (Bytes / static_cast<int>(sizeof(Lane))));

// Elements turn + l, turn + l + lanes, ... < end of `Part` neighbouring rows, added to `kept`,
// which is [field][row].
template <int Bytes, int Part, class T, class Reducer, class Lane>
LFNC_INLINE void add_lane(const Reducer& reducer, const T* place, index_t begin, index_t end,
                          index_t stride, index_t ahead, bool first, Lane* kept) {
  constexpr int size = Reducer::fields * Part;
  constexpr int wide = piece_of<Lane, Bytes>(Part);
  Lane field[size];
  if (first) {
    in_pieces<0, size, wide>([&](int k) { field[k] = 0; });
  } else {
    in_pieces<0, size, wide>([&](int k) { field[k] = kept[k]; });
  }
  for (index_t i = begin; i < end; i += lanes) {
    const T* const element = place + i * stride;
    prefetch<Part* static_cast<int>(sizeof(T))>(
        reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(element) +
                                      static_cast<std::uintptr_t>(ahead) * sizeof(T)));
    in_pieces<0, Part, piece_of<T, Bytes>(Part)>(
        [&](int k) { reducer.add(to_compute(element[k]), field + k, Part); });
  }
  in_pieces<0, size, wide>([&](int k) { kept[k] = field[k]; });
}

// Merges lane l and lane l + Width, for every l < Width and then for half the width.
template <int Width, int Count, int Part, int Bytes, class Reducer, class Lane>
LFNC_INLINE void merge_interleaved(const Reducer& reducer, Lane* lane) {
  constexpr int distance = Width * Count * Reducer::fields;
  for (int k = 0; k < distance; k += Part * Reducer::fields) {
    for (int f = 0; f < Reducer::fields; ++f) {
      Lane* const field = lane + k + f * Part;
      in_pieces<0, Part, piece_of<Lane, Bytes>(Part)>(
          [&](int j) { field[j] = reducer.merge(f, field[j], field[j + distance]); });
    }
  }
  if constexpr (Width > 1) merge_interleaved<Width / 2, Count, Part, Bytes>(reducer, lane);
}

// `Count` rows, row k beginning at place + k, elements `stride` apart: lane after lane in
// registers, a vector holding the same lane of neighbouring rows.
template <int Bytes, int Count, class T, class Reducer>
LFNC_INLINE void reduce_interleaved_block(const Reducer& reducer, const T* place, index_t length,
                                          index_t stride,
                                          const field_columns<Reducer::fields>& sums) {
  using lane_type = lane_type_t<Reducer>;
  constexpr int fields = Reducer::fields;
  constexpr int part = in_registers<Bytes, Count, lane_type>;
  constexpr int size = fields * Count;  // [part][field][row]
  alignas(64) lane_type lane[lanes * size];
  // What is little longer than a turn takes one, which saves keeping the fields in between.
  const index_t per_turn = length <= 2 * elements_per_turn ? length : elements_per_turn;
  for (index_t turn = 0; turn < length; turn += per_turn) {
    const index_t end = std::min(length, turn + per_turn);
    // The next turn's elements, or the rows beside these.
    const index_t ahead = end < length ? per_turn * stride : Count;
    for (int l = 0; l < lanes; ++l) {
      for (int p = 0; p < Count; p += part) {
        add_lane<Bytes, part>(reducer, place + p, turn + l, end, stride, ahead, turn == 0,
                              lane + l * size + p * fields);
      }
    }
  }
  merge_interleaved<lanes / 2, Count, part, Bytes>(reducer, lane);
  for (int k = 0; k < Count; ++k) {
    for (int f = 0; f < fields; ++f) {
      const auto merged = static_cast<double>(lane[(k / part * fields + f) * part + k % part]);
      if constexpr (in_blocks<Reducer>) {
        sums.field[f][k] = reducer.merge(f, sums.field[f][k], merged);
      } else {
        sums.field[f][k] = merged;
      }
    }
  }
}

template <int Bytes, int Count, class T, class Reducer>
LFNC_INLINE void reduce_interleaved(const Reducer& reducer, const T* place, index_t length,
                                    index_t stride, const field_columns<Reducer::fields>& sums) {
  if constexpr (in_blocks<Reducer>) {
    for (double* const column : sums.field) std::fill_n(column, Count, 0.0);
    for (index_t begin = 0; begin < length; begin += lane_block) {
      reduce_interleaved_block<Bytes, Count>(reducer, place + begin * stride,
                                             std::min(length - begin, lane_block), stride, sums);
    }
  } else {
    reduce_interleaved_block<Bytes, Count>(reducer, place, length, stride, sums);
  }
}

// One block of Count neighbouring rows.
template <int Count, class T, class Reducer>
struct interleaved_block {
  const Reducer& reducer;
  const T* place;
  index_t length;
  index_t stride;
  field_columns<Reducer::fields> sums;

  template <int Bytes>
  LFNC_INLINE void run() const {
    reduce_interleaved<Bytes, Count>(reducer, place, length, stride, sums);
  }
};

// Whether rows are reduced in float lanes, by loops that serve any number of them.
template <class T, class Reducer>
concept in_interleaved_floats =
    whole_vector_reducer<Reducer> && std::is_same_v<const T, const float>;

// Bytes of a tensor from which on its elements are asked for ahead of time: what is nearer comes
// soon enough, and the requests take their time too.
inline constexpr index_t beyond_second_cache = index_t{16} << 20;

// Rows whose neighbours are the neighbouring channels' elements, or the neighbouring parts'. The
// last block of such rows overlaps the one before it rather than being short.
template <int Count, class T, class Reducer, class Sink>
void reduce_interleaved_rows(const cpu& policy, instruction_set set, const row_grid<T>& grid,
                             const Reducer& reducer, const Sink& sink) {
  const bool by_part = grid.parts_beside();
  const index_t beside = by_part ? grid.parts : grid.channels;
  const index_t others = by_part ? grid.channels : grid.parts;
  const index_t step = by_part ? 1 : grid.parts;  // from a row to the one beside it
  const index_t other_step = by_part ? grid.parts : 1;
  const index_t other_stride = by_part ? grid.channel_stride : grid.part_stride;
  const index_t blocks = (beside + Count - 1) / Count;
  [[maybe_unused]] const bool far =
      grid.size >= beyond_second_cache / static_cast<index_t>(sizeof(T));
  for_ranges(policy, others * blocks,
             std::max<index_t>(1, (index_t{1} << 15) / (grid.length * Count)),
             [&](index_t begin, index_t end) {
               kept_fields<Count, Reducer::fields> kept;
               for (index_t k = begin; k < end; ++k) {
                 const index_t other = k / blocks;
                 const index_t wanted = k % blocks * Count;
                 const index_t first = std::min(wanted, beside - Count);
                 const index_t row = other * other_step + first * step;
                 const auto reduce_to = [&](const field_columns<Reducer::fields>& sums) {
                   const bool last = !by_part && other + 1 == grid.parts;
                   const T* const place = grid.data + first + other * other_stride;
                   const index_t length = last ? grid.last_length : grid.length;
#if LFNC_SHUFFLES
                   if constexpr (in_interleaved_floats<T, Reducer>) {
                     run_vectors(set, interleaved_floats<Reducer>{reducer, place, length,
                                                                  grid.stride, Count, far, sums});
                   } else
#endif
                   {
                     run_vectors(set, interleaved_block<Count, T, Reducer>{reducer, place, length,
                                                                           grid.stride, sums});
                   }
                 };
                 // What two blocks share, another thread may be writing.
                 if constexpr (column_sink<Sink>) {
                   if (step == 1 && wanted == first) {
                     reduce_to(columns_of<Reducer::fields>(sink, row));
                     continue;
                   }
                 }
                 const field_columns<Reducer::fields> sums = kept.columns();
                 reduce_to(sums);
                 for (index_t j = wanted - first; j < Count; ++j) sink(row + j * step, sums.of(j));
               }
             });
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
