#include <lfnc/pack.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/check.hpp"
#include "support/instruction_sets.hpp"
#include "support/random.hpp"

using lfnc::packing;

namespace {

struct layout {
  packing kind;
  int codes;  // that share
  int bytes;
  int bits;  // of a digit; 0: base 3
  int low;
  int high;
};
constexpr layout layouts[] = {
    {packing::int4, 2, 1, 4, -8, 7},        {packing::int4_offset8, 2, 1, 4, -8, 7},
    {packing::ternary2, 4, 1, 2, -1, 1},    {packing::base3, 5, 1, 0, -1, 1},
    {packing::int3, 8, 3, 3, -4, 3},        {packing::exponent3, 8, 3, 3, -4, 4},
    {packing::exponent4, 2, 1, 4, -64, 64}, {packing::int8, 1, 1, 8, -128, 127}};

bool of_exponents(const layout& l) {
  return l.kind == packing::exponent3 || l.kind == packing::exponent4;
}

// All codes that a layout holds, in ascending order.
std::vector<std::int8_t> codes_of(const layout& l) {
  std::vector<std::int8_t> all;
  for (int code = l.low; code <= l.high; ++code) {
    const int m = std::abs(code);
    if (of_exponents(l) && m != 0 && m != 1 && m != 2 && m != 4 && m != 8 && m != 16 && m != 32 &&
        m != 64) {
      continue;
    }
    all.push_back(static_cast<std::int8_t>(code));
  }
  return all;
}

int digit_of(const layout& l, int code) {
  if (l.kind == packing::base3) return code + 1;
  if (l.kind == packing::int4_offset8) return code + 8;
  if (of_exponents(l)) {
    int exponent = 0;
    for (int m = std::abs(code); m != 0; m /= 2) ++exponent;
    return exponent + (code < 0 ? 1 << (l.bits - 1) : 0);
  }
  return code < 0 ? code + (1 << l.bits) : code;
}

// Some that a layout does not hold.
std::vector<int> codes_beyond(const layout& l) {
  std::vector<int> some;
  const std::vector<std::int8_t> all = codes_of(l);
  for (const int code : {l.low - 1, l.high + 1, l.high - 1, -3, 5, 127, -127, -128}) {
    if (code >= -128 && code <= 127 && std::find(all.begin(), all.end(), code) == all.end()) {
      some.push_back(code);
    }
  }
  return some;
}

// Bit by bit, as packing.hpp describes it.
std::vector<std::uint8_t> reference(const layout& l, const std::vector<std::int8_t>& codes) {
  std::vector<std::uint8_t> bytes;
  if (l.bits == 0) {
    for (std::size_t first = 0; first < codes.size(); first += 5) {
      int byte = 0;
      for (std::size_t k = first + 5; k-- > first;) {
        byte = 3 * byte + digit_of(l, k < codes.size() ? codes[k] : 0);
      }
      bytes.push_back(static_cast<std::uint8_t>(byte));
    }
    return bytes;
  }
  const auto bits = static_cast<std::size_t>(l.bits);
  bytes.resize((codes.size() * bits + 7) / 8);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    // What is left of a word holds code 0; of 3 bits that is 0 as well.
    const int code = bit / bits < codes.size() ? codes[bit / bits] : 0;
    bytes[bit / 8] = static_cast<std::uint8_t>(
        bytes[bit / 8] | (((digit_of(l, code) >> (bit % bits)) & 1) << (bit % 8)));
  }
  return bytes;
}

std::vector<std::uint8_t> packed(packing kind, const std::vector<std::int8_t>& codes) {
  std::vector<std::uint8_t> bytes(
      static_cast<std::size_t>(lfnc::packed_size(kind, static_cast<lfnc::index_t>(codes.size()))));
  lfnc::pack(kind, codes, bytes);
  return bytes;
}

