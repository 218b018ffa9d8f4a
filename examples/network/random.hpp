// Pseudo-random numbers that are the same on every platform and with every compiler.
//
// The distributions of the standard library are not: their algorithms are the implementation's own.
#pragma once

#include <cstdint>

namespace drawn {

// splitmix64: a counter that steps by the golden ratio of 2^64, then two xor-multiply rounds.
class random {
 public:
  explicit random(std::uint64_t seed) : state_{seed} {}

  // 64 bits, each equally likely 0 or 1.
  std::uint64_t bits() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

  // An integer in [low, high], both included; high - low < 2^32. The bias of the multiply-shift is
  // below (high - low) / 2^32.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto width = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(((bits() >> 32U) * width) >> 32U);
  }

 private:
  std::uint64_t state_;
};

}  // namespace drawn
