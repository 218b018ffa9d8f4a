// Seeded random numbers.
#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "images/choose.hpp"

namespace paper {

// Uniform in [0, 1), of 53 bits.
inline double uniform(compress::splitmix64& bits) {
  return static_cast<double>(bits() >> 11U) * 0x1p-53;
}

// Normal with mean 0 and deviation 1, by Box and Muller: of two uniform u, v
//   sqrt(-2 log u) cos(2 pi v).
inline double normal(compress::splitmix64& bits) {
  const double u = 1 - uniform(bits), v = uniform(bits);
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
}

inline std::vector<float> normals(compress::splitmix64& bits, std::size_t count, double mean,
                                  double deviation) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(mean + deviation * normal(bits));
  return values;
}

}  // namespace paper
