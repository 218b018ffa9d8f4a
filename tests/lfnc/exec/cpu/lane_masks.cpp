#include <lfnc/exec/cpu/lane_masks.hpp>

#include <doctest/doctest.h>

#include <cstdint>

namespace {

template <class Bits>
int wrong_masks() {
  int wrong = 0;
  for (int rest = 0; rest <= lfnc::lanes; ++rest) {
    const Bits* const mask = lfnc::detail::masks<Bits>.mask + (lfnc::lanes - rest);
    for (int k = 0; k < lfnc::lanes; ++k) {
      wrong += mask[k] != (k < rest ? static_cast<Bits>(~Bits{0}) : Bits{0});
    }
  }
  return wrong;
}

}  // namespace

TEST_CASE("masks leave the first elements, as many as asked for") {
  CHECK(wrong_masks<std::uint16_t>() == 0);
  CHECK(wrong_masks<std::uint32_t>() == 0);
  CHECK(wrong_masks<std::uint64_t>() == 0);
}
