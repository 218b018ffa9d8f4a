// lfnc floor 2: float_rows: rows of neighbouring floats in float lanes, merged four at a time.
#pragma once

#include <algorithm>
#include <cstring>

#include "float_lanes.hpp"

#if LFNC_SHUFFLES
namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// From the k-th on, `lanes` masks of which the first lanes - k are ones.
struct lane_masks {
  std::uint32_t mask[2 * lanes] = {};
  constexpr lane_masks() {
    for (int k = 0; k < lanes; ++k) mask[k] = ~std::uint32_t{0};
  }
};
inline constexpr lane_masks float_masks{};

// Rows whose lanes half of the registers hold: each addition to a lane waits for the one before,
// and meanwhile there are other rows.
template <int Bytes, int Fields>
inline constexpr int side_by_side = std::clamp(8 / (Fields * field_lanes<Bytes>::count), 1, 4);

template <int Rows, int Bytes, int Fields>
LFNC_INLINE void clear_lanes(field_lanes<Bytes> (*field)[Fields]) {
  for_each_number<Rows>([&](auto row) LFNC_INLINED {
    for_each_number<Fields>([&](auto f) LFNC_INLINED { field[row][f].clear(); });
  });
}

template <int Rows, int Bytes, int Fields>
LFNC_INLINE void merge_lanes(field_lanes<Bytes> (*field)[Fields], float_vector<16> (*part)[4],
                             int first) {
  for_each_number<Rows>([&](auto row) LFNC_INLINED {
    for_each_number<Fields>([&](auto f)
                                LFNC_INLINED { field[row][f].merge(part[f][first + row]); });
  });
}

// How far ahead memory is asked for: what processors recognize as a stream by themselves stays too
// near (by a third of the speed, for what lies in the last cache).
inline constexpr std::uintptr_t bytes_ahead = 16384;

// Whole groups of lanes of `Rows` rows, `distance` apart.
template <int Rows, int Bytes, class Reducer>
LFNC_INLINE void add_groups(const Reducer& reducer, const float* place, index_t distance,
                            index_t groups, field_lanes<Bytes> (*field)[Reducer::fields]) {
  constexpr int count = field_lanes<Bytes>::count;
  for (; groups > 0; --groups, place += lanes) {
    for_each_number<Rows>([&](auto row) LFNC_INLINED {
      const auto next = reinterpret_cast<std::uintptr_t>(place + row * distance) + bytes_ahead;
      prefetch<lanes* static_cast<int>(sizeof(float))>(reinterpret_cast<const char*>(next));
      for_each_number<count>([&](auto k) LFNC_INLINED {
        float_vector<Bytes> x;
        std::memcpy(&x, place + row * distance + k * (lanes / count), sizeof x);
        reducer.add_vector(x, field[row], k);
      });
    });
  }
}

// What the masks leave of a group of lanes.
template <int Rows, int Bytes, class Reducer>
LFNC_INLINE void add_rest(const Reducer& reducer, const float* place, index_t distance,
                          const typename vectors_of<Bytes>::masks* mask,
                          field_lanes<Bytes> (*field)[Reducer::fields]) {
  constexpr int count = field_lanes<Bytes>::count;
  for_each_number<Rows>([&](auto row) LFNC_INLINED {
    for_each_number<count>([&](auto k) LFNC_INLINED {
      typename vectors_of<Bytes>::masks x;
      std::memcpy(&x, place + row * distance + k * (lanes / count), sizeof x);
      reducer.add_vector(reinterpret_cast<float_vector<Bytes>>(x & mask[k]), field[row], k);
    });
  });
}

// One block of at most lane_block neighbours.
template <int Bytes, class Reducer>
LFNC_INLINE void reduce_float_block(const Reducer& reducer, const float* place, index_t length,
                                    field_lanes<Bytes> (*field)[Reducer::fields]) {
  clear_lanes<1>(field);
  add_groups<1>(reducer, place, 0, length / lanes, field);
  const index_t rest = length % lanes;
  if (rest == 0) return;
  float copy[lanes] = {};
  for (index_t k = 0; k < rest; ++k) copy[k] = place[length - rest + k];
  add_groups<1>(reducer, copy, 0, 1, field);
}

