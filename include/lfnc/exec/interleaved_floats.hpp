// lfnc floor 2: interleaved_floats: rows of floats that alternate in memory, in float lanes.
#pragma once

#include <algorithm>
#include <cstring>

#include "float_lanes.hpp"

#if LFNC_SHUFFLES
namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// The lanes of `Rows` neighbouring rows, [lane][vector of rows][field].
template <int Bytes, int Rows, int Fields>
struct lanes_of_rows {
  static constexpr int width = Bytes / static_cast<int>(sizeof(float));
  static constexpr int vectors = Rows / width;
  float_vector<Bytes> lane[lanes][vectors][Fields];

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

// `Elements` elements of one lane of the rows from `place` on, `distance` apart; memory is asked
// for `ahead` elements further on, where that is not 0.
template <int Elements, bool First, int Bytes, int Vectors, class Reducer>
LFNC_INLINE void add_to_lane(const Reducer& reducer, const float* place, index_t distance,
                             index_t ahead, float_vector<Bytes> (*lane)[Reducer::fields]) {
  constexpr int width = Bytes / static_cast<int>(sizeof(float));
  constexpr int line = 64 / Bytes;
  static_assert(Vectors % line == 0);
  if (ahead != 0) {
    auto next = reinterpret_cast<std::uintptr_t>(place) +
                static_cast<std::uintptr_t>(ahead) * sizeof(float);
    for_each_number<Elements>([&](auto) LFNC_INLINED {
      prefetch<Vectors * Bytes>(reinterpret_cast<const char*>(next));
      next += static_cast<std::uintptr_t>(distance) * sizeof(float);
    });
  }
  for (int begin = 0; begin < Vectors; begin += line) {
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

// Up to elements_at_once elements of every lane: those of `length` neighbours that there are.
template <bool First, int Bytes, int Rows, class Reducer>
LFNC_INLINE void add_to_lanes(const Reducer& reducer, const float* place, index_t length,
                              index_t stride, index_t ahead,
                              lanes_of_rows<Bytes, Rows, Reducer::fields>& kept) {
  constexpr int vectors = lanes_of_rows<Bytes, Rows, Reducer::fields>::vectors;
  for (int l = 0; l < lanes; ++l, place += stride) {
    const index_t elements = (length - l + lanes - 1) / lanes;
    if (First && elements == 0) std::memset(kept.lane[l], 0, sizeof kept.lane[l]);
    for_each_number<elements_at_once>([&](auto k) LFNC_INLINED {
      constexpr int count = k + 1;
      if (elements == count || (count == elements_at_once && elements > count)) {
        add_to_lane<count, First, Bytes, vectors>(reducer, place, lanes * stride, ahead,
                                                  kept.lane[l]);
      }
    });
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

// `Rows` rows of at most short_length elements: lanes are merged four at a time before they leave
// the registers, the vectors of a cache line side by side.
template <int Bytes, int Rows, class Reducer>
LFNC_INLINE void reduce_short_floats(const Reducer& reducer, const float* place, index_t length,
                                     index_t stride, const field_columns<Reducer::fields>& sums) {
  constexpr int fields = Reducer::fields;
  constexpr int width = Bytes / static_cast<int>(sizeof(float));
  constexpr int line = 64 / Bytes;
  constexpr int lines = Rows / width / line;
  float_vector<Bytes> kept[4][lines][line][fields];
  for (int l = 0; l < 4; ++l) {
    for (int k = 0; k < lines; ++k) {
      merge_short_lanes<4, Bytes, line>(reducer, place + k * line * width, length, stride, l,
                                        kept[l][k]);
    }
  }
  for (int v = 0; v < Rows / width; ++v) {
    for_each_number<fields>([&](auto f) LFNC_INLINED {
      const auto at = [&](int l) -> const float_vector<Bytes>& {
        return kept[l][v / line][v % line][f];
      };
      const float_vector<Bytes> merged = (at(0) + at(2)) + (at(1) + at(3));
      double* const column = sums.field[f] + v * width;
      for_each_number<width>(
          [&](auto k) LFNC_INLINED { column[k] = 0.0 + static_cast<double>(merged[int{k}]); });
    });
  }
}

// One block of at most lane_block elements of `Rows` rows, added to sums.
template <int Bytes, int Rows, class Reducer>
LFNC_INLINE void reduce_block_of_floats(const Reducer& reducer, const float* place, index_t length,
                                        index_t stride, bool far,
                                        const field_columns<Reducer::fields>& sums) {
  constexpr int fields = Reducer::fields;
  using kept_lanes = lanes_of_rows<Bytes, Rows, fields>;
  constexpr index_t per_turn = elements_at_once * lanes;
  const index_t ahead = far ? per_turn * stride : 0;
  kept_lanes kept;
  add_to_lanes<true>(reducer, place, length, stride, ahead, kept);
  for (index_t turn = per_turn; turn < length; turn += per_turn) {
    add_to_lanes<false>(reducer, place + turn * stride, length - turn, stride, ahead, kept);
  }
  for (int v = 0; v < kept_lanes::vectors; ++v) {
    for_each_number<fields>([&](auto f) LFNC_INLINED {
      float_vector<Bytes> merged;
      kept.template merge<1>(0, v, f, merged);
      double* const column = sums.field[f] + v * kept_lanes::width;
      for_each_number<kept_lanes::width>(
          [&](auto k) LFNC_INLINED { column[k] += static_cast<double>(merged[int{k}]); });
    });
  }
}

// `Count` rows, row k beginning at place + k, elements `stride` apart. Whether they lie so far away
// that memory is to be asked for ahead of time is `far`.
template <int Bytes, int Count, class Reducer>
LFNC_INLINE void reduce_interleaved_floats(const Reducer& reducer, const float* place,
                                           index_t length, index_t stride, bool far,
                                           const field_columns<Reducer::fields>& sums) {
  if (length <= short_length) {
    return reduce_short_floats<Bytes, Count>(reducer, place, length, stride, sums);
  }
  for (double* const column : sums.field) std::fill_n(column, Count, 0.0);
  for (index_t begin = 0; begin < length; begin += lane_block) {
    reduce_block_of_floats<Bytes, Count>(reducer, place + begin * stride,
                                         std::min(length - begin, lane_block), stride, far, sums);
  }
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
#endif
