// Activation quantization, simulated in float.
#pragma once

#include <span>

#include "../network.hpp"

namespace compress::detail {

// Throws std::invalid_argument unless alpha is positive and finite and low <= 0 <= high.
void check_quantizer(const activation_quantizer& with);

// x = alpha clamp(floor(x / alpha + 0.5), low, high) for every value, in float.
void fake_quantize(std::span<float> values, const activation_quantizer& with);

}  // namespace compress::detail
