#include "quant_layer.hpp"

#include <cmath>

#include "../../../support/shortest.hpp"
#include "../model_file.hpp"

namespace compress {
namespace {

constexpr int published_low = 0, published_high = 127;

}  // namespace

activation_quantizer read_quant_layer(const LayerParameter& layer) {
  const auto refuse = [&layer](const std::string& why) {
    throw model_error("layer '" + layer.name() + "' (Quant) " + why);
  };
  const float alpha = layer.relu_param().negative_slope();
  if (!std::isfinite(alpha) || !(alpha > 0)) {
    refuse("has the alpha " + support::shortest(alpha) + " in relu_param.negative_slope");
  }
  if (!layer.has_power_param()) return {alpha, published_low, published_high};
  const float low = layer.power_param().shift(), high = layer.power_param().scale();
  const bool in_range = low >= -128 && low <= 0 && high > 0 && high <= 255;
  if (!in_range || low != std::floor(low) || high != std::floor(high)) {
    refuse("has the codes " + std::to_string(low) + " ... " + std::to_string(high));
  }
  return {alpha, static_cast<int>(low), static_cast<int>(high)};
}

void make_quant_layer(LayerParameter& layer, const activation_quantizer& quantizer) {
  layer.set_type("Quant");
  layer.clear_relu_param();
  layer.mutable_relu_param()->set_negative_slope(quantizer.alpha);
  layer.clear_power_param();
  if (quantizer.low != published_low || quantizer.high != published_high) {
    layer.mutable_power_param()->set_shift(static_cast<float>(quantizer.low));
    layer.mutable_power_param()->set_scale(static_cast<float>(quantizer.high));
  }
}

}  // namespace compress
