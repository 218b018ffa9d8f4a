// lfnc floor 4: pack: codes in 4 bits, 2 bits or base 3, and back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "error.hpp"
#include "exec/vectors.hpp"
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

// The reverse: codes[i] = code(digit i).
template <int Bits, std::size_t Count, class Code>
LFNC_INLINE void split(const std::uint8_t* bytes, const Code& code, std::int8_t* codes) {
  if constexpr (Bits == 4) {
    for (std::size_t j = 0; j < Count; ++j) {
      codes[2 * j] = static_cast<std::int8_t>(code(bytes[j] & 15));
      codes[2 * j + 1] = static_cast<std::int8_t>(code(bytes[j] >> 4));
    }
  } else {
    std::uint8_t pairs[2 * Count];
    for (std::size_t j = 0; j < Count; ++j) {
      pairs[2 * j] = bytes[j] & 15;
      pairs[2 * j + 1] = static_cast<std::uint8_t>(bytes[j] >> 4);
    }
    for (std::size_t j = 0; j < 2 * Count; ++j) {
      codes[2 * j] = static_cast<std::int8_t>(code(pairs[j] & 3));
      codes[2 * j + 1] = static_cast<std::int8_t>(code(pairs[j] >> 2));
    }
  }
}

// The codes of every byte of base3, five of them in front.
struct base3_codes {
  std::int8_t codes[256][8] = {};
  constexpr base3_codes() {
    for (int byte = 0; byte < 243; ++byte) {
      int rest = byte;
      for (int place = 0; place < 5; ++place) {
        codes[byte][place] = static_cast<std::int8_t>(take_code<packing::base3>(rest));
      }
    }
  }
};
inline constexpr base3_codes base3_table{};

// pack_block full bytes out of their codes.
template <packing Kind>
LFNC_INLINE void pack_one_block(const std::int8_t* codes, std::uint8_t* bytes) {
  constexpr std::size_t per_byte = layout<Kind>.per_byte;
  std::uint8_t out[pack_block];
  if constexpr (Kind == packing::base3) {
    for (std::size_t j = 0; j < pack_block; ++j) out[j] = byte_of<Kind>(codes + j * per_byte);
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
    split<8 / per_byte, pack_block>(
        bytes, [](int digit) { return code_of<Kind>(digit); }, out);
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
    for (; b < count; ++b) {
      int rest = bytes[b];
      for (std::size_t place = 0; place < per_byte; ++place) {
        codes[b * per_byte + place] = static_cast<std::int8_t>(take_code<Kind>(rest));
      }
    }
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
    int rest = bytes[whole];
    for (std::size_t k = whole * per_byte; k < codes.size(); ++k) {
      codes[k] = static_cast<std::int8_t>(take_code<Kind>(rest));
    }
  }
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
  const index_t needed = packed_size(kind, static_cast<index_t>(codes.size()));
  detail::require(static_cast<index_t>(bytes.size()) == needed, "bytes",
                  "holds " + std::to_string(bytes.size()) + " bytes, " + detail::number(needed) +
                      " are needed");
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
