// What the engine cannot run, beyond what infer_shapes refuses for everybody.
#pragma once

#include <vector>

#include "../network.hpp"

namespace compress::detail {

// Throws std::invalid_argument naming the layer and the reason where a layer of these input and
// output shapes, which fit by infer_outputs, has weights of another size than they say, parameters
// that cannot be computed with, or values that are too large or have too many axes.
void check_supported(const layer& node, const std::vector<shape>& inputs,
                     const std::vector<shape>& outputs);

}  // namespace compress::detail
