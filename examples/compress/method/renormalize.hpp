// Step 2: batch-norm statistics of the network with quantized weights.
#pragma once

#include <vector>

#include "../engine/engine.hpp"
#include "../images/image_set.hpp"
#include "measure.hpp"
#include "report.hpp"
#include "settings.hpp"

namespace compress {

// Replaces mean and variance of every batch-norm layer of `net`, on which `running` runs, layer
// after layer, starting from those of the `trained` network. `original` holds the float network's
// moments on the same images where the re-normalization is anchored, and is not used otherwise. The
// first how.images images are used.
std::vector<norm_report> renormalize(network& net, engine& running, const image_set& images,
                                     const network& trained,
                                     const std::vector<layer_moments>& original,
                                     const settings& how);

}  // namespace compress
