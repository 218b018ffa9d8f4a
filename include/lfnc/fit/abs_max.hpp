// lfnc floor 3: abs_max: the alpha at which the largest element takes the last level.
#pragma once

#include "row.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// The least alpha at which nothing in [-largest, largest] saturates; for a codebook without levels
// of one sign, nothing of the other sign. O(1).
template <level_set Codebook>
LFNC_HD double abs_max_alpha(const Codebook& codebook, double largest) {
  const double low = -static_cast<double>(codebook.level(0));
  const double high = static_cast<double>(codebook.level(codebook.level_count() - 1));
  // A grid such as -128..127 is entered from its narrower side.
  const double level = low > 0 && high > 0 ? (low < high ? low : high) : (low > high ? low : high);
  return level > 0 ? largest / level : 0;
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
