// A network in an ONNX file.
//
// Written: the weight of a compressed convolution, Gemm or MatMul becomes an int8 initializer
// holding the codes, a float scale per output channel and int8 zero points 0, joined by a
// DequantizeLinear along the weight's output-channel axis; the float initializer is removed where
// nothing else uses it. A quantized value passes a QuantizeLinear / DequantizeLinear pair with zero
// point 0, of uint8 for codes from 0 up and int8 otherwise, behind a Clip to [alpha low, alpha
// high] where that is narrower than the integer type. Read back, both are recognized.
#pragma once

#include <memory>
#include <string>

#include "../model_file.hpp"

namespace compress {

// Reads the bytes of an ONNX file. Throws model_error.
std::unique_ptr<model_file> read_onnx_file(std::string bytes);

}  // namespace compress
