// Seeded random numbers.
#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "../support/splitmix64.hpp"

namespace paper {

// Normal with mean 0 and deviation 1, by Box and Muller: of two uniform u, v
//   sqrt(-2 log u) cos(2 pi v).
inline double normal(support::splitmix64& bits) {
  const double u = 1 - bits.uniform(), v = bits.uniform();
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
}

inline std::vector<float> normals(support::splitmix64& bits, std::size_t count, double mean,
                                  double deviation) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(mean + deviation * normal(bits));
  return values;
}

}  // namespace paper