std::vector<std::int8_t> unpacked(packing kind, const std::vector<std::uint8_t>& bytes,
                                  std::size_t count) {
  std::vector<std::int8_t> codes(count, 99);
  lfnc::unpack(kind, bytes, codes);
  return codes;
}

}  // namespace

TEST_CASE("int4 is ONNX's INT4: two's complement, low nibble first, zero in the tail") {
  CHECK(packed(packing::int4, {1, -2, 7, -8, 3}) == std::vector<std::uint8_t>{0xE1, 0x87, 0x03});
  CHECK(unpacked(packing::int4, {0xE1, 0x87, 0x03}, 5) ==
        std::vector<std::int8_t>{1, -2, 7, -8, 3});
}

TEST_CASE("the other layouts, by hand") {
  CHECK(packed(packing::int4_offset8, {-8, 7, 0}) == std::vector<std::uint8_t>{0xF0, 0x88});
  CHECK(packed(packing::ternary2, {1, -1, 0, 1, -1}) == std::vector<std::uint8_t>{0x4D, 0x03});
  // Digits 2 0 1 1 1: 2 + 0 * 3 + 1 * 9 + 1 * 27 + 1 * 81.
  CHECK(packed(packing::base3, {1, -1}) == std::vector<std::uint8_t>{119});
  CHECK(packed(packing::base3, {1, 1, 1, 1, 1, -1}) == std::vector<std::uint8_t>{242, 120});
  // 101 110 010 000 100 011 111 001, the first code at the right.
  CHECK(packed(packing::int3, {1, -1, 3, -4, 0, 2, -2, -3}) ==
        std::vector<std::uint8_t>{0b11111001, 0b00001000, 0b10111001});
  // 1 is 001, -1 101, 4 011, -4 111, 0 000, 2 010, -2 110.
  CHECK(packed(packing::exponent3, {1, -1, 4, -4}) ==
        std::vector<std::uint8_t>{0b11101001, 0b1110});
  CHECK(packed(packing::exponent4, {1, -1, 64, -64, 0, 2, -8}) ==
        std::vector<std::uint8_t>{0x91, 0xF7, 0x20, 0x0C});
  CHECK(packed(packing::int8, {1, -1, -128}) == std::vector<std::uint8_t>{1, 255, 128});
}

TEST_CASE(
    "every size, any codes: as the reference packs them, and back, on every instruction set") {
  generator random(20);
  for (const layout& l : layouts) {
    CAPTURE(static_cast<int>(l.kind));
    const std::vector<std::int8_t> all = codes_of(l);
    std::vector<std::size_t> sizes;
    for (std::size_t size = 0; size <= 100; ++size) sizes.push_back(size);
    for (int k = 0; k < 12; ++k)
      sizes.push_back(101 + static_cast<std::size_t>(random.below(3000)));
    for (const std::size_t size : sizes) {
      CAPTURE(size);
      std::vector<std::int8_t> codes(size);
      for (std::int8_t& code : codes) {
        code = all[static_cast<std::size_t>(random.below(static_cast<int>(all.size())))];
      }
      const auto expected = reference(l, codes);
      for_each_instruction_set([&](lfnc::instruction_set) {
        CHECK(packed(l.kind, codes) == expected);
        CHECK(unpacked(l.kind, expected, size) == codes);
      });
    }
  }
}

TEST_CASE("any bytes: unpacked to codes that pack to them, or refused with nothing written") {
  generator random(21);
  for (const layout& l : layouts) {
    CAPTURE(static_cast<int>(l.kind));
    int taken = 0;
    for (int round = 0; round < 3000; ++round) {
      const auto size = static_cast<std::size_t>(random.below(20));
      std::vector<std::uint8_t> bytes(
          static_cast<std::size_t>(lfnc::packed_size(l.kind, static_cast<lfnc::index_t>(size))));
      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.below(256));
      std::vector<std::int8_t> codes(size, 99);
      try {
        lfnc::unpack(l.kind, bytes, codes);
      } catch (const lfnc::argument_error&) {
        CHECK(codes == std::vector<std::int8_t>(size, 99));
        continue;
      }
      ++taken;
      CHECK(reference(l, codes) == bytes);
    }
    CHECK(taken > 100);
  }
}

