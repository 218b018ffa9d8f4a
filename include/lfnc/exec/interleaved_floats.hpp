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

// Elements of a lane that are added while it is in registers. 64 pixels of 64 channels, which is
// what lies between the first and the last of four, leave room for the lanes in the first cache.
inline constexpr int elements_at_once = 4;

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

// One block of at most lane_block elements of `Rows` rows, added to sums.
template <int Bytes, int Rows, class Reducer>
LFNC_INLINE void reduce_block_of_floats(const Reducer& reducer, const float* place, index_t length,
                                        index_t stride, bool far, reduced<Reducer::fields>* sums) {
  constexpr int fields = Reducer::fields;
  using kept_lanes = lanes_of_rows<Bytes, Rows, fields>;
  constexpr index_t per_turn = elements_at_once * lanes;
  const index_t ahead = far ? per_turn * stride : 0;
  kept_lanes kept;
  add_to_lanes<true>(reducer, place, length, stride, ahead, kept);
  for (index_t turn = per_turn; turn < length; turn += per_turn) {
    add_to_lanes<false>(reducer, place + turn * stride, length - turn, stride, ahead, kept);
  }
  for (int v = 0; v < kept_lanes::vectors; ++v, sums += kept_lanes::width) {
    for_each_number<fields>([&](auto f) LFNC_INLINED {
      float_vector<Bytes> merged;
      kept.template merge<1>(0, v, f, merged);
      for_each_number<kept_lanes::width>(
          [&](auto k) LFNC_INLINED { sums[k].field[f] += static_cast<double>(merged[int{k}]); });
    });
  }
}

// `Count` rows, row k beginning at place + k, elements `stride` apart. Whether they lie so far away
// that memory is to be asked for ahead of time is `far`.
template <int Bytes, int Count, class Reducer>
LFNC_INLINE void reduce_interleaved_floats(const Reducer& reducer, const float* place,
                                           index_t length, index_t stride, bool far,
                                           reduced<Reducer::fields>* sums) {
  for (int k = 0; k < Count; ++k) sums[k] = {};
  for (index_t begin = 0; begin < length; begin += lane_block) {
    reduce_block_of_floats<Bytes, Count>(reducer, place + begin * stride,
                                         std::min(length - begin, lane_block), stride, far, sums);
  }
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
#endif
