// lfnc floor 2: neighbour_reader: a row of neighbours reduced again and again, on any instruction
// set.
#pragma once

#include <type_traits>

#include "../common/row_reader.hpp"
#include "even_rows.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

template <class T, class Reducer>
struct row_of_neighbours {
  const Reducer& reducer;
  const T* place;
  index_t length;
  reduced<Reducer::fields>* sums;

  template <int Bytes>
  LFNC_INLINE void run() const {
    reduce_row_of_neighbours<Bytes>(reducer, place, length, false, *sums);
  }
};

// row_reader for a row whose elements are neighbours: the same bits sooner, where the reducer suits
// vectors.
template <class T>
struct neighbour_reader {
  group_view<T> rows;
  index_t row;
  const T* place;
  instruction_set set;

  static constexpr bool leader() { return true; }

  template <class Reducer>
  reduced<Reducer::fields> reduce(const Reducer& reducer) const {
    if constexpr (has_vectors<T, Reducer>) {
      reduced<Reducer::fields> sums;
      run_vectors(set, row_of_neighbours<T, Reducer>{reducer, place, rows.row_length(row), &sums});
      return sums;
    } else {
      return row_reader<T, host_space>{rows, row}.reduce(reducer);
    }
  }
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
