// Random numbers that are the same with every compiler and standard library.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

// SplitMix64 (Steele, Lea and Flood, 2014).
class generator {
 public:
  explicit generator(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  // 0 .. bound - 1.
  int below(int bound) { return static_cast<int>(next() % static_cast<std::uint64_t>(bound)); }
  // [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  double gaussian() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }
  // Nearly Gaussian, from additions alone: the same bits whatever the mathematical library.
  double bell() {
    double sum = -6;
    for (int k = 0; k < 12; ++k) sum += uniform();
    return sum;
  }
  double laplacian() {
    const double magnitude = -std::log(1 - uniform());
    return next() % 2 == 0 ? magnitude : -magnitude;
  }

 private:
  std::uint64_t state_;
};
