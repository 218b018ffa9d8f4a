// lfnc floor 1: packing: storage layouts of codes: their digits, their bytes, their size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "codebook.hpp"
#include "error.hpp"
#include "scalar.hpp"

namespace lfnc {

// A storage layout. A place holds a digit, which stands for a code; the places of a byte (of three
// bytes where digits have 3 bits, the first byte the lowest) follow each other from the lowest bits
// on. What is left over in the last byte holds code 0 (value 8 a place for int4_offset8, 1 for
// base3), so equal codes give equal bytes.
enum class packing {
  int4,          // two's complement nibbles, -8..7: ONNX INT4
  int4_offset8,  // nibbles holding code + 8, -8..7
  ternary2,      // two's complement pairs of bits, -1..1
  base3,         // five base-3 digits code + 1 in a byte, -1..1: 1.6 bits a code
  int3,          // two's complement in 3 bits, -4..3: eight codes in three bytes
  exponent3,     // 0, +-1, +-2, +-4 in 3 bits, eight codes in three bytes: the codes of
                 // power_of_two(3). The lower two bits are 0 for code 0 and k + 1 for +-2^k, the
                 // bit above them is set where the code is negative
  exponent4,     // 0, +-1, +-2, ..., +-64 in 4 bits, those of power_of_two(4): a nibble of three
                 // such bits and the sign's
  int8,          // a byte a code
};

inline namespace LFNC_ABI {
namespace detail {

// `codes` places of `radix` values share `bytes` bytes. A digit is in two's complement the code's
// lowest bits ^ flip, in base 3 code + 1, else sign and exponent.
struct pack_layout {
  int codes;
  int bytes;
  int radix;
  int flip;
  int low;
  int high;
  std::string_view name;
};

constexpr pack_layout layout_of(packing kind) {
  switch (kind) {
    case packing::int4:
      return {2, 1, 16, 0, -8, 7, "int4"};
    case packing::int4_offset8:
      return {2, 1, 16, 8, -8, 7, "int4_offset8"};
    case packing::ternary2:
      return {4, 1, 4, 0, -1, 1, "ternary2"};
    case packing::base3:
      return {5, 1, 3, 0, -1, 1, "base3"};
    case packing::int3:
      return {8, 3, 8, 0, -4, 3, "int3"};
    case packing::exponent3:
      return {8, 3, 8, 0, -4, 4, "exponent3"};
    case packing::exponent4:
      return {2, 1, 16, 0, -64, 64, "exponent4"};
    case packing::int8:
      return {1, 1, 256, 0, -128, 127, "int8"};
  }
  refuse("packing", "is no known layout");
}

// Whether digits are a sign and an exponent.
constexpr bool of_exponents(packing kind) {
  return kind == packing::exponent3 || kind == packing::exponent4;
}

// The layout is a constant in what follows, so that no division by it is left.
template <packing Kind>
inline constexpr pack_layout layout = layout_of(Kind);

LFNC_INLINE constexpr std::uint8_t magnitude_of(std::int8_t code) {
  return static_cast<std::uint8_t>(code < 0 ? -code : code);
}

// Of codes that the layout holds. Without branches and tables, for vectors.
template <packing Kind>
LFNC_INLINE constexpr int digit_of(std::int8_t code) {
  if constexpr (Kind == packing::base3) {
    return code + 1;
  } else if constexpr (of_exponents(Kind)) {
    const std::uint8_t m = magnitude_of(code);
    // The exponent's bits: 1, 2, 4, 8, 16, 32, 64 become 1, 2, ..., 7.
    const int exponent = static_cast<int>((m & 0x55) != 0) + 2 * static_cast<int>((m & 0x66) != 0) +
                         4 * static_cast<int>((m & 0x78) != 0);
    return exponent + static_cast<int>(code < 0) * (layout<Kind>.radix / 2);
  } else {
    return (code & (layout<Kind>.radix - 1)) ^ layout<Kind>.flip;
  }
}

template <packing Kind>
LFNC_INLINE constexpr int code_of(int digit) {
  constexpr int sign = layout<Kind>.radix / 2;
  if constexpr (Kind == packing::base3) {
    return digit - 1;
  } else if constexpr (of_exponents(Kind)) {
    // 2^exponent, twice as large bit by bit, then halved: 0, 1, 2, 4, ...
    auto m = static_cast<std::uint8_t>(1 + (digit & 1));
    m = static_cast<std::uint8_t>(m + (3 * m & -((digit >> 1) & 1)));
    m = static_cast<std::uint8_t>(m + (15 * m & -((digit & (sign - 1)) >> 2)));
    const int negative = -(digit / sign);
    return ((m >> 1) ^ negative) - negative;
  } else {
    return (digit ^ layout<Kind>.flip ^ sign) - sign;
  }
}

// The places of as many codes as share bytes: its lowest 8 bits are the first byte.
template <packing Kind>
LFNC_INLINE constexpr int word_of(const std::int8_t* codes) {
  int word = 0;
  for (int place = layout<Kind>.codes; place-- > 0;) {
    word = word * layout<Kind>.radix + digit_of<Kind>(codes[place]);
  }
  return word;
}

// The code in the lowest place; what is left of `rest` are the places after it.
template <packing Kind>
LFNC_INLINE constexpr int take_code(int& rest) {
  const int digit = rest % layout<Kind>.radix;
  rest /= layout<Kind>.radix;
  return code_of<Kind>(digit);
}

// Calls run.operator()<Kind>() for the layout asked for.
template <class Run>
auto with_packing(packing kind, Run run) {
  switch (kind) {
    case packing::int4:
      return run.template operator()<packing::int4>();
    case packing::int4_offset8:
      return run.template operator()<packing::int4_offset8>();
    case packing::ternary2:
      return run.template operator()<packing::ternary2>();
    case packing::base3:
      return run.template operator()<packing::base3>();
    case packing::int3:
      return run.template operator()<packing::int3>();
    case packing::exponent3:
      return run.template operator()<packing::exponent3>();
    case packing::exponent4:
      return run.template operator()<packing::exponent4>();
    case packing::int8:
      return run.template operator()<packing::int8>();
  }
  refuse("packing", "is no known layout");
}

}  // namespace detail

// Bytes that `count` codes take. Throws argument_error for a negative count. O(1).
inline index_t packed_size(packing kind, index_t count) {
  detail::require(count >= 0, "count", [&] { return detail::sentence({count, " is negative"}); });
  const detail::pack_layout layout = detail::layout_of(kind);
  const index_t rest = count % layout.codes;
  return count / layout.codes * layout.bytes +
         (rest * layout.bytes + layout.codes - 1) / layout.codes;
}

// Whether a layout has a digit for the code. Throws argument_error for no known layout. O(1).
constexpr bool holds(packing kind, std::int8_t code) {
  const detail::pack_layout layout = detail::layout_of(kind);
  const int m = code < 0 ? -code : code;
  return code >= layout.low && code <= layout.high &&
         (!detail::of_exponents(kind) || (m & (m - 1)) == 0);
}

// The smallest layout that holds every code of a codebook; int8 where no other does. ternary and
// uniform(2): base3; uniform(3): int3; power_of_two(b): exponent3 or exponent4; uniform(4): int4;
// levels of up to 2, 4 and 8 of them, whose codes are indices: base3, int3 and int4.
template <codebook_type Codebook>
  requires std::same_as<typename Codebook::code_type, std::int8_t>
packing packing_of(const Codebook& codebook) {
  for (const packing kind :
       {packing::base3, packing::int3, packing::exponent3, packing::int4, packing::exponent4}) {
    bool all = true;
    for (int k = 0; k < codebook.level_count() && all; ++k) {
      all = holds(kind, codebook.encode(static_cast<double>(codebook.level(k))));
    }
    if (all) return kind;
  }
  return packing::int8;
}

// As it is written in the enumeration. Throws argument_error for no known layout.
inline std::string_view name_of(packing kind) { return detail::layout_of(kind).name; }

}  // namespace LFNC_ABI
}  // namespace lfnc
