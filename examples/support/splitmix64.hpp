// Random bits that are the same on every platform and with every compiler.
//
// The distributions of the standard library are not: their algorithms are the implementation's own.
#pragma once

#include <cstdint>

namespace support {

// The splitmix64 generator (Steele, Lea and Flood, 2014): a counter of golden-ratio steps through a
// bit mixer.
class splitmix64 {
 public:
  explicit splitmix64(std::uint64_t seed) : state_(seed) {}

  // 64 bits, each equally likely 0 or 1.
  std::uint64_t operator()() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

  // Uniform in 0 .. bound - 1, bound >= 1: draws beyond the largest multiple of bound are repeated.
  std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t excess = (UINT64_MAX % bound + 1) % bound;  // 2^64 mod bound
    std::uint64_t drawn = (*this)();
    while (drawn > UINT64_MAX - excess) drawn = (*this)();
    return drawn % bound;
  }

  // Uniform in [0, 1), of 53 bits.
  double uniform() { return static_cast<double>((*this)() >> 11U) * 0x1p-53; }

 private:
  std::uint64_t state_;
};

}  // namespace support
