// Images as PyTorch's networks take them.
#pragma once

#include <ATen/core/ivalue.h>  // first, for clang++ in C++20

#include <ATen/ATen.h>

#include "../support/tensor.hpp"

// The same extents and values, copied.
inline at::Tensor as_tensor(const support::tensor& values) {
  return at::tensor(values.values).view(values.dims);
}
