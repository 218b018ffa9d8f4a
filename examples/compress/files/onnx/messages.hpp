// ONNX's protobuf messages, as the distribution's libonnx packages them.
#pragma once

#include <onnx/onnx_pb.h>

namespace compress {

using onnx::AttributeProto;
using onnx::GraphProto;
using onnx::ModelProto;
using onnx::NodeProto;
using onnx::TensorProto;

}  // namespace compress
