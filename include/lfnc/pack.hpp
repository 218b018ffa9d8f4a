// lfnc floor 4: pack: codes in 4 bits, 2 bits or base 3, and back.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "exec/cpu/dispatch.hpp"
#include "packing.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// How far a code lies above the lowest one; a byte below that wraps to a large number.
template <packing Kind>
struct height {
  static constexpr int most = layout<Kind>.high - layout<Kind>.low;
  LFNC_INLINE std::uint8_t operator()(std::int8_t code) const {
    return static_cast<std::uint8_t>(code - layout<Kind>.low);
  }
};

// Above `most` where no codes pack to a full byte: in base 3 above 242, the pair 10 in any place.
template <packing Kind>
struct excess {
  static constexpr int most = Kind == packing::base3 ? 242 : 0;
  LFNC_INLINE std::uint8_t operator()(std::uint8_t byte) const {
    if constexpr (Kind == packing::base3) return byte;
    if constexpr (Kind != packing::ternary2) return 0;
    return static_cast<std::uint8_t>(byte & ~(byte << 1) & 0xAA);
  }
};

// Bytes or codes of a loop of a length that the compiler knows, whose results go through memory
// that nothing else is: so -O2 vectorizes it.
inline constexpr std::size_t pack_block = 64;

// The largest measure(list[k]).
template <class T, class Measure>
struct find_largest {
  const T* list;
  std::size_t count;
  std::uint8_t* largest;

  template <int Bytes>
  LFNC_INLINE void run() const {
    constexpr Measure measure;
    const auto larger = [](std::uint8_t a, std::uint8_t b) { return a > b ? a : b; };
    // What was seen lives in memory where the compiler cannot keep it in registers, so it is asked
    // for once in four blocks.
    constexpr std::size_t stretch = 4 * pack_block;
    std::uint8_t seen[pack_block] = {};
    std::size_t k = 0;
    for (; k + stretch <= count; k += stretch) {
      const T* const from = list + k;
      for (std::size_t j = 0; j < pack_block; ++j) {
        const std::uint8_t front = larger(measure(from[j]), measure(from[j + pack_block]));
        const std::uint8_t back =
            larger(measure(from[j + 2 * pack_block]), measure(from[j + 3 * pack_block]));
        seen[j] = larger(seen[j], larger(front, back));
      }
    }
    for (; k < count; ++k) seen[0] = larger(seen[0], measure(list[k]));
    for (std::size_t j = 1; j < pack_block; ++j) seen[0] = larger(seen[0], seen[j]);
    *largest = seen[0];
  }
};

// The first element that measures more than Measure::most, or the size.
template <class Measure, class T>
std::size_t find_above(std::span<const T> list) {
  std::uint8_t largest = 0;
  run_vectors(used_instruction_set(), find_largest<T, Measure>{list.data(), list.size(), &largest});
  if (largest <= Measure::most) return list.size();
  std::size_t k = 0;
  while (Measure{}(list[k]) <= Measure::most) ++k;
  return k;
}

// bytes[j] holds digits 8 / Bits * j and following, of Bits each, the first in the lowest place:
// neighbours are joined, then pairs of them, which vectors can do. digit(i) is digit i.
template <int Bits, std::size_t Count, class Digit>
LFNC_INLINE void join(const Digit& digit, std::uint8_t* bytes) {
  const auto joined = [&](std::size_t j) {
    return static_cast<std::uint8_t>(digit(2 * j) | (digit(2 * j + 1) << Bits));
  };
  if constexpr (Bits == 4) {
    for (std::size_t j = 0; j < Count; ++j) bytes[j] = joined(j);
  } else {
    std::uint8_t pairs[2 * Count];
    for (std::size_t j = 0; j < 2 * Count; ++j) pairs[j] = joined(j);
    join<2 * Bits, Count>([&](std::size_t j) { return pairs[j]; }, bytes);
  }
}

// out[2 j] = value(the lowest Bits of bytes[j]), out[2 j + 1] = value(the rest of it).
template <int Bits, std::size_t Count, class Value, class Out>
LFNC_INLINE void halve(const std::uint8_t* bytes, const Value& value, Out* out) {
  for (std::size_t j = 0; j < Count; ++j) {
    out[2 * j] = static_cast<Out>(value(bytes[j] & ((1 << Bits) - 1)));
    out[2 * j + 1] = static_cast<Out>(value(bytes[j] >> Bits));
  }
}

