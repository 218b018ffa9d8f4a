// lfnc floor 4: pack: codes in 4, 3 or 2 bits, as exponents or in base 3, and back.
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

// Above `most` where the layout does not hold a code: how far it lies above the lowest one, where a
// code below that wraps to a large number; of exponents, the bits of its magnitude besides the
// highest, and those beyond the largest power.
template <packing Kind>
struct height {
  static constexpr int most = of_exponents(Kind) ? 0 : layout<Kind>.high - layout<Kind>.low;
  LFNC_INLINE std::uint8_t operator()(std::int8_t code) const {
    if constexpr (of_exponents(Kind)) {
      const std::uint8_t m = magnitude_of(code);
      return static_cast<std::uint8_t>((m & (m - 1)) | (m & ~(2 * layout<Kind>.high - 1)));
    } else {
      return static_cast<std::uint8_t>(code - layout<Kind>.low);
    }
  }
};

// Above `most` where no codes pack to a byte: in base 3 above 242; in ternary2 the pair 10 in any
// place; in exponent4 the nibble 8, a sign without an exponent.
template <packing Kind>
struct excess {
  static constexpr int most = Kind == packing::base3 ? 242 : 0;
  LFNC_INLINE std::uint8_t operator()(std::uint8_t byte) const {
    if constexpr (Kind == packing::base3) return byte;
    if constexpr (Kind == packing::ternary2) {
      return static_cast<std::uint8_t>(byte & ~(byte << 1) & 0xAA);
    }
    if constexpr (Kind == packing::exponent4) {
      return static_cast<std::uint8_t>(byte & ~(byte << 1) & ~(byte << 2) & ~(byte << 3) & 0x88);
    }
    return 0;
  }
};

// The same of three bytes: in exponent3 the sign bits of digits without an exponent.
LFNC_INLINE constexpr int signs_alone(int word) {
  return word & ~(word << 1) & ~(word << 2) & 044444444;
}

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
  if constexpr (Bits == 8) {
    for (std::size_t j = 0; j < Count; ++j) bytes[j] = static_cast<std::uint8_t>(digit(j));
    return;
  }
  const auto joined = [&](std::size_t j) {
    return static_cast<std::uint8_t>(digit(2 * j) | (digit(2 * j + 1) << Bits));
  };
  if constexpr (Bits == 4) {
    for (std::size_t j = 0; j < Count; ++j) bytes[j] = joined(j);
  } else if constexpr (Bits == 2) {
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
  if constexpr (Bits == 8) {
    for (std::size_t j = 0; j < Count; ++j) codes[j] = static_cast<std::int8_t>(code(bytes[j]));
  } else if constexpr (Bits == 4) {
    halve<4, Count>(bytes, code, codes);
  } else {
    std::uint8_t pairs[2 * Count];
    halve<4, Count>(bytes, [](int pair) { return pair; }, pairs);
    halve<2, 2 * Count>(pairs, code, codes);
  }
}

// The first `count` codes of a word.
template <packing Kind>
LFNC_INLINE constexpr void take_codes(int word, std::size_t count, std::int8_t* codes) {
  for (std::size_t place = 0; place < count; ++place) {
    codes[place] = static_cast<std::int8_t>(take_code<Kind>(word));
  }
}

// A word as its first `count` bytes, and back.
LFNC_INLINE void put_bytes(int word, std::size_t count, std::uint8_t* bytes) {
  for (std::size_t b = 0; b < count; ++b) bytes[b] = static_cast<std::uint8_t>(word >> (8 * b));
}
LFNC_INLINE int get_bytes(const std::uint8_t* bytes, std::size_t count) {
  int word = 0;
  for (std::size_t b = 0; b < count; ++b) word |= bytes[b] << (8 * b);
  return word;
}

// The codes of every byte of base3, five of them in front.
struct base3_codes {
  std::int8_t codes[256][8] = {};
  constexpr base3_codes() {
    for (int byte = 0; byte < 243; ++byte) take_codes<packing::base3>(byte, 5, codes[byte]);
  }
};
inline constexpr base3_codes base3_table{};

// word_of for base3 where three more codes follow: with the digits d0, d1, ... in the bytes of a
// word, byte 4 of its product with 81 + 27 * 2^8 + 9 * 2^16 + 3 * 2^24 + 2^32 is d0 + 3 d1 + 9 d2 +
// 27 d3 + 81 d4, and no byte below it reaches 256.
LFNC_INLINE std::uint8_t base3_byte(const std::int8_t* codes) {
  if constexpr (std::endian::native != std::endian::little) {
    return static_cast<std::uint8_t>(word_of<packing::base3>(codes));
  }
  std::uint64_t digits = 0;
  __builtin_memcpy(&digits, codes, sizeof(digits));
  digits = (digits & 0x0303030303030303U) + 0x0101010101010101U;
  return static_cast<std::uint8_t>(((digits & 0x0303030303030303U) * 0x103091B51U) >> 32);
}

