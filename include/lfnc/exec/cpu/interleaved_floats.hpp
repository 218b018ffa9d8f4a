// lfnc floor 2: interleaved_floats: rows of floats that alternate in memory, in float lanes.
#pragma once

#include <algorithm>
#include <cstring>

#include "float_lanes.hpp"

#if LFNC_SHUFFLES
namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Rows that are reduced side by side: whole cache lines, and no more than this.
inline constexpr int most_rows_beside = 64;

// The lanes of neighbouring rows, [lane][vector of rows][field].
template <int Bytes, int Fields>
struct lanes_of_rows {
  static constexpr int width = Bytes / static_cast<int>(sizeof(float));
  float_vector<Bytes> lane[lanes][most_rows_beside / width][Fields];

  // `merged` is vector v of field f with lanes l, l + Distance, ... merged: l takes l + 8 first.
  template <int Distance>
  LFNC_INLINE void merge(int l, int v, int f, float_vector<Bytes>& merged) const {
    if constexpr (Distance == lanes) {
      merged = lane[l][v][f];
    } else {
      float_vector<Bytes> other;
      merge<2 * Distance>(l, v, f, merged);
      merge<2 * Distance>(l + Distance, v, f, other);
      merged += other;
    }
  }
};

// Elements of a lane that are added while it is in registers. Every cache line is read once, so
// that what lies between the first and the last need not fit into the first cache.
inline constexpr int elements_at_once = 8;

// column[k] += vector[k].
template <int Bytes>
LFNC_INLINE void add_to_columns(const float_vector<Bytes>& vector, double* column) {
  for_each_number<Bytes / static_cast<int>(sizeof(float))>(
      [&](auto k) LFNC_INLINED { column[k] += static_cast<double>(vector[int{k}]); });
}

// `Elements` elements of one lane of the rows from `place` on, `distance` apart; memory is asked
// for `ahead` elements further on, where that is not 0.
template <int Elements, bool First, int Bytes, class Reducer>
LFNC_INLINE void add_to_lane(const Reducer& reducer, const float* place, index_t distance,
                             index_t ahead, int vectors,
                             float_vector<Bytes> (*lane)[Reducer::fields]) {
  constexpr int width = Bytes / static_cast<int>(sizeof(float));
  constexpr int line = 64 / Bytes;
  if (ahead != 0) {
    auto next = reinterpret_cast<std::uintptr_t>(place) +
                static_cast<std::uintptr_t>(ahead) * sizeof(float);
    for (int k = 0; k < Elements; ++k) {
      for (int v = 0; v < vectors; v += line) {
        prefetch<64>(reinterpret_cast<const char*>(next + static_cast<std::uintptr_t>(v * Bytes)));
      }
      next += static_cast<std::uintptr_t>(distance) * sizeof(float);
    }
  }
  for (int begin = 0; begin < vectors; begin += line) {
    for_each_number<line>([&](auto j) LFNC_INLINED {
      const int v = begin + j;
      float_sums_of<Bytes, 1, First> first[Reducer::fields];
      float_sums_of<Bytes, 1, false> field[Reducer::fields];
      if constexpr (!First) {
        for_each_number<Reducer::fields>([&](auto f)
                                             LFNC_INLINED { first[f].lane[0] = lane[v][f]; });
      }
      for_each_number<Elements>([&](auto k) LFNC_INLINED {
        float_vector<Bytes> x;
        std::memcpy(&x, place + k * distance + v * width, sizeof x);
        if constexpr (k == 0) {
          reducer.add_vector(x, first, 0);
          for_each_number<Reducer::fields>(
              [&](auto f) LFNC_INLINED { field[f].lane[0] = first[f].lane[0]; });
        } else {
          reducer.add_vector(x, field, 0);
        }
      });
      for_each_number<Reducer::fields>([&](auto f) LFNC_INLINED { lane[v][f] = field[f].lane[0]; });
    });
  }
}

// `elements` elements of one lane, fewer than twice `Elements`, in pieces of powers of two: a form
// of add_to_lane for every number takes longer to compile than it saves.
template <int Elements, int Bytes, class Reducer>
LFNC_INLINE void add_pieces_to_lane(const Reducer& reducer, const float* place, index_t distance,
                                    index_t ahead, int vectors, index_t elements,
                                    float_vector<Bytes> (*lane)[Reducer::fields]) {
  if (elements >= Elements) {
    add_to_lane<Elements, false, Bytes>(reducer, place, distance, ahead, vectors, lane);
    place += Elements * distance;
    elements -= Elements;
  }
  if constexpr (Elements > 1) {
    add_pieces_to_lane<Elements / 2, Bytes>(reducer, place, distance, ahead, vectors, elements,
                                            lane);
  }
}

