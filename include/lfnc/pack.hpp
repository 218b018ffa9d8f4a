// lfnc floor 1: pack: codes in 4 bits, 2 bits or base 3, and back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

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

struct pack_layout {
  int per_byte;
  int radix;  // values a place can hold
  int bias;   // added to a code before it is stored, modulo radix
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
      return {5, 3, 1, -1, 1};
  }
  refuse("packing", "is no known layout");
}

}  // namespace detail

// Bytes that `count` codes take. Throws argument_error for a negative count. O(1).
inline index_t packed_size(packing kind, index_t count) {
  detail::require(count >= 0, "count", detail::number(count) + " is negative");
  const index_t per_byte = detail::layout_of(kind).per_byte;
  return count / per_byte + (count % per_byte != 0 ? 1 : 0);
}

// Packs codes, in order, into exactly packed_size(kind, codes.size()) bytes. Host memory; the two
// do not overlap. Throws argument_error, before anything is written, for another size and for a
// code outside the layout's range (with its index). One pass after one that checks; allocates
// nothing.
inline void pack(packing kind, std::span<const std::int8_t> codes, std::span<std::uint8_t> bytes) {
  const detail::pack_layout layout = detail::layout_of(kind);
  const index_t needed = packed_size(kind, static_cast<index_t>(codes.size()));
  detail::require(static_cast<index_t>(bytes.size()) == needed, "bytes",
                  "holds " + std::to_string(bytes.size()) + " bytes, " + detail::number(needed) +
                      " are needed");
  for (std::size_t k = 0; k < codes.size(); ++k) {
    if (codes[k] < layout.low || codes[k] > layout.high) {
      detail::refuse("codes", "code " + std::to_string(k) + " is " + std::to_string(codes[k]) +
                                  ", the layout holds " + std::to_string(layout.low) + ".." +
                                  std::to_string(layout.high));
    }
  }
  const auto per_byte = static_cast<std::size_t>(layout.per_byte);
  for (std::size_t b = 0; b < bytes.size(); ++b) {
    int byte = 0;
    for (std::size_t place = per_byte; place-- > 0;) {
      const std::size_t k = b * per_byte + place;
      const int code = k < codes.size() ? codes[k] : 0;
      byte = byte * layout.radix + (code + layout.bias + layout.radix) % layout.radix;
    }
    bytes[b] = static_cast<std::uint8_t>(byte);
  }
}

// The reverse. Throws argument_error, before anything is written, where the sizes do not fit or a
// byte holds what pack never writes (base3 above 242, ternary2 a pair 10; with its index).
inline void unpack(packing kind, std::span<const std::uint8_t> bytes,
                   std::span<std::int8_t> codes) {
  const detail::pack_layout layout = detail::layout_of(kind);
  const index_t needed = packed_size(kind, static_cast<index_t>(codes.size()));
  detail::require(static_cast<index_t>(bytes.size()) == needed, "bytes",
                  "holds " + std::to_string(bytes.size()) + " bytes, " + detail::number(needed) +
                      " are needed");
  const auto per_byte = static_cast<std::size_t>(layout.per_byte);
  const auto decode = [&layout](int value) {
    // Back from modulo: the representative in low..high.
    const int code = value - layout.bias;
    return code > layout.high ? code - layout.radix : code;
  };
  for (std::size_t b = 0; b < bytes.size(); ++b) {
    int rest = bytes[b];
    bool valid = true;
    for (std::size_t place = 0; place < per_byte; ++place) {
      const int code = decode(rest % layout.radix);
      valid = valid && code >= layout.low && code <= layout.high;
      rest /= layout.radix;
    }
    detail::require(valid && rest == 0, "bytes",
                    "byte " + std::to_string(b) + " is " + std::to_string(bytes[b]) +
                        ", which no codes pack to");
  }
  for (std::size_t k = 0; k < codes.size(); ++k) {
    int rest = bytes[k / per_byte];
    for (std::size_t place = k % per_byte; place > 0; --place) rest /= layout.radix;
    codes[k] = static_cast<std::int8_t>(decode(rest % layout.radix));
  }
}

}  // namespace LFNC_ABI
}  // namespace lfnc