// Eight digits of 3 bits, a byte each, as the 24 bits that they take, and back.
LFNC_INLINE constexpr std::uint64_t squeeze(std::uint64_t digits) {
  digits = (digits | (digits >> 5)) & 0x003F003F003F003FU;
  digits = (digits | (digits >> 10)) & 0x00000FFF00000FFFU;
  return (digits | (digits >> 20)) & 0xFFFFFFU;
}
LFNC_INLINE constexpr std::uint64_t spread(std::uint64_t word) {
  word = (word | (word << 20)) & 0x00000FFF00000FFFU;
  word = (word | (word << 10)) & 0x003F003F003F003FU;
  return (word | (word << 5)) & 0x0707070707070707U;
}

// pack_block full words out of their codes.
template <packing Kind>
LFNC_INLINE void pack_one_block(const std::int8_t* codes, std::uint8_t* bytes) {
  constexpr std::size_t each = layout<Kind>.codes;
  if constexpr (Kind == packing::base3) {
    std::uint8_t out[pack_block];
    for (std::size_t j = 0; j + 1 < pack_block; ++j) out[j] = base3_byte(codes + j * each);
    put_bytes(word_of<Kind>(codes + (pack_block - 1) * each), 1, out + pack_block - 1);
    __builtin_memcpy(bytes, out, pack_block);
  } else if constexpr (layout<Kind>.bytes == 3) {
    std::uint8_t digits[pack_block * each];
    join<8, pack_block * each>([&](std::size_t k) { return digit_of<Kind>(codes[k]); }, digits);
    for (std::size_t j = 0; j < pack_block; ++j) {
      std::uint64_t word = 0;
      __builtin_memcpy(&word, digits + j * each, sizeof(word));
      put_bytes(static_cast<int>(squeeze(word)), 3, bytes + 3 * j);
    }
  } else {
    std::uint8_t out[pack_block];
    join<8 / each, pack_block>([&](std::size_t j) { return digit_of<Kind>(codes[j]); }, out);
    __builtin_memcpy(bytes, out, pack_block);
  }
}

template <packing Kind>
LFNC_INLINE void unpack_one_block(const std::uint8_t* bytes, std::int8_t* codes) {
  constexpr std::size_t each = layout<Kind>.codes;
  const auto code = [](int digit) { return code_of<Kind>(digit); };
  if constexpr (Kind == packing::base3) {
    for (std::size_t j = 0; j < pack_block; ++j) {
      __builtin_memcpy(codes + j * each, base3_table.codes[bytes[j]], each);
    }
  } else {
    std::int8_t out[pack_block * each];
    if constexpr (layout<Kind>.bytes == 3) {
      std::uint8_t digits[pack_block * each];
      for (std::size_t j = 0; j < pack_block; ++j) {
        const std::uint64_t word = spread(static_cast<std::uint64_t>(get_bytes(bytes + 3 * j, 3)));
        __builtin_memcpy(digits + j * each, &word, sizeof(word));
      }
      split<8, pack_block * each>(digits, code, out);
    } else {
      split<8 / each, pack_block>(bytes, code, out);
    }
    __builtin_memcpy(codes, out, sizeof(out));
  }
}

// `words` full words out of their codes.
template <packing Kind>
struct pack_words {
  const std::int8_t* codes;
  std::uint8_t* bytes;
  std::size_t words;

  template <int Bytes>
  LFNC_INLINE void run() const {
    constexpr std::size_t each = layout<Kind>.codes;
    constexpr std::size_t size = layout<Kind>.bytes;
    std::size_t k = 0;
    // Words of several bytes are put together as the machine's own lie in memory.
    if constexpr (size == 1 || std::endian::native == std::endian::little) {
      for (; k + pack_block <= words; k += pack_block) {
        pack_one_block<Kind>(codes + k * each, bytes + k * size);
      }
    }
    for (; k < words; ++k) put_bytes(word_of<Kind>(codes + k * each), size, bytes + k * size);
  }
};

// The codes of full words.
template <packing Kind>
struct unpack_words {
  const std::uint8_t* bytes;
  std::int8_t* codes;
  std::size_t words;