// The reverse of join: codes[i] = code(digit i).
template <int Bits, std::size_t Count, class Code>
LFNC_INLINE void split(const std::uint8_t* bytes, const Code& code, std::int8_t* codes) {
  if constexpr (Bits == 4) {
    halve<4, Count>(bytes, code, codes);
  } else {
    std::uint8_t pairs[2 * Count];
    halve<4, Count>(bytes, [](int pair) { return pair; }, pairs);
    halve<2, 2 * Count>(pairs, code, codes);
  }
}

// The first `count` codes of a byte.
template <packing Kind>
LFNC_INLINE constexpr void take_codes(int byte, std::size_t count, std::int8_t* codes) {
  for (std::size_t place = 0; place < count; ++place) {
    codes[place] = static_cast<std::int8_t>(take_code<Kind>(byte));
  }
}

// The codes of every byte of base3, five of them in front.
struct base3_codes {
  std::int8_t codes[256][8] = {};
  constexpr base3_codes() {
    for (int byte = 0; byte < 243; ++byte) take_codes<packing::base3>(byte, 5, codes[byte]);
  }
};
inline constexpr base3_codes base3_table{};

// byte_of for base3 where three more codes follow: with the digits d0, d1, ... in the bytes of a
// word, byte 4 of its product with 81 + 27 * 2^8 + 9 * 2^16 + 3 * 2^24 + 2^32 is d0 + 3 d1 + 9 d2 +
// 27 d3 + 81 d4, and no byte below it reaches 256.
LFNC_INLINE std::uint8_t base3_byte(const std::int8_t* codes) {
  if constexpr (std::endian::native != std::endian::little) return byte_of<packing::base3>(codes);
  std::uint64_t digits = 0;
  __builtin_memcpy(&digits, codes, sizeof(digits));
  digits = (digits & 0x0303030303030303U) + 0x0101010101010101U;
  return static_cast<std::uint8_t>(((digits & 0x0303030303030303U) * 0x103091B51U) >> 32);
}

// pack_block full bytes out of their codes.
template <packing Kind>
LFNC_INLINE void pack_one_block(const std::int8_t* codes, std::uint8_t* bytes) {
  constexpr std::size_t per_byte = layout<Kind>.per_byte;
  std::uint8_t out[pack_block];
  if constexpr (Kind == packing::base3) {
    for (std::size_t j = 0; j + 1 < pack_block; ++j) out[j] = base3_byte(codes + j * per_byte);
    out[pack_block - 1] = byte_of<Kind>(codes + (pack_block - 1) * per_byte);
  } else {
    join<8 / per_byte, pack_block>([&](std::size_t j) { return digit_of<Kind>(codes[j]); }, out);
  }
  __builtin_memcpy(bytes, out, pack_block);
}

template <packing Kind>
LFNC_INLINE void unpack_one_block(const std::uint8_t* bytes, std::int8_t* codes) {
  constexpr std::size_t per_byte = layout<Kind>.per_byte;
  if constexpr (Kind == packing::base3) {
    for (std::size_t j = 0; j < pack_block; ++j) {
      __builtin_memcpy(codes + j * per_byte, base3_table.codes[bytes[j]], per_byte);
    }
  } else {
    std::int8_t out[pack_block * per_byte];
    split<8 / per_byte, pack_block>(bytes, [](int digit) { return code_of<Kind>(digit); }, out);
    __builtin_memcpy(codes, out, sizeof(out));
  }
}

// Full bytes out of their codes.
template <packing Kind>
struct pack_bytes {
  const std::int8_t* codes;
  std::uint8_t* bytes;
  std::size_t count;

  template <int Bytes>
  LFNC_INLINE void run() const {
    constexpr std::size_t per_byte = layout<Kind>.per_byte;
    std::size_t b = 0;
    for (; b + pack_block <= count; b += pack_block) {
      pack_one_block<Kind>(codes + b * per_byte, bytes + b);
    }
    for (; b < count; ++b) bytes[b] = byte_of<Kind>(codes + b * per_byte);
  }
};

// The codes of full bytes.
template <packing Kind>
struct unpack_bytes {
  const std::uint8_t* bytes;
  std::int8_t* codes;
  std::size_t count;

