// Numbers in messages.
#pragma once

#include <charconv>
#include <concepts>
#include <string>

namespace support {

// The fewest digits that give the same number again, in every locale: 1e-30, where std::to_string
// has 0.000000.
template <std::floating_point T>
std::string shortest(T value) {
  char digits[40];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

}  // namespace support