  template <int Bytes>
  LFNC_INLINE void run() const {
    constexpr std::size_t each = layout<Kind>.codes;
    constexpr std::size_t size = layout<Kind>.bytes;
    std::size_t k = 0;
    if constexpr (size == 1 || std::endian::native == std::endian::little) {
      for (; k + pack_block <= words; k += pack_block) {
        unpack_one_block<Kind>(bytes + k * size, codes + k * each);
      }
    }
    for (; k < words; ++k) {
      take_codes<Kind>(get_bytes(bytes + k * size, size), each, codes + k * each);
    }
  }
};

template <packing Kind>
void pack_all(std::span<const std::int8_t> codes, std::span<std::uint8_t> bytes) {
  constexpr std::size_t each = layout<Kind>.codes;
  const std::size_t words = codes.size() / each;
  run_vectors(used_instruction_set(), pack_words<Kind>{codes.data(), bytes.data(), words});
  const std::span<std::uint8_t> last = bytes.subspan(words * layout<Kind>.bytes);
  if (!last.empty()) {
    std::int8_t left[each] = {};
    std::copy(codes.begin() + static_cast<std::ptrdiff_t>(words * each), codes.end(), left);
    put_bytes(word_of<Kind>(left), last.size(), last.data());
  }
}

// The first byte that pack never writes, or bytes.size(); `count` codes are wanted.
template <packing Kind>
std::size_t first_malformed(std::span<const std::uint8_t> bytes, std::size_t count) {
  constexpr std::size_t each = layout<Kind>.codes;
  constexpr std::size_t size = layout<Kind>.bytes;
  if constexpr (Kind == packing::exponent3) {
    for (std::size_t first = 0; first < bytes.size(); first += size) {
      const int word = get_bytes(bytes.data() + first, std::min(size, bytes.size() - first));
      if (const int bad = signs_alone(word); bad != 0) {
        return first + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(bad))) / 8;
      }
    }
  } else {
    const std::size_t bad = find_above<excess<Kind>>(bytes);
    if (bad < bytes.size()) return bad;
  }
  const std::size_t used = count % each;
  if (used == 0) return bytes.size();
  // In the places left of the last word, which its last byte has all of, there are codes 0.
  const std::span<const std::uint8_t> last = bytes.subspan(count / each * size);
  int rest = get_bytes(last.data(), last.size());
  for (std::size_t place = 0; place < each; ++place) {
    const int code = take_code<Kind>(rest);
    if (place >= used && code != 0) return bytes.size() - 1;
  }
  return bytes.size();
}

template <packing Kind>
void unpack_all(std::span<const std::uint8_t> bytes, std::span<std::int8_t> codes) {
  constexpr std::size_t each = layout<Kind>.codes;
  const std::size_t words = codes.size() / each;
  run_vectors(used_instruction_set(), unpack_words<Kind>{bytes.data(), codes.data(), words});
  const std::span<const std::uint8_t> last = bytes.subspan(words * layout<Kind>.bytes);
  if (!last.empty()) {
    const std::span<std::int8_t> left = codes.subspan(words * each);
    take_codes<Kind>(get_bytes(last.data(), last.size()), left.size(), left.data());
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
    return detail::sentence({"holds ", bytes.size(), " bytes, ", needed, " are needed"});
  });
  detail::with_packing(kind, [&]<packing Kind>() {
    const std::size_t bad = detail::find_above<detail::height<Kind>>(codes);
    if (bad < codes.size()) {
      const std::string held = detail::of_exponents(Kind) ? "0 and powers of two in " : "";
      detail::refuse("codes", "code " + std::to_string(bad) + " is " + std::to_string(codes[bad]) +
                                  ", the layout holds " + held +
                                  std::to_string(detail::layout<Kind>.low) + ".." +
                                  std::to_string(detail::layout<Kind>.high));
    }
    detail::pack_all<Kind>(codes, bytes);
  });
}

// The reverse. Throws argument_error, before anything is written, where the sizes do not fit or a
// byte holds what pack never writes (base3 above 242, ternary2 a pair 10, a sign without an
// exponent, anything but codes 0 in the places left of the last byte; with its index).
inline void unpack(packing kind, std::span<const std::uint8_t> bytes,
                   std::span<std::int8_t> codes) {
  const index_t needed = packed_size(kind, static_cast<index_t>(codes.size()));
  detail::require(static_cast<index_t>(bytes.size()) == needed, "bytes", [&] {
    return detail::sentence({"holds ", bytes.size(), " bytes, ", needed, " are needed"});
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
