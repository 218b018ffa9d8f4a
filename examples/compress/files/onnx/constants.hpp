// Constant tensors of an ONNX graph: initializers, Constant nodes, dequantized weights.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "../../network.hpp"
#include "messages.hpp"

namespace compress {

// The int8 codes that a DequantizeLinear node makes a constant from: value == scale * code.
struct stored_codes {
  std::vector<std::int8_t> codes;  // row-major, as the constant
  std::vector<float> scale;        // one, or one per extent of axis
  std::int64_t axis = 0;
};

struct constant {
  shape dims;
  std::variant<std::vector<float>, std::vector<std::int64_t>> values;
  std::optional<stored_codes> codes;
};

// Decodes a tensor: float, double, float16, bfloat16 to float; bool and integers of up to 64 bits
// to int64. Throws model_error, naming the tensor, on any other type, on data kept outside the
// file, and where the number of values is not the product of the extents.
constant decode(const TensorProto& tensor);

// Encodes a tensor of the given data as raw little-endian bytes.
TensorProto encode(const std::string& name, const shape& dims, const std::vector<float>& values);
TensorProto encode(const std::string& name, const shape& dims,
                   const std::vector<std::int64_t>& values);
TensorProto encode(const std::string& name, const shape& dims,
                   const std::vector<std::int8_t>& values);
TensorProto encode(const std::string& name, const shape& dims,
                   const std::vector<std::uint8_t>& values);

}  // namespace compress
