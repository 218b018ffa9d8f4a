// lfnc floor 1: packing: storage layouts of codes: their digits, their bytes, their size.
#pragma once

#include <cstddef>
#include <cstdint>

#include "error.hpp"
#include "scalar.hpp"

namespace lfnc {

// A storage layout: `per_byte` codes in low..high share a byte, the first code in its lowest place.
// A last byte that is not full holds codes 0 in the places left (value 8 for int4_offset8, 1 a
// digit for base3), so equal codes give equal bytes.
enum class packing {
  int4,          // two's complement nibbles, -8..7: ONNX INT4
  int4_offset8,  // nibbles holding code + 8, -8..7
  ternary2,      // two's complement pairs of bits, -1..1
  base3,         // five base-3 digits code + 1 in a byte, -1..1: 1.6 bits a code
};

inline namespace LFNC_ABI {
namespace detail {

// A place holds a digit: of a code in two's complement its lowest bits ^ flip, in base 3 code + 1.
struct pack_layout {
  int per_byte;
  int radix;  // values a place can hold
  int flip;
  int low;
  int high;
};

constexpr pack_layout layout_of(packing kind) {
  switch (kind) {
    case packing::int4:
      return {2, 16, 0, -8, 7};
    case packing::int4_offset8:
      return {2, 16, 8, -8, 7};
    case packing::ternary2:
      return {4, 4, 0, -1, 1};
    case packing::base3:
      return {5, 3, 0, -1, 1};
  }
  refuse("packing", "is no known layout");
}

// The layout is a constant in what follows, so that no division by it is left.
template <packing Kind>
inline constexpr pack_layout layout = layout_of(Kind);

template <packing Kind>
LFNC_INLINE constexpr int digit_of(std::int8_t code) {
  if (Kind == packing::base3) return code + 1;
  return (code & (layout<Kind>.radix - 1)) ^ layout<Kind>.flip;
}

template <packing Kind>
LFNC_INLINE constexpr int code_of(int digit) {
  if (Kind == packing::base3) return digit - 1;
  constexpr int sign = layout<Kind>.radix / 2;
  return (digit ^ layout<Kind>.flip ^ sign) - sign;
}

// The byte of as many codes as it holds.
template <packing Kind>
LFNC_INLINE std::uint8_t byte_of(const std::int8_t* codes) {
  int byte = 0;
  for (int place = layout<Kind>.per_byte; place-- > 0;) {
    byte = byte * layout<Kind>.radix + digit_of<Kind>(codes[place]);
  }
  return static_cast<std::uint8_t>(byte);
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
  }
  refuse("packing", "is no known layout");
}

}  // namespace detail

// Bytes that `count` codes take. Throws argument_error for a negative count. O(1).
inline index_t packed_size(packing kind, index_t count) {
  detail::require(count >= 0, "count", [&] { return detail::number(count) + " is negative"; });
  const index_t per_byte = detail::layout_of(kind).per_byte;
  return count / per_byte + (count % per_byte != 0 ? 1 : 0);
}

}  // namespace LFNC_ABI
}  // namespace lfnc