TEST_CASE("all codes of every length up to two bytes come back, and bytes have one meaning") {
  for (const layout& l : layouts) {
    CAPTURE(static_cast<int>(l.kind));
    const std::vector<std::int8_t> all = codes_of(l);
    for (int count = 0; std::pow(all.size(), count) <= 66000; ++count) {
      std::vector<std::size_t> place(static_cast<std::size_t>(count));
      std::vector<std::int8_t> codes(static_cast<std::size_t>(count), all[0]);
      std::vector<bool> used(65536);
      int wrong = 0;
      while (true) {
        const auto bytes = packed(l.kind, codes);
        wrong += unpacked(l.kind, bytes, codes.size()) != codes;
        if (bytes.size() <= 2) {
          std::size_t word = 0;
          for (const std::uint8_t byte : bytes) word = word * 256 + byte;
          wrong += used[word];
          used[word] = true;
        }
        std::size_t k = 0;
        while (k < codes.size() && ++place[k] == all.size()) place[k++] = 0;
        if (k == codes.size()) break;
        for (std::size_t j = 0; j <= k; ++j) codes[j] = all[place[j]];
      }
      CHECK(wrong == 0);
      // Every other single byte is refused.
      if (lfnc::packed_size(l.kind, count) == 1) {
        for (int byte = 0; byte < 256; ++byte) {
          const std::vector<std::uint8_t> one{static_cast<std::uint8_t>(byte)};
          if (used[static_cast<std::size_t>(byte)]) {
            CHECK_NOTHROW(unpacked(l.kind, one, codes.size()));
          } else {
            CHECK_REFUSED(unpacked(l.kind, one, codes.size()), "bytes: byte 0 is ");
          }
        }
      }
    }
  }
}

TEST_CASE("long rows with every tail") {
  for (const layout& l : layouts) {
    const std::vector<std::int8_t> all = codes_of(l);
    for (std::size_t count = 990; count <= 1000; ++count) {
      std::vector<std::int8_t> codes(count);
      for (std::size_t k = 0; k < count; ++k) codes[k] = all[(k * k + k / 7) % all.size()];
      const auto expected = reference(l, codes);
      for_each_instruction_set([&](lfnc::instruction_set set) {
        CAPTURE(static_cast<int>(set));
        CHECK(packed(l.kind, codes) == expected);
        CHECK(unpacked(l.kind, expected, count) == codes);
      });
    }
  }
}

TEST_CASE("codes out of range are refused before a byte is written") {
  for (const layout& l : layouts) {
    for (const int bad : codes_beyond(l)) {
      std::vector<std::int8_t> codes(7);
      codes[5] = static_cast<std::int8_t>(bad);
      std::vector<std::uint8_t> bytes(static_cast<std::size_t>(lfnc::packed_size(l.kind, 7)), 77);
      CHECK_REFUSED(lfnc::pack(l.kind, codes, bytes),
                    "codes: code 5 is " + std::to_string(bad) + ", the layout holds");
      CHECK(bytes == std::vector<std::uint8_t>(bytes.size(), 77));
    }
  }
}

