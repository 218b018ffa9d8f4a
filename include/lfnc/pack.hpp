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

// Back from modulo: the representative in low..high of what a place holds.
constexpr int code_of(const pack_layout& layout, int value) {
  const int code = value - layout.bias;
  return code > layout.high ? code - layout.radix : code;
}

// The layout is a constant in these, so that no division by it is left.
template <packing Kind>
void pack_all(std::span<const std::int8_t> codes, std::span<std::uint8_t> bytes) {
  constexpr pack_layout layout = layout_of(Kind);
  constexpr auto per_byte = static_cast<std::size_t>(layout.per_byte);
  const auto byte_of = [&](std::size_t first, std::size_t count) {
    int byte = 0;
    for (std::size_t place = per_byte; place-- > 0;) {
      const int code = place < count ? codes[first + place] : 0;
      byte = byte * layout.radix + (code + layout.bias + layout.radix) % layout.radix;
    }
    return static_cast<std::uint8_t>(byte);
  };
  const std::size_t whole = codes.size() / per_byte;
  for (std::size_t b = 0; b < whole; ++b) bytes[b] = byte_of(b * per_byte, per_byte);
  if (whole < bytes.size()) {
    bytes[whole] = byte_of(whole * per_byte, codes.size() - whole * per_byte);
  }
}

// The first byte that pack never writes, or bytes.size(); `count` codes are wanted.
template <packing Kind>
std::size_t first_malformed(std::span<const std::uint8_t> bytes, std::size_t count) {
  constexpr pack_layout layout = layout_of(Kind);
  constexpr auto per_byte = static_cast<std::size_t>(layout.per_byte);
  for (std::size_t b = 0; b < bytes.size(); ++b) {
    int rest = bytes[b];
    bool valid = true;
    for (std::size_t place = 0; place < per_byte; ++place) {
      const int code = code_of(layout, rest % layout.radix);
      const bool used = b * per_byte + place < count;
      valid = valid && (used ? code >= layout.low && code <= layout.high : code == 0);
      rest /= layout.radix;
    }
    if (!valid || rest != 0) return b;
  }
  return bytes.size();
}

template <packing Kind>
void unpack_all(std::span<const std::uint8_t> bytes, std::span<std::int8_t> codes) {
  constexpr pack_layout layout = layout_of(Kind);
  constexpr auto per_byte = static_cast<std::size_t>(layout.per_byte);
  const auto spread = [&](std::size_t b, std::size_t count) {
    int rest = bytes[b];
    for (std::size_t place = 0; place < count; ++place) {
      codes[b * per_byte + place] = static_cast<std::int8_t>(code_of(layout, rest % layout.radix));
      rest /= layout.radix;
    }
  };
  const std::size_t whole = codes.size() / per_byte;
  for (std::size_t b = 0; b < whole; ++b) spread(b, per_byte);
  if (whole < bytes.size()) spread(whole, codes.size() - whole * per_byte);
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
  detail::with_packing(kind, [&]<packing Kind>() { detail::pack_all<Kind>(codes, bytes); });
}

// The reverse. Throws argument_error, before anything is written, where the sizes do not fit or a
// byte holds what pack never writes (base3 above 242, ternary2 a pair 10, anything but codes 0 in
// the places left of the last byte; with its index).
inline void unpack(packing kind, std::span<const std::uint8_t> bytes,
                   std::span<std::int8_t> codes) {
  const index_t needed = packed_size(kind, static_cast<index_t>(codes.size()));
  detail::require(static_cast<index_t>(bytes.size()) == needed, "bytes",
                  "holds " + std::to_string(bytes.size()) + " bytes, " + detail::number(needed) +
                      " are needed");
  detail::with_packing(kind, [&]<packing Kind>() {
    const std::size_t bad = detail::first_malformed<Kind>(bytes, codes.size());
    if (bad < bytes.size()) {
      detail::refuse("bytes", "byte " + std::to_string(bad) + " is " + std::to_string(bytes[bad]) +
                                  ", which no codes pack to");
    }
    detail::unpack_all<Kind>(bytes, codes);
  });
}

}  // namespace LFNC_ABI
}  // namespace lfnc
