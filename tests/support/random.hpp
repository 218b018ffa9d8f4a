// Random numbers that are the same with every compiler and standard library.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include "../../examples/support/splitmix64.hpp"

class generator {
 public:
  explicit generator(std::uint64_t seed) : bits_(seed) {}

  std::uint64_t next() { return bits_(); }
  // 0 .. bound - 1.
  int below(int bound) { return static_cast<int>(next() % static_cast<std::uint64_t>(bound)); }
  // [0, 1).
  double uniform() { return bits_.uniform(); }
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
  support::splitmix64 bits_;
};
