// A network as an ONNX file would hold it.
#pragma once

#include "files/onnx/messages.hpp"
#include "network.hpp"

namespace paper {

// Operator set 13; weights as initializers. Throws std::invalid_argument, naming the layer, on an
// operation that none of the paper's networks has.
compress::ModelProto to_onnx(const compress::network& net);

}  // namespace paper
