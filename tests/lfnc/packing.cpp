#include <lfnc/packing.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/check.hpp"

using lfnc::packing;

namespace {

template <packing Kind>
void check_digits() {
  constexpr auto layout = lfnc::detail::layout<Kind>;
  int values = 0;
  bool seen[256] = {};
  for (int code = -128; code < 128; ++code) {
    if (!lfnc::holds(Kind, static_cast<std::int8_t>(code))) continue;
    ++values;
    const int digit = lfnc::detail::digit_of<Kind>(static_cast<std::int8_t>(code));
    CHECK(digit >= 0);
    CHECK(digit < layout.radix);
    CHECK(lfnc::detail::code_of<Kind>(digit) == code);
    CHECK_FALSE(seen[digit]);
    seen[digit] = true;
  }
  CHECK(values <= layout.radix);
  // The first code is in the lowest place of a word.
  std::int8_t codes[8] = {};
  codes[0] = static_cast<std::int8_t>(layout.high);
  codes[layout.codes - 1] = static_cast<std::int8_t>(layout.low);
  int rest = lfnc::detail::word_of<Kind>(codes);
  CHECK(rest < 1 << (8 * layout.bytes));
  CHECK(rest % layout.radix == lfnc::detail::digit_of<Kind>(codes[0]));
  for (int place = 0; place < layout.codes; ++place) {
    CHECK(lfnc::detail::take_code<Kind>(rest) == codes[place]);
  }
  CHECK(rest == 0);
}

// Whether a layout holds every code of a codebook, as a user would see it.
template <class Codebook>
bool holds_all(packing kind, const Codebook& book) {
  for (int k = 0; k < book.level_count(); ++k) {
    if (!lfnc::holds(kind, book.encode(book.level(k)))) return false;
  }
  return true;
}

// packing_of is as expected, and no other layout that holds all takes less.
template <class Codebook>
void check_layout_of(const Codebook& book, packing expected) {
  CAPTURE(std::string(book.name()));
  CHECK(lfnc::packing_of(book) == expected);
  CHECK(holds_all(expected, book));
  for (const packing kind :
       {packing::int4, packing::int4_offset8, packing::ternary2, packing::base3, packing::int3,
        packing::exponent3, packing::exponent4, packing::int8}) {
    if (holds_all(kind, book)) {
      CHECK(lfnc::packed_size(expected, 1000) <= lfnc::packed_size(kind, 1000));
    }
  }
}

}  // namespace

TEST_CASE("codes and digits are one to one, the first code in the lowest place") {
  check_digits<packing::int4>();
  check_digits<packing::int4_offset8>();
  check_digits<packing::ternary2>();
  check_digits<packing::base3>();
  check_digits<packing::int3>();
  check_digits<packing::exponent3>();
  check_digits<packing::exponent4>();
  check_digits<packing::int8>();
}

TEST_CASE("the smallest layout of every codebook, which holds all its codes") {
  check_layout_of(lfnc::ternary(), packing::base3);
  check_layout_of(lfnc::uniform(2), packing::base3);
  check_layout_of(lfnc::uniform(3), packing::int3);
  check_layout_of(lfnc::uniform(4), packing::int4);
  for (int bits = 5; bits <= 8; ++bits) check_layout_of(lfnc::uniform(bits), packing::int8);
  check_layout_of(lfnc::power_of_two(3), packing::exponent3);
  check_layout_of(lfnc::power_of_two(4), packing::exponent4);
  check_layout_of(lfnc::power_of_two::published(3), packing::exponent3);
  check_layout_of(lfnc::power_of_two::published(4), packing::exponent4);
  check_layout_of(lfnc::fixed_point(), packing::int8);
  // A code of theirs is an index.
  std::vector<double> own;
  for (int count = 1; count <= 128; ++count) {
    own.push_back(count);
    if (count < 2) continue;
    check_layout_of(lfnc::levels(own), count <= 2   ? packing::base3
                                       : count <= 4 ? packing::int3
                                       : count <= 8 ? packing::int4
                                                    : packing::int8);
  }
}

TEST_CASE("names") {
  CHECK(lfnc::name_of(packing::int4_offset8) == "int4_offset8");
  CHECK(lfnc::name_of(packing::exponent3) == "exponent3");
  CHECK_REFUSED(lfnc::name_of(static_cast<packing>(17)), "packing: is no known layout");
}

TEST_CASE("sizes") {
  const lfnc::index_t top = std::numeric_limits<lfnc::index_t>::max();
  CHECK(lfnc::packed_size(packing::int4, 0) == 0);
  CHECK(lfnc::packed_size(packing::base3, 11) == 3);
  CHECK(lfnc::packed_size(packing::int4, top) == top / 2 + 1);
  CHECK(lfnc::packed_size(packing::int8, top) == top);
  CHECK(lfnc::packed_size(packing::int3, top) == top / 8 * 3 + 3);
  const lfnc::index_t expected[] = {0, 1, 1, 2, 2, 2, 3, 3, 3, 4};
  for (lfnc::index_t count = 0; count < 10; ++count) {
    CHECK(lfnc::packed_size(packing::int3, count) == expected[count]);
    CHECK(lfnc::packed_size(packing::exponent3, count) == expected[count]);
  }
  CHECK_REFUSED(lfnc::packed_size(packing::int4, -1), "count: -1 is negative");
  CHECK_REFUSED(lfnc::packed_size(static_cast<packing>(17), 4), "packing: is no known layout");
}