// Blocks of long rows by fours.
template <int Bytes, class Reducer>
LFNC_INLINE void reduce_long_float_rows(const Reducer& reducer, const float* place, index_t length,
                                        index_t distance, int count,
                                        reduced<Reducer::fields>* sums) {
  constexpr int fields = Reducer::fields;
  for (int k = 0; k < count; ++k) sums[k] = {};
  index_t begin = 0;
  int row = 0;
  while (row < count) {
    // A loop that is not unrolled: one place in the program that reads memory is what processors
    // recognize a stream by.
    float_vector<16> part[fields][4] = {};
    int owner[4];
    int parts = 0;
    for (; parts < 4 && row < count; ++parts) {
      owner[parts] = row;
      const index_t now = std::min(length - begin, lane_block);
      field_lanes<Bytes> field[1][fields];
      reduce_float_block(reducer, place + begin, now, field);
      merge_lanes<1>(field, part, parts);
      begin += now;
      if (begin == length) {
        begin = 0;
        ++row;
        place += distance;
      }
    }
    for_each_number<fields>([&](auto f) LFNC_INLINED {
      float_vector<16> merged;
      merge_four(part[f], merged);
      for (int k = 0; k < parts; ++k) {
        sums[owner[k]].field[f] += static_cast<double>(merged[k]);
      }
    });
  }
}

// Rows of one block by fours, as many as may be read up to the next whole group of lanes: returns
// how many rows that were.
template <int Bytes, class Reducer>
LFNC_INLINE int reduce_short_float_rows(const Reducer& reducer, const float* place, index_t length,
                                        index_t distance, const float* readable, int count,
                                        reduced<Reducer::fields>* sums) {
  constexpr int fields = Reducer::fields;
  constexpr int together = side_by_side<Bytes, fields>;
  const index_t groups = length / lanes;
  const index_t rest = length % lanes;
  const index_t padded = (groups + static_cast<index_t>(rest > 0)) * lanes;
  typename vectors_of<Bytes>::masks mask[field_lanes<Bytes>::count];
  std::memcpy(mask, float_masks.mask + (lanes - rest), sizeof mask);
  int row = 0;
  for (; row + 4 <= count; row += 4) {
    if (readable - std::max(place, place + 3 * distance) < padded) break;
    float_vector<16> part[fields][4];
    for_each_number<4 / together>([&](auto pass) LFNC_INLINED {
      field_lanes<Bytes> field[together][fields];
      clear_lanes<together>(field);
      add_groups<together>(reducer, place, distance, groups, field);
      if (rest > 0) {
        add_rest<together>(reducer, place + groups * lanes, distance, mask, field);
      }
      merge_lanes<together>(field, part, pass * together);
      place += together * distance;
    });
    for_each_number<fields>([&](auto f) LFNC_INLINED {
      float_vector<16> merged;
      merge_four(part[f], merged);
      for_each_number<4>([&](auto k) LFNC_INLINED {
        sums[row + k].field[f] = static_cast<double>(merged[int{k}]);
      });
    });
  }
  return row;
}

// Rows of `length` neighbours each, the first at `place` and the next ones `distance` apart.
template <int Bytes, class Reducer>
LFNC_INLINE void reduce_float_rows(const Reducer& reducer, const float* place, index_t length,
                                   index_t distance, const float* readable, int count,
                                   reduced<Reducer::fields>* sums) {
  int done = 0;
  if (length <= lane_block) {
    done = reduce_short_float_rows<Bytes>(reducer, place, length, distance, readable, count, sums);
  }
  if (done == count) return;
  reduce_long_float_rows<std::min(Bytes, avx2_bytes)>(reducer, place + done * distance, length,
                                                      distance, count - done, sums + done);
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
#endif
