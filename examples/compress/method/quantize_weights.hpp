// Step 1: the weights of every convolution and inner product become codes and scales.
#pragma once

#include <vector>

#include "../network.hpp"
#include "report.hpp"
#include "settings.hpp"

namespace compress {

// Indices of the layers whose weights are quantized: convolutions and inner products, in order.
std::vector<std::size_t> weight_layers(const network& net);

// Quantizes them in place: weight becomes alpha * codes, codes are kept beside it. The first and
// the last take the codebook for those. Throws std::invalid_argument for a codebook that does
// not exist, before any work, and std::runtime_error naming the layer, the channel and the index
// for weights that are not finite.
std::vector<weight_report> quantize_weights(network& net, const settings& how);

}  // namespace compress
