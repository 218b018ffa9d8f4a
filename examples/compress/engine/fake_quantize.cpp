#include "fake_quantize.hpp"

#include <cmath>
#include <lfnc/quantize.hpp>
#include <stdexcept>
#include <string>

#include "../../support/shortest.hpp"

namespace compress::detail {

void check_quantizer(const activation_quantizer& with) {
  if (!(with.alpha > 0) || !std::isfinite(with.alpha)) {
    throw std::invalid_argument("activation alpha " + support::shortest(with.alpha) +
                                " is not positive and finite");
  }
  // Zero must be a level: blocked layouts fill channels up with zeros, which have to stay zeros.
  if (with.low > 0 || with.high < 0) {
    throw std::invalid_argument("activation range " + std::to_string(with.low) + ".." +
                                std::to_string(with.high) + " does not hold 0");
  }
}

void fake_quantize(std::span<float> values, const activation_quantizer& with) {
  // Division, as the files that are written say it: Quant layers and QuantizeLinear divide.
  const auto view = lfnc::as_view(values);
  lfnc::fake_quantize(
      lfnc::cpu{}, view, view,
      {static_cast<double>(with.alpha), with.low, with.high, lfnc::scaling::division});
}

}  // namespace compress::detail
