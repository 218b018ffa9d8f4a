// lfnc floor 2: neighbours: a row of neighbours reduced by one thread, on any instruction set.
#pragma once

#include <algorithm>
#include <concepts>

#include "../common/row_reader.hpp"
#include "../skeletons.hpp"
#include "dispatch.hpp"

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

// One row, or a block of one. What is not a whole group of lanes is filled up with zeros, where
// they are neutral.
template <int Bytes, class Key, class Reducer>
LFNC_INLINE void reduce_block(const Reducer& reducer, const Key* place, index_t length,
                              reduced<Reducer::fields>& sums) {
  using lane_type = lane_type_t<Reducer>;
  constexpr int piece = piece_of<Key, Bytes>(lanes);
  // Set to 0 piece by piece, since "= {}" may become a call.
  lane_type lane[Reducer::fields * lanes];
  in_pieces<0, Reducer::fields * lanes, piece_of<lane_type, Bytes>(lanes)>(
      [&](int k) { lane[k] = 0; });
  Key last[lanes] = {};
  const Key* const end = place + length / lanes * lanes;
  const index_t rest = length % lanes;
  for (; place < end; place += lanes) {
    in_pieces<0, lanes, piece>([&](int j) { reducer.add(place[j], lane + j, lanes); });
  }
  if constexpr (!Reducer::zero_is_neutral) {
    for (index_t j = 0; j < rest; ++j) reducer.add(place[j], lane + j, lanes);
  } else if (rest > 0) {
    for (index_t j = 0; j < rest; ++j) last[j] = place[j];
    in_pieces<0, lanes, piece>([&](int j) { reducer.add(last[j], lane + j, lanes); });
  }
  for (int f = 0; f < Reducer::fields; ++f) {
    merge_level<lanes / 2, Bytes>(reducer, f, lane + f * lanes);
    sums.field[f] = static_cast<double>(lane[f * lanes]);
  }
}

template <int Bytes, class Key, class Reducer>
LFNC_INLINE void reduce_neighbours(const Reducer& reducer, const Key* place, index_t length,
                                   reduced<Reducer::fields>& sums) {
  if constexpr (in_blocks<Reducer>) {
    for (int f = 0; f < Reducer::fields; ++f) sums.field[f] = 0;
    for (index_t begin = 0; begin < length; begin += lane_block) {
      reduced<Reducer::fields> block;
      reduce_block<Bytes>(reducer, place + begin, std::min(length - begin, lane_block), block);
      for (int f = 0; f < Reducer::fields; ++f) {
        sums.field[f] = reducer.merge(f, sums.field[f], block.field[f]);
      }
    }
  } else {
    reduce_block<Bytes>(reducer, place, length, sums);
  }
}

// The same in plain loops.
template <class Reducer, class Key>
reduced<Reducer::fields> reduce_plainly(const Reducer& reducer, const Key* place, index_t length) {
  lane_sums<Reducer> sums(reducer);
  sums.add(place, 1, length, 0);
  return sums.result();
}

// A row of neighbours of a type that reducers compute in.
template <std::floating_point Key, class Reducer>
struct neighbouring_row {
  const Reducer& reducer;
  const Key* place;
  index_t length;
  reduced<Reducer::fields>& sums;

  template <int Bytes>
  LFNC_INLINE void run() const {
    reduce_neighbours<Bytes>(reducer, place, length, sums);
  }
  void plain() const { sums = reduce_plainly(reducer, place, length); }
};

// What a task of for_each_row reads a row by: the row's elements are neighbours of the compute type
// at `place`, copied where they are not so in the view.
template <std::floating_point Key>
struct neighbour_reader {
  const Key* place;
  index_t count;
  instruction_set set;

  static constexpr bool leader() { return true; }
  index_t length() const { return count; }

  template <class Reducer>
  reduced<Reducer::fields> reduce(const Reducer& reducer) const {
    if constexpr (vector_reducer<Reducer>) {
      reduced<Reducer::fields> sums;
      run_vectors(set, neighbouring_row<Key, Reducer>{reducer, place, count, sums});
      return sums;
    } else {
      return reduce_plainly(reducer, place, count);
    }
  }
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
