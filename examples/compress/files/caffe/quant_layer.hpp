// The Quant layer: out = alpha * clamp(floor(x / alpha + 0.5), low, high).
//
// alpha stands in relu_param.negative_slope, as published; the published range 0 ... 127 is meant
// where nothing else is said. Any other range stands in power_param: shift is the lowest code,
// scale the highest. Both are fields of Caffe's own format, which importers hand to a custom layer.
#pragma once

#include <string>

#include "../../network.hpp"
#include "messages.hpp"

namespace compress {

// Throws model_error, naming the layer, where alpha is not positive and finite or the codes are not
// whole numbers with -128 <= low <= 0 < high <= 255.
activation_quantizer read_quant_layer(const LayerParameter& layer);

// Turns `layer` into a Quant layer; name, bottoms and tops stay.
void make_quant_layer(LayerParameter& layer, const activation_quantizer& quantizer);

}  // namespace compress