// lane[vector][field] is every element of lane l, or of lanes l, l + Distance, l + 2 * Distance ...
// together in the order of merging: l takes l + 8 first.
template <int Distance, int Bytes, int Vectors, class Reducer>
LFNC_INLINE void merge_short_lanes(const Reducer& reducer, const float* place, index_t length,
                                   index_t stride, int l,
                                   float_vector<Bytes> (*lane)[Reducer::fields]) {
  constexpr int width = Bytes / static_cast<int>(sizeof(float));
  if constexpr (Distance < lanes) {
    float_vector<Bytes> other[Vectors][Reducer::fields];
    merge_short_lanes<2 * Distance, Bytes, Vectors>(reducer, place, length, stride, l, lane);
    merge_short_lanes<2 * Distance, Bytes, Vectors>(reducer, place, length, stride, l + Distance,
                                                    other);
    for_each_number<Vectors>([&](auto v) LFNC_INLINED {
      for_each_number<Reducer::fields>([&](auto f) LFNC_INLINED { lane[v][f] += other[v][f]; });
    });
  } else {
    const auto add = [&](index_t element, auto* fields) LFNC_INLINED {
      for_each_number<Vectors>([&](auto v) LFNC_INLINED {
        float_vector<Bytes> x;
        std::memcpy(&x, place + element * stride + v * width, sizeof x);
        reducer.add_vector(x, fields[v], 0);
      });
    };
    float_sums_of<Bytes, 1, true> first[Vectors][Reducer::fields];
    float_sums_of<Bytes, 1, false> field[Vectors][Reducer::fields];
    if (l < length) {
      add(l, first);
      for_each_number<Vectors>([&](auto v) LFNC_INLINED {
        for_each_number<Reducer::fields>(
            [&](auto f) LFNC_INLINED { field[v][f].lane[0] = first[v][f].lane[0]; });
      });
    } else {
      for_each_number<Vectors>([&](auto v) LFNC_INLINED {
        for_each_number<Reducer::fields>(
            [&](auto f) LFNC_INLINED { field[v][f].lane[0] = float_vector<Bytes>{}; });
      });
    }
    for (index_t element = l + lanes; element < length; element += lanes) add(element, field);
    for_each_number<Vectors>([&](auto v) LFNC_INLINED {
      for_each_number<Reducer::fields>([&](auto f)
                                           LFNC_INLINED { lane[v][f] = field[v][f].lane[0]; });
    });
  }
}

// Rows of so few elements are read lane by lane whatever their order in memory; of longer ones too
// much would come late.
inline constexpr index_t short_length = 64;

// One block of at most short_length elements of the rows of `vectors` vectors, added to sums: lanes
// are merged four at a time before they leave the registers, the vectors of a cache line side by
// side.
template <int Bytes, class Reducer>
LFNC_INLINE void reduce_short_floats(const Reducer& reducer, const float* place, index_t length,
                                     index_t stride, int vectors,
                                     const field_columns<Reducer::fields>& sums) {
  constexpr int width = Bytes / static_cast<int>(sizeof(float));
  constexpr int line = 64 / Bytes;
  float_vector<Bytes> kept[4][most_rows_beside / width][Reducer::fields];
  for (int l = 0; l < 4; ++l) {
    for (int v = 0; v < vectors; v += line) {
      merge_short_lanes<4, Bytes, line>(reducer, place + v * width, length, stride, l, kept[l] + v);
    }
  }
  for (int v = 0; v < vectors; ++v) {
    for_each_number<Reducer::fields>([&](auto f) LFNC_INLINED {
      add_to_columns<Bytes>((kept[0][v][f] + kept[2][v][f]) + (kept[1][v][f] + kept[3][v][f]),
                            sums.field[f] + v * width);
    });
  }
}

// The same of a longer block, of at most lane_block elements.
template <int Bytes, class Reducer>
LFNC_INLINE void reduce_block_of_floats(const Reducer& reducer, const float* place, index_t length,
                                        index_t stride, int vectors, bool far,
                                        const field_columns<Reducer::fields>& sums) {
  constexpr int at_first = elements_at_once / 2;
  static_assert(at_first * lanes <= short_length);
  constexpr index_t per_turn = elements_at_once * lanes;
  const index_t ahead = far ? per_turn * stride : 0;
  const index_t distance = lanes * stride;
  lanes_of_rows<Bytes, Reducer::fields> kept;
  for (index_t turn = 0; turn < length; turn += per_turn) {
    for (int l = 0; l < lanes; ++l) {
      const float* from = place + (turn + l) * stride;
      index_t elements =
          std::min<index_t>(elements_at_once, (length - turn - l + lanes - 1) / lanes);
      if (turn == 0) {
        add_to_lane<at_first, true, Bytes>(reducer, from, distance, ahead, vectors, kept.lane[l]);
        from += at_first * distance;
        elements -= at_first;
      }
      add_pieces_to_lane<elements_at_once, Bytes>(reducer, from, distance, ahead, vectors, elements,
                                                  kept.lane[l]);
    }
  }
  for (int v = 0; v < vectors; ++v) {
    for_each_number<Reducer::fields>([&](auto f) LFNC_INLINED {
      float_vector<Bytes> merged;
      kept.template merge<1>(0, v, f, merged);
      add_to_columns<Bytes>(merged, sums.field[f] + v * kept.width);
    });
  }
}

// `count` rows, row k beginning at place + k, elements `stride` apart; whole cache lines of rows,
// at most most_rows_beside. Whether they lie so far away that memory is to be asked for ahead of
// time is `far`.
template <class Reducer>
struct interleaved_floats {
  const Reducer& reducer;
  const float* place;
  index_t length;
  index_t stride;
  int count;
  bool far;
  field_columns<Reducer::fields> sums;

  template <int Bytes>
  LFNC_INLINE void run() const {
    // Wider registers make it no faster: half of the work is loads and stores of the lanes.
    constexpr int used = std::min(Bytes, avx2_bytes);
    const int vectors = count * static_cast<int>(sizeof(float)) / used;
    for (double* const column : sums.field) std::fill_n(column, count, 0.0);
    for (index_t begin = 0; begin < length; begin += lane_block) {
      const index_t now = std::min(length - begin, lane_block);
      const float* const from = place + begin * stride;
      if (now <= short_length) {
        reduce_short_floats<used>(reducer, from, now, stride, vectors, sums);
      } else {
        reduce_block_of_floats<used>(reducer, from, now, stride, vectors, far, sums);
      }
    }
  }
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
#endif
