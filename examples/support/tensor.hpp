// Floats of some shape.
#pragma once

#include <cstdint>
#include <vector>

namespace support {

using shape = std::vector<std::int64_t>;

// Row-major float tensor; values.size() is the product of dims.
struct tensor {
  shape dims;
  std::vector<float> values;
};

}  // namespace support