  template <int Bytes>
  LFNC_INLINE void run() const {
    constexpr std::size_t per_byte = layout<Kind>.per_byte;
    std::size_t b = 0;
    for (; b + pack_block <= count; b += pack_block) {
      unpack_one_block<Kind>(bytes + b, codes + b * per_byte);
    }
    for (; b < count; ++b) take_codes<Kind>(bytes[b], per_byte, codes + b * per_byte);
  }
};

template <packing Kind>
void pack_all(std::span<const std::int8_t> codes, std::span<std::uint8_t> bytes) {
  constexpr std::size_t per_byte = layout<Kind>.per_byte;
  const std::size_t whole = codes.size() / per_byte;
  run_vectors(used_instruction_set(), pack_bytes<Kind>{codes.data(), bytes.data(), whole});
  if (whole < bytes.size()) {
    std::int8_t last[per_byte] = {};
    std::copy(codes.begin() + static_cast<std::ptrdiff_t>(whole * per_byte), codes.end(), last);
    bytes[whole] = byte_of<Kind>(last);
  }
}

// The first byte that pack never writes, or bytes.size(); `count` codes are wanted.
template <packing Kind>
std::size_t first_malformed(std::span<const std::uint8_t> bytes, std::size_t count) {
  constexpr std::size_t per_byte = layout<Kind>.per_byte;
  const std::size_t bad = find_above<excess<Kind>>(bytes);
  const std::size_t used = count % per_byte;
  if (bad < bytes.size() || used == 0) return bad;
  // In the places left of the last byte there are codes 0.
  int rest = bytes.back();
  for (std::size_t place = 0; place < per_byte; ++place) {
    const int code = take_code<Kind>(rest);
    if (place >= used && code != 0) return bytes.size() - 1;
  }
  return bytes.size();
}

template <packing Kind>
void unpack_all(std::span<const std::uint8_t> bytes, std::span<std::int8_t> codes) {
  constexpr std::size_t per_byte = layout<Kind>.per_byte;
  const std::size_t whole = codes.size() / per_byte;
  run_vectors(used_instruction_set(), unpack_bytes<Kind>{bytes.data(), codes.data(), whole});
  if (whole < bytes.size()) {
    const std::span<std::int8_t> last = codes.subspan(whole * per_byte);
    take_codes<Kind>(bytes[whole], last.size(), last.data());
  }
}

}  // namespace detail

// Packs codes, in order, into exactly packed_size(kind, codes.size()) bytes. Host memory; the two
// do not overlap. Throws argument_error, before anything is written, for another size and for a
// code outside the layout's range (with its index). One pass after one that checks; allocates
// nothing.
inline void pack(packing kind, std::span<const std::int8_t> codes, std::span<std::uint8_t> bytes) {
  const index_t needed = packed_size(kind, static_cast<index_t>(codes.size()));
  detail::require(static_cast<index_t>(bytes.size()) == needed, "bytes", [&] {
    return "holds " + std::to_string(bytes.size()) + " bytes, " + detail::number(needed) +
           " are needed";
  });
  detail::with_packing(kind, [&]<packing Kind>() {
    const std::size_t bad = detail::find_above<detail::height<Kind>>(codes);
    if (bad < codes.size()) {
      detail::refuse("codes", "code " + std::to_string(bad) + " is " + std::to_string(codes[bad]) +
                                  ", the layout holds " + std::to_string(detail::layout<Kind>.low) +
                                  ".." + std::to_string(detail::layout<Kind>.high));
    }
    detail::pack_all<Kind>(codes, bytes);
  });
}

// The reverse. Throws argument_error, before anything is written, where the sizes do not fit or a
// byte holds what pack never writes (base3 above 242, ternary2 a pair 10, anything but codes 0 in
// the places left of the last byte; with its index).
inline void unpack(packing kind, std::span<const std::uint8_t> bytes,
                   std::span<std::int8_t> codes) {
  const index_t needed = packed_size(kind, static_cast<index_t>(codes.size()));
  detail::require(static_cast<index_t>(bytes.size()) == needed, "bytes", [&] {
    return "holds " + std::to_string(bytes.size()) + " bytes, " + detail::number(needed) +
           " are needed";
  });
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
