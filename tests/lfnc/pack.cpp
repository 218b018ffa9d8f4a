#include <lfnc/pack.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "support/check.hpp"
#include "support/instruction_sets.hpp"

using lfnc::packing;

namespace {

struct layout {
  packing kind;
  int per_byte;
  int low;
  int high;
};
constexpr layout layouts[] = {{packing::int4, 2, -8, 7},
                              {packing::int4_offset8, 2, -8, 7},
                              {packing::ternary2, 4, -1, 1},
                              {packing::base3, 5, -1, 1}};

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
}

TEST_CASE("all codes of every length up to two bytes come back, and bytes have one meaning") {
  for (const layout& l : layouts) {
    CAPTURE(static_cast<int>(l.kind));
    const int values = l.high - l.low + 1;
    for (int count = 0; count <= (values == 3 ? 2 * l.per_byte : 3); ++count) {
      std::vector<std::int8_t> codes(static_cast<std::size_t>(count),
                                     static_cast<std::int8_t>(l.low));
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
        while (k < codes.size() && codes[k] == l.high) codes[k++] = static_cast<std::int8_t>(l.low);
        if (k == codes.size()) break;
        ++codes[k];
      }
      CHECK(wrong == 0);
      // Every other single byte is refused.
      if (count > 0 && count <= l.per_byte) {
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
    for (std::size_t count = 990; count <= 1000; ++count) {
      std::vector<std::int8_t> codes(count);
      for (std::size_t k = 0; k < count; ++k) {
        codes[k] = static_cast<std::int8_t>(
            l.low +
            static_cast<int>((k * k + k / 7) % static_cast<std::size_t>(l.high - l.low + 1)));
      }
      for_each_instruction_set([&](lfnc::instruction_set set) {
        CAPTURE(static_cast<int>(set));
        const auto bytes = packed(l.kind, codes);
        CHECK(bytes.size() == (count + static_cast<std::size_t>(l.per_byte) - 1) /
                                  static_cast<std::size_t>(l.per_byte));
        CHECK(unpacked(l.kind, bytes, count) == codes);
        // Every byte is that of its codes alone.
        for (std::size_t b = 0; b < bytes.size(); ++b) {
          const std::size_t first = b * static_cast<std::size_t>(l.per_byte);
          const std::size_t end = std::min(count, first + static_cast<std::size_t>(l.per_byte));
          const std::vector<std::int8_t> few(codes.begin() + static_cast<std::ptrdiff_t>(first),
                                             codes.begin() + static_cast<std::ptrdiff_t>(end));
          CHECK(packed(l.kind, few) == std::vector<std::uint8_t>{bytes[b]});
        }
      });
    }
  }
}

TEST_CASE("codes out of range are refused before a byte is written") {
  for (const layout& l : layouts) {
    for (const int bad : {l.low - 1, l.high + 1, 127, -128}) {
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
      for (const int bad : {l.low - 1, l.high + 1}) {
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
}