TEST_CASE("wherever it stands in a long row, what is out of range is named and nothing written") {
  for (const layout& l : layouts) {
    for (std::size_t at = 0; at < 700; at += 43) {
      for (const int bad : codes_beyond(l)) {
        std::vector<std::int8_t> codes(700);
        codes[at] = static_cast<std::int8_t>(bad);
        std::vector<std::uint8_t> bytes(static_cast<std::size_t>(lfnc::packed_size(l.kind, 700)),
                                        77);
        for_each_instruction_set([&](lfnc::instruction_set) {
          CHECK_REFUSED(lfnc::pack(l.kind, codes, bytes),
                        "codes: code " + std::to_string(at) + " is " + std::to_string(bad));
          CHECK(bytes == std::vector<std::uint8_t>(bytes.size(), 77));
        });
      }
    }
  }
  for (std::size_t at = 0; at < 700; at += 43) {
    std::vector<std::uint8_t> bytes(700, 5);
    bytes[at] = 0x82;  // a pair 10; 130 in base 3
    std::vector<std::int8_t> codes(2800, 99);
    CHECK_REFUSED(lfnc::unpack(packing::ternary2, bytes, codes),
                  "bytes: byte " + std::to_string(at) + " is 130");
    bytes[at] = 243;
    codes.resize(3500, 99);
    CHECK_REFUSED(lfnc::unpack(packing::base3, bytes, codes),
                  "bytes: byte " + std::to_string(at) + " is 243");
    CHECK(codes == std::vector<std::int8_t>(3500, 99));
    bytes[at] = 0x80;
    codes.resize(1400, 99);
    CHECK_REFUSED(lfnc::unpack(packing::exponent4, bytes, codes),
                  "bytes: byte " + std::to_string(at) + " is 128");
    CHECK(codes == std::vector<std::int8_t>(1400, 99));
  }
  // The sign bits of three bytes' digits: 2, 5, 8, ..., 23.
  for (std::size_t sign = 2; sign < 24; sign += 3) {
    std::vector<std::uint8_t> bytes(699);
    bytes[300 + sign / 8] = static_cast<std::uint8_t>(1U << (sign % 8));
    std::vector<std::int8_t> codes(1864, 99);
    CHECK_REFUSED(lfnc::unpack(packing::exponent3, bytes, codes),
                  "bytes: byte " + std::to_string(300 + sign / 8) + " is ");
    CHECK(codes == std::vector<std::int8_t>(1864, 99));
  }
}

TEST_CASE("buffers of another size are refused") {
  std::vector<std::int8_t> codes(5);
  std::vector<std::uint8_t> bytes(2);
  CHECK_REFUSED(lfnc::pack(packing::int4, codes, bytes), "bytes: holds 2 bytes, 3 are needed");
  CHECK_REFUSED(lfnc::unpack(packing::int4, bytes, codes), "bytes: holds 2 bytes, 3 are needed");
}

TEST_CASE("bytes that pack never writes are refused, before a code is written") {
  const auto refused = [](packing kind, std::vector<std::uint8_t> bytes, std::size_t count,
                          const char* part) {
    std::vector<std::int8_t> codes(count, 99);
    CHECK_REFUSED(lfnc::unpack(kind, bytes, codes), part);
    CHECK(codes == std::vector<std::int8_t>(count, 99));
  };
  refused(packing::base3, {0, 243}, 10, "bytes: byte 1 is 243");
  refused(packing::ternary2, {0, 0, 0x08}, 12, "bytes: byte 2 is 8");
  refused(packing::int4, {0, 0x10}, 3, "bytes: byte 1 is 16");
  refused(packing::int4_offset8, {0x88, 0x08}, 3, "bytes: byte 1 is 8");
  refused(packing::ternary2, {0x40}, 3, "bytes: byte 0 is 64");
  refused(packing::base3, {0}, 4, "bytes: byte 0 is 0");
  refused(packing::int3, {0, 0, 0, 0, 0x02}, 11, "bytes: byte 4 is 2");
  refused(packing::exponent3, {0, 0, 0, 0x20}, 10, "bytes: byte 3 is 32");
  refused(packing::exponent3, {0x40}, 2, "bytes: byte 0 is 64");
  refused(packing::exponent4, {0, 0x08}, 4, "bytes: byte 1 is 8");
  refused(packing::exponent4, {0x30}, 1, "bytes: byte 0 is 48");
}
