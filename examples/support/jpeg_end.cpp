#include "jpeg_end.hpp"

#include <cstddef>

namespace support {

// ITU-T T.81, annex B: a marker is FF and a code other than 00 and FF; FF may be repeated before
// the code. A marker segment says how long it is, so that markers inside it are passed over. Coded
// data follow a start of scan; they hold FF only before 00 or as a restart marker.
bool is_cut_off_jpeg(std::span<const std::uint8_t> bytes) {
  constexpr std::uint8_t mark = 0xFF;
  constexpr std::uint8_t start_of_image = 0xD8;
  constexpr std::uint8_t end_of_image = 0xD9;
  constexpr std::uint8_t temporary = 0x01;
  constexpr std::uint8_t first_restart = 0xD0;
  constexpr std::uint8_t last_restart = 0xD7;
  if (bytes.size() < 2 || bytes[0] != mark || bytes[1] != start_of_image) return false;
  std::size_t at = 2;
  while (at + 1 < bytes.size()) {
    const std::uint8_t code = bytes[at + 1];
    if (bytes[at] != mark || code == mark) {
      ++at;  // coded data, or a mark that is repeated
    } else if (code == end_of_image) {
      return false;
    } else if (code == 0 || code == temporary || (code >= first_restart && code <= last_restart)) {
      at += 2;
    } else {
      if (bytes.size() - at < 4) return true;
      at += 2 + (std::size_t{bytes[at + 2]} << 8U) + bytes[at + 3];
    }
  }
  return true;
}

}  // namespace support
