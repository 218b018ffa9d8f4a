// Weights as tests of quantizers take them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "random.hpp"

// Gaussian, of deviation 0.1.
inline std::vector<float> random_weights(std::size_t count, std::uint64_t seed) {
  generator random(seed);
  std::vector<float> weights(count);
  for (float& w : weights) w = static_cast<float>(0.1 * random.gaussian());
  return weights;
}
