// lfnc floor 2: lane_masks: what leaves the elements of a row that do not fill all lanes.
#pragma once

#include "../skeletons.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// From the k-th on, `lanes` masks of which the first lanes - k are ones.
template <class Bits>
struct lane_masks {
  Bits mask[2 * lanes] = {};
  constexpr lane_masks() {
    for (int k = 0; k < lanes; ++k) mask[k] = static_cast<Bits>(~Bits{0});
  }
};
template <class Bits>
inline constexpr lane_masks<Bits> masks{};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
