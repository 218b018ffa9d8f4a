// Weights stored as (inputs, outputs).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace compress {

// A row-major (rows, columns) matrix as (columns, rows); values.size() == rows * columns.
template <typename Value>
std::vector<Value> transposed(const std::vector<Value>& values, std::int64_t rows,
                              std::int64_t columns) {
  std::vector<Value> result(values.size());
  const auto height = static_cast<std::size_t>(rows), width = static_cast<std::size_t>(columns);
  for (std::size_t r = 0; r < height; ++r) {
    for (std::size_t c = 0; c < width; ++c) result[c * height + r] = values[r * width + c];
  }
  return result;
}

}  // namespace compress
