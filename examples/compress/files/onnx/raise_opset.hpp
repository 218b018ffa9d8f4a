// An older ONNX graph in the words of operator set 13.
#pragma once

#include <functional>
#include <string>

#include "messages.hpp"

namespace compress {

// The first operator set whose DequantizeLinear takes a scale per channel.
inline constexpr std::int64_t first_per_channel_opset = 13;

// Rewrites one node of operator set `from` (7 ... 12) that the reader supports so that it means the
// same in operator set 13: attributes that became inputs are passed to `add`, which makes an
// initializer of a tensor and returns its name.
void raise_opset(NodeProto& node, std::int64_t from,
                 const std::function<std::string(TensorProto)>& add);

}  // namespace compress
