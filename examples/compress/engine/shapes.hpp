// Shapes of the values of a network, and every check that can be made before any work.
#pragma once

#include <cstddef>
#include <vector>

#include "../network.hpp"

namespace compress::detail {

// Product of the extents. Throws std::invalid_argument where one is not positive or where one
// image (all axes but the first) would take more than 2^30 floats.
std::int64_t element_count(const shape& dims);

// What reshape makes of a shape: 0 keeps the extent, -1 is inferred. Throws std::invalid_argument
// where the number of elements or the batch axis would change.
shape reshaped(const reshape& op, const shape& in);

// Shapes of a layer's outputs (batch axis first) for inputs of these shapes. Throws
// std::invalid_argument with the reason where the operation does not fit the inputs, where its
// parameters do not fit each other, or where the engine does not support it; the caller knows the
// layer's name.
std::vector<shape> output_shapes(const layer& node, const std::vector<shape>& inputs);

// Shapes of all values for a batch of that many images, by index. Throws std::invalid_argument
// naming the layer where something is wrong with it, the order of layers or the values' indices.
std::vector<shape> value_shapes(const network& net, std::int64_t images);

}  // namespace compress::detail
