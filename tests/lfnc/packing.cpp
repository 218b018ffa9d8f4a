#include <lfnc/packing.hpp>

#include <cstdint>
#include <limits>

#include "support/check.hpp"

using lfnc::packing;

namespace {

template <packing Kind>
void check_digits() {
  constexpr auto layout = lfnc::detail::layout<Kind>;
  const int values = layout.high - layout.low + 1;
  bool seen[16] = {};
  for (int code = layout.low; code <= layout.high; ++code) {
    const int digit = lfnc::detail::digit_of<Kind>(static_cast<std::int8_t>(code));
    CHECK(digit >= 0);
    CHECK(digit < layout.radix);
    CHECK(lfnc::detail::code_of<Kind>(digit) == code);
    CHECK_FALSE(seen[digit]);
    seen[digit] = true;
  }
  CHECK(values <= layout.radix);
  // The first code is in the lowest place of a byte.
  std::int8_t codes[5] = {0, 0, 0, 0, 0};
  codes[0] = static_cast<std::int8_t>(layout.high);
  codes[layout.per_byte - 1] = static_cast<std::int8_t>(layout.low);
  int rest = lfnc::detail::byte_of<Kind>(codes);
  CHECK(rest % layout.radix == lfnc::detail::digit_of<Kind>(codes[0]));
  for (int place = 0; place < layout.per_byte; ++place) {
    CHECK(lfnc::detail::take_code<Kind>(rest) == codes[place]);
  }
  CHECK(rest == 0);
}

}  // namespace

TEST_CASE("codes and digits are one to one, the first code in the lowest place") {
  check_digits<packing::int4>();
  check_digits<packing::int4_offset8>();
  check_digits<packing::ternary2>();
  check_digits<packing::base3>();
}

TEST_CASE("sizes") {
  const lfnc::index_t top = std::numeric_limits<lfnc::index_t>::max();
  CHECK(lfnc::packed_size(packing::int4, 0) == 0);
  CHECK(lfnc::packed_size(packing::base3, 11) == 3);
  CHECK(lfnc::packed_size(packing::int4, top) == top / 2 + 1);
  CHECK_REFUSED(lfnc::packed_size(packing::int4, -1), "count: -1 is negative");
  CHECK_REFUSED(lfnc::packed_size(static_cast<packing>(17), 4), "packing: is no known layout");
}
