// Pseudo-random numbers that are the same on every platform and with every compiler.
#pragma once

#include <cstdint>

#include "../support/splitmix64.hpp"

namespace drawn {

class random {
 public:
  explicit random(std::uint64_t seed) : bits_{seed} {}

  // 64 bits, each equally likely 0 or 1.
  std::uint64_t bits() { return bits_(); }

  // An integer in [low, high], both included; high - low < 2^32. The bias of the multiply-shift is
  // below (high - low) / 2^32.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto width = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(((bits() >> 32U) * width) >> 32U);
  }

 private:
  support::splitmix64 bits_;
};

}  // namespace drawn
