// lfnc floor 2: rejection: what a verb says of elements that are not finite.
#pragma once

#include <string>
#include <string_view>

#include "../error.hpp"
#include "../scalar.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

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
