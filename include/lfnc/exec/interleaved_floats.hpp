// lfnc floor 2: interleaved_floats: rows of floats that alternate in memory, in float lanes.
#pragma once

#include <algorithm>
#include <cstring>

#include "float_lanes.hpp"

#if LFNC_SHUFFLES
namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// One lane of neighbouring rows in `Vectors` registers; of several fields, as field_lanes has them.
template <int Bytes, int Vectors>
struct rows_of_lane {
  using vector = float_vector<Bytes>;
  vector lane[Vectors];

  LFNC_INLINE void add(int k, const vector& x) { lane[k] += x; }
  LFNC_INLINE void add_product(int k, const vector& x, const vector& y) {
    add_rounded_product(lane[k], x, y);
  }
};

// Elements begin, begin + lanes, ... < end of the rows from `place` on, added to `kept`, which is
// all zeros the first time.
template <int Bytes, int Vectors, class Reducer>
LFNC_INLINE void add_lane_of_floats(const Reducer& reducer, const float* place, index_t begin,
                                    index_t end, index_t stride, index_t ahead, bool first,
                                    rows_of_lane<Bytes, Vectors>* kept) {
  constexpr int width = Bytes / static_cast<int>(sizeof(float));
  rows_of_lane<Bytes, Vectors> field[Reducer::fields];
  for_each_number<Reducer::fields>([&](auto f) LFNC_INLINED {
    for_each_number<Vectors>([&](auto k) LFNC_INLINED {
      field[f].lane[k] = first ? float_vector<Bytes>{} : kept[f].lane[k];
    });
  });
  for (index_t i = begin; i < end; i += lanes) {
    const float* const element = place + i * stride;
    prefetch<Vectors * Bytes>(reinterpret_cast<const char*>(
        reinterpret_cast<std::uintptr_t>(element) + static_cast<std::uintptr_t>(ahead) * 4U));
    for_each_number<Vectors>([&](auto k) LFNC_INLINED {
      float_vector<Bytes> x;
      std::memcpy(&x, element + k * width, sizeof x);
      reducer.add_vector(x, field, k);
    });
  }
  for_each_number<Reducer::fields>([&](auto f) LFNC_INLINED {
    for_each_number<Vectors>([&](auto k) LFNC_INLINED { kept[f].lane[k] = field[f].lane[k]; });
  });
}

// One block of at most lane_block elements of `Parts` times as many rows as `Vectors` hold, added
// to sums.
template <int Bytes, int Vectors, int Parts, class Reducer>
LFNC_INLINE void reduce_block_of_floats(const Reducer& reducer, const float* place, index_t length,
                                        index_t stride, reduced<Reducer::fields>* sums) {
  constexpr int fields = Reducer::fields;
  constexpr int rows = Vectors * Bytes / static_cast<int>(sizeof(float));
  // What lies between two elements of a lane stays in the cache until the other lanes are done.
  constexpr index_t per_turn = 8 * lanes;
  rows_of_lane<Bytes, Vectors> kept[lanes][Parts][fields];
  for (index_t turn = 0; turn < length; turn += per_turn) {
    const index_t end = std::min(length, turn + per_turn);
    // The next turn's elements, or the rows beside these.
    const index_t ahead = end < length ? per_turn * stride : Parts * rows;
    for (int l = 0; l < lanes; ++l) {
      for (int part = 0; part < Parts; ++part) {
        add_lane_of_floats<Bytes, Vectors>(reducer, place + part * rows, turn + l, end, stride,
                                           ahead, turn == 0, kept[l][part]);
      }
    }
  }
  for (int distance = lanes / 2; distance > 0; distance /= 2) {
    for (int l = 0; l < distance; ++l) {
      for (int part = 0; part < Parts; ++part) {
        for_each_number<fields>([&](auto f) LFNC_INLINED {
          for_each_number<Vectors>([&](auto k) LFNC_INLINED {
            kept[l][part][f].lane[k] += kept[l + distance][part][f].lane[k];
          });
        });
      }
    }
  }
  for (int part = 0; part < Parts; ++part, sums += rows) {
    float merged[fields][rows];
    std::memcpy(merged, kept[0][part], sizeof merged);
    for (int k = 0; k < rows; ++k) {
      for (int f = 0; f < fields; ++f) sums[k].field[f] += static_cast<double>(merged[f][k]);
    }
  }
}

// `Count` rows, row k beginning at place + k, elements `stride` apart.
template <int Bytes, int Count, class Reducer>
LFNC_INLINE void reduce_interleaved_floats(const Reducer& reducer, const float* place,
                                           index_t length, index_t stride,
                                           reduced<Reducer::fields>* sums) {
  constexpr int width = Bytes / static_cast<int>(sizeof(float));
  constexpr int vectors = std::clamp(8 / Reducer::fields, 1, Count / width);
  for (int k = 0; k < Count; ++k) sums[k] = {};
  for (index_t begin = 0; begin < length; begin += lane_block) {
    reduce_block_of_floats<Bytes, vectors, Count / (vectors * width)>(
        reducer, place + begin * stride, std::min(length - begin, lane_block), stride, sums);
  }
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
#endif
