#include <lfnc/exec/cpu/map_neighbours.hpp>
#include <lfnc/exec/cpu/widen.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "support/instruction_sets.hpp"

using lfnc::index_t;

namespace {

struct scaled {
  static constexpr bool scales = true;
  float alpha;

  float operator()(int code) const { return alpha * static_cast<float>(code); }
};
static_assert(lfnc::detail::widens_bytes<const std::uint8_t, float, scaled>);
static_assert(lfnc::detail::widens_bytes<std::int8_t, float, scaled>);
static_assert(!lfnc::detail::widens_bytes<std::uint8_t, double, scaled>);
static_assert(!lfnc::detail::widens_bytes<std::int16_t, float, scaled>);

// Every byte, at every length and alignment, past the caches and not; what lies around the output
// stays as it was.
template <class Byte>
void check_bytes() {
  std::vector<Byte> codes(5000);
  for (std::size_t k = 0; k < codes.size(); ++k) codes[k] = static_cast<Byte>(k % 251 + k / 251);
  const scaled op{0.3F};
  for_each_instruction_set([&](lfnc::instruction_set set) {
    int wrong = 0;
    for (const bool streaming : {false, true}) {
      for (const std::size_t count : {0U, 1U, 63U, 64U, 127U, 128U, 200U, 2048U, 4900U}) {
        for (const std::size_t offset : {0U, 1U, 7U, 16U, 33U}) {
          std::vector<float> expected(5000, -1);
          std::vector<float> found = expected;
          for (std::size_t k = 0; k < count; ++k) expected[offset + k] = op(codes[offset / 2 + k]);
          lfnc::detail::map_neighbours({set, streaming}, codes.data() + offset / 2,
                                       found.data() + offset, static_cast<index_t>(count), op);
          wrong += std::memcmp(found.data(), expected.data(), found.size() * sizeof(float)) != 0;
        }
      }
    }
    CHECK(wrong == 0);
  });
}

}  // namespace

TEST_CASE("bytes become floats on every instruction set, past the caches or not") {
  check_bytes<std::uint8_t>();
  check_bytes<std::int8_t>();
}
