// lfnc floor 2: rejection: what a verb says of elements that are not finite.
#pragma once

#include <string>
#include <string_view>

#include "../../error.hpp"
#include "../../scalar.hpp"
#include "cursor.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Whether value[row] is not finite.
struct not_finite {
  const double* value;
  LFNC_HD LFNC_INLINE bool operator()(index_t row) const { return !finite(value[row]); }
};

// The first element of a row that is not finite, counted from the beginning of the row, or -1.
template <class T, class Space>
LFNC_HD index_t first_not_finite(const group_view<T, Space>& rows, index_t row) {
  for (index_t k = 0; k < rows.row_length(row); ++k) {
    if (!finite(to_compute(*rows.address(row, k)))) return k;
  }
  return -1;
}

// An element as its owner knows it: a channel and an element of that, or -1.
struct named_element {
  index_t channel;
  index_t element;
};

// Element `within` of a row, or none (-1), where the channels of `rows` are channels, or images
// whose planes are (planes_by_image).
template <class T, class Space>
LFNC_HD named_element name_element(const group_view<T, Space>& rows, index_t row, index_t within,
                                   bool by_image) {
  const index_t groups = rows.groups_per_channel();
  const index_t outer = row / groups;
  const index_t inner = row % groups;
  const auto element = [within](index_t begin) { return within < 0 ? within : begin + within; };
  if (by_image) return {inner, element(outer * rows.group_size)};
  return {outer, element(inner * rows.group_size)};
}

// Throws argument_error naming the element, or overflow_error where all elements of the row are
// finite (there is none) and their squares are too large together.
[[noreturn]] inline void raise_rejected(std::string_view argument, const named_element& found) {
  if (found.element < 0) {
    raise(overflow_error("lfnc: " + std::string(argument) + ": the sum of squares of channel " +
                         number(found.channel) + " is beyond the range of double"));
  }
  refuse(argument, "element " + number(found.element) + " of channel " + number(found.channel) +
                       " is NaN or infinite");
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
