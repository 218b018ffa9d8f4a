#include "fake_quantize.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace compress::detail {

void check_quantizer(const activation_quantizer& with) {
  if (!(with.alpha > 0) || !std::isfinite(with.alpha)) {
    throw std::invalid_argument("activation alpha " + std::to_string(with.alpha) +
                                " is not positive and finite");
  }
  // Zero must be a level: blocked layouts fill channels up with zeros, which have to stay zeros.
  if (with.low > 0 || with.high < 0) {
    throw std::invalid_argument("activation range " + std::to_string(with.low) + ".." +
                                std::to_string(with.high) + " does not hold 0");
  }
}

void fake_quantize(std::span<float> values, const activation_quantizer& with) {
  const auto low = static_cast<float>(with.low);
  const auto high = static_cast<float>(with.high);
  for (float& x : values) {
    x = with.alpha * std::clamp(std::floor(x / with.alpha + 0.5F), low, high);
  }
}

}  // namespace compress::detail
