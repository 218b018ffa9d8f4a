// lfnc floor 2: float_rows: rows of neighbouring floats in float lanes, merged four at a time.
#pragma once

#include <algorithm>
#include <cstring>

#include "float_lanes.hpp"
#include "lane_masks.hpp"

#if LFNC_SHUFFLES
namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

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

template <int Rows, int Bytes, int Fields, class Vector, int Parts>
LFNC_INLINE void merge_lanes(field_lanes<Bytes> (*field)[Fields], Vector (*part)[Parts],
                             int first) {
  for_each_number<Rows>([&](auto row) LFNC_INLINED {
    for_each_number<Fields>([&](auto f)
                                LFNC_INLINED { field[row][f].merge(part[f][first + row]); });
  });
}

// How far ahead memory is asked for: what processors recognize as a stream by themselves stays too
// near (by a third of the speed, for what lies in the last cache).
inline constexpr std::uintptr_t bytes_ahead = 8192;

// One group of lanes of `Rows` rows, `distance` apart.
template <int Rows, int Bytes, class Reducer, class Lanes>
LFNC_INLINE void add_group(const Reducer& reducer, const float* place, index_t distance,
                           Lanes (*field)[Reducer::fields]) {
  constexpr int count = field_lanes<Bytes>::count;
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

// Whole groups of lanes, the first of which begin the lanes.
template <int Rows, int Bytes, class Reducer>
LFNC_INLINE void add_groups(const Reducer& reducer, const float* place, index_t distance,
                            index_t groups, field_lanes<Bytes> (*field)[Reducer::fields]) {
  if (groups == 0) return clear_lanes<Rows>(field);
  first_lanes<Bytes> first[Rows][Reducer::fields];
  add_group<Rows, Bytes>(reducer, place, distance, first);
  for_each_number<Rows>([&](auto row) LFNC_INLINED {
    for_each_number<Reducer::fields>([&](auto f)
                                         LFNC_INLINED { field[row][f].set(first[row][f]); });
  });
  for (; groups > 1; --groups) {
    place += lanes;
    add_group<Rows, Bytes>(reducer, place, distance, field);
  }
}

// What the masks leave of a group of lanes, the first `rest` of them.
template <int Rows, int Bytes, class Reducer>
LFNC_INLINE void add_rest(const Reducer& reducer, const float* place, index_t distance,
                          index_t rest, const typename vectors_of<Bytes>::masks* mask,
                          field_lanes<Bytes> (*field)[Reducer::fields]) {
  constexpr int count = field_lanes<Bytes>::count;
  for_each_number<count>([&](auto k) LFNC_INLINED {
    if (k > 0 && rest <= k * (lanes / count)) return;
    for_each_number<Rows>([&](auto row) LFNC_INLINED {
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
  add_groups<1>(reducer, place, 0, length / lanes, field);
  const index_t rest = length % lanes;
  if (rest == 0) return;
  float copy[lanes] = {};
  for (index_t k = 0; k < rest; ++k) copy[k] = place[length - rest + k];
  add_group<1, Bytes>(reducer, copy, 0, field);
}

// Blocks of long rows by fours.
template <int Bytes, class Reducer>
LFNC_INLINE void reduce_long_float_rows(const Reducer& reducer, const float* place, index_t length,
                                        index_t distance, int count,
                                        const field_columns<Reducer::fields>& sums) {
  constexpr int fields = Reducer::fields;
  for (int f = 0; f < fields; ++f) {
    for (int k = 0; k < count; ++k) sums.field[f][k] = 0;
  }
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
        sums.field[f][owner[k]] += static_cast<double>(merged[k]);
      }
    });
  }
}

// Rows whose lanes are merged side by side.
template <int Bytes>
inline constexpr int merged_at_once = Bytes >= avx2_bytes ? 8 : 4;

// Rows of one block, as many as may be read up to the next whole group of lanes: returns how many
// rows that were.
template <int Bytes, class Reducer>
LFNC_INLINE int reduce_short_float_rows(const Reducer& reducer, const float* begin, index_t length,
                                        index_t distance, const float* readable, int count,
                                        const field_columns<Reducer::fields>& sums) {
  constexpr int fields = Reducer::fields;
  constexpr int together = side_by_side<Bytes, fields>;
  constexpr int at_once = merged_at_once<Bytes>;
  const index_t groups = length / lanes;
  const index_t rest = length % lanes;
  const index_t padded = (groups + static_cast<index_t>(rest > 0)) * lanes;
  typename vectors_of<Bytes>::masks mask[field_lanes<Bytes>::count];
  for_each_number<field_lanes<Bytes>::count>([&](auto k) LFNC_INLINED {
    constexpr int width = lanes / field_lanes<Bytes>::count;
    std::memcpy(mask + k, masks<std::uint32_t>.mask + (lanes - rest) + k * width, sizeof mask[k]);
  });
  int done = 0;
  while (done < count) {
    if (count < at_once) break;
    // Some rows again rather than few by themselves.
    const int row = std::min(done, count - at_once);
    const float* const place = begin + row * distance;
    if (readable - std::max(place, place + (at_once - 1) * distance) < padded) break;
    float_vector<4 * at_once> part[fields][at_once];
    for_each_number<at_once / together>([&](auto pass) LFNC_INLINED {
      const float* const from = place + pass * together * distance;
      field_lanes<Bytes> field[together][fields];
      add_groups<together>(reducer, from, distance, groups, field);
      if (rest > 0) {
        add_rest<together>(reducer, from + groups * lanes, distance, rest, mask, field);
      }
      merge_lanes<together>(field, part, pass * together);
    });
    for_each_number<fields>([&](auto f) LFNC_INLINED {
      float_vector<4 * at_once> merged;
      if constexpr (at_once == 8) {
        merge_eight(part[f], merged);
      } else {
        merge_four(part[f], merged);
      }
      merged += 0.0F;  // what sums start at: the sign of a 0
      for_each_number<at_once>([&](auto k) LFNC_INLINED {
        sums.field[f][row + k] = static_cast<double>(merged[int{k}]);
      });
    });
    done = row + at_once;
  }
  return done;
}

// Rows of `length` neighbours each, the first at `place` and the next ones `distance` apart.
template <int Bytes, class Reducer>
LFNC_INLINE void reduce_float_rows(const Reducer& reducer, const float* place, index_t length,
                                   index_t distance, const float* readable, int count,
                                   const field_columns<Reducer::fields>& sums) {
  int done = 0;
  if (length <= lane_block) {
    done = reduce_short_float_rows<Bytes>(reducer, place, length, distance, readable, count, sums);
  }
  if (done == count) return;
  reduce_long_float_rows<std::min(Bytes, avx2_bytes)>(reducer, place + done * distance, length,
                                                      distance, count - done, sums.from(done));
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
#endif
