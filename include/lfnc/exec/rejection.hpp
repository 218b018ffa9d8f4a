// lfnc floor 2: rejection: what a verb says of elements that are not finite.
#pragma once

#include <string>
#include <string_view>

#include "../error.hpp"
#include "../scalar.hpp"
#include "cursor.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// The first element of a row that is not finite, counted from the beginning of its channel, or -1.
template <class T, class Space>
LFNC_HD index_t first_not_finite(const group_view<T, Space>& rows, index_t row) {
  index_t first = -1;
  for_each_run(rows, row, [&](const T* place, index_t stride, index_t run, index_t index) {
    for (index_t k = 0; k < run && first < 0; ++k) {
      if (!finite(to_compute(place[k * stride]))) first = rows.row_begin(row) + index + k;
    }
  });
  return first;
}

// Throws argument_error naming element `element` of channel `channel`, or overflow_error where all
// elements are finite (element is -1) and their squares are too large together.
[[noreturn]] inline void raise_rejected(std::string_view argument, index_t channel,
                                        index_t element) {
  if (element < 0) {
    raise(overflow_error("lfnc: " + std::string(argument) + ": the sum of squares of channel " +
                         number(channel) + " is beyond the range of double"));
  }
  refuse(argument,
         "element " + number(element) + " of channel " + number(channel) + " is NaN or infinite");
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
