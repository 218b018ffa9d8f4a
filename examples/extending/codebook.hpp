// A codebook: one bit a weight, -1 or +1. What each member means: lfnc::codebook_type.
#pragma once

#include <cstdint>
#include <lfnc/codebook.hpp>

struct signs {
  using code_type = std::int8_t;  // what the engine stores

  template <std::floating_point T>
  LFNC_HD constexpr code_type encode(T x) const {
    return x > 0 ? 1 : -1;  // a tie goes down; NaN is not above 0, and takes the lowest code
  }
  LFNC_HD constexpr double decode(code_type code) const { return code; }
  LFNC_HD constexpr int level_count() const { return 2; }
  LFNC_HD constexpr double level(int index) const { return 2 * index - 1; }
  LFNC_HD constexpr bool nearest() const { return true; }    // encode() cuts midway
  LFNC_HD constexpr bool symmetric() const { return true; }  // -l is a level where l is
  static constexpr int bits() { return 1; }
  static const char* name() { return "signs"; }
};
static_assert(lfnc::codebook_type<signs>);
