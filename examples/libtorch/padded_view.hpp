// Views of tensors of any rank up to 4 as ones of rank 4.
#pragma once

#include <ATen/core/ivalue.h>  // first, for clang++ in C++20

#include <lfnc/interop/libtorch.hpp>

// The elements of a tensor in host memory, with extents of 1 behind its own. Throws
// lfnc::argument_error as lfnc::as_view does. The tensor must outlive the view.
template <class T>
lfnc::tensor_view<T, 4> padded_view(const at::Tensor& tensor) {
  at::Tensor padded = tensor;
  while (padded.dim() < 4) padded = padded.unsqueeze(-1);
  return lfnc::as_view<T, 4>(padded);
}
