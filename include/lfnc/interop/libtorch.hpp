// lfnc floor 5: interop/libtorch: as_view and as_device_view for PyTorch's tensors.
#pragma once

#include <ATen/core/TensorBase.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "../view.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Undefined where PyTorch has none.
template <class T>
constexpr c10::ScalarType find_torch_type() {
  if constexpr (std::same_as<T, bool>) {
    return c10::ScalarType::Undefined;
  } else if constexpr (std::integral<T>) {
    if constexpr (sizeof(T) == 1) {
      return std::is_signed_v<T> ? c10::ScalarType::Char : c10::ScalarType::Byte;
    }
    if constexpr (std::is_signed_v<T>) {
      if constexpr (sizeof(T) == 2) return c10::ScalarType::Short;
      if constexpr (sizeof(T) == 4) return c10::ScalarType::Int;
      if constexpr (sizeof(T) == 8) return c10::ScalarType::Long;
    }
    return c10::ScalarType::Undefined;
  } else if constexpr (std::same_as<T, float16> || std::same_as<T, c10::Half>) {
    return c10::ScalarType::Half;
  } else if constexpr (std::same_as<T, bfloat16> || std::same_as<T, c10::BFloat16>) {
    return c10::ScalarType::BFloat16;
  } else if constexpr (std::same_as<T, float>) {
    return c10::ScalarType::Float;
  } else if constexpr (std::same_as<T, double>) {
    return c10::ScalarType::Double;
  } else {
    return c10::ScalarType::Undefined;
  }
}

}  // namespace detail
}  // namespace LFNC_ABI

// What PyTorch calls T: known of integers, float, double, the halves of lfnc and of PyTorch. An
// engine says it of its own half by a specialization:
//   template <> inline constexpr c10::ScalarType lfnc::torch_type<half> = c10::ScalarType::Half;
template <class T>
inline constexpr c10::ScalarType torch_type = detail::find_torch_type<T>();

// The types that views of PyTorch's tensors may have.
template <class T>
concept torch_element = torch_type<std::remove_const_t<T>> != c10::ScalarType::Undefined;

inline namespace LFNC_ABI {
namespace detail {

// Reading leaves a tensor that is copied on writing as it is, where this version has such.
template <class T, class Tensor>
T* data_of_torch(const Tensor& tensor) {
  if constexpr (std::is_const_v<T> && requires { tensor.const_data_ptr(); }) {
    return static_cast<T*>(tensor.const_data_ptr());
  } else {
    return static_cast<T*>(tensor.data_ptr());
  }
}

// Refuses a tensor that is not where it is looked for: `other` says what takes it.
inline void check_torch_device(const at::TensorBase& tensor, bool cuda, const char* other) {
  require(tensor.defined(), "tensor", "it is undefined");
  require(tensor.layout() == c10::kStrided && tensor.has_storage(), "tensor",
          "it has no strides (as sparse tensors have none)");
  require(tensor.is_cpu() || tensor.is_cuda(), "tensor", [&] {
    return "it lies on " + tensor.device().str() + ", neither on the CPU nor on CUDA's devices";
  });
  require(tensor.is_cuda() == cuda, "tensor", other);
}

template <class T, int Rank, class Space>
tensor_view<T, Rank, Space> view_of_torch(const at::TensorBase& tensor) {
  constexpr c10::ScalarType type = torch_type<std::remove_const_t<T>>;
  require(tensor.scalar_type() == type, "tensor", [&] {
    return std::string("its elements are ") + c10::toString(tensor.scalar_type()) + ", not " +
           c10::toString(type);
  });
  require(tensor.dim() == Rank, "tensor",
          [&] { return "its rank is " + number(tensor.dim()) + ", not " + number(Rank); });
  require(!tensor.is_neg(), "tensor",
          "its elements are yet to be negated (resolve_neg() does that)");
  tensor_view<T, Rank, Space> view;
  std::ranges::copy(tensor.sizes(), view.extents.begin());
  std::ranges::copy(tensor.strides(), view.strides.begin());
  view.data = data_of_torch<T>(tensor);
  require(reinterpret_cast<std::uintptr_t>(view.data) % alignof(T) == 0, "tensor", [&] {
    return "its first element is not aligned to " + std::to_string(alignof(T)) + " bytes";
  });
  check_view(view, "tensor");
  return view;
}

}  // namespace detail

// The elements of a tensor of PyTorch (at::Tensor, torch::Tensor) in host memory, of any strides:
// as_view<float, 4>(convolution->weight). const T reads only. Throws argument_error for a tensor
// elsewhere, of another rank or element type, sparse or undefined. The memory must outlive the
// view: temporaries, whose memory may go with them, are not taken. What is written through the view
// is in the tensor, and in those that share its memory; autograd does not see it. O(1), no copy.
template <torch_element T, int Rank>
tensor_view<T, Rank> as_view(const at::TensorBase& tensor) {
  detail::check_torch_device(tensor, false,
                             "it lies in device memory, of which as_device_view makes views");
  return detail::view_of_torch<T, Rank, host_space>(tensor);
}
template <torch_element T, int Rank>
tensor_view<T, Rank> as_view(const at::TensorBase&& tensor) = delete;

// The same for a tensor in the memory of a CUDA device. Which device is not kept: it has to be the
// current one when verbs are called.
template <torch_element T, int Rank>
tensor_view<T, Rank, device_space> as_device_view(const at::TensorBase& tensor) {
  detail::check_torch_device(tensor, true, "it lies in host memory, of which as_view makes views");
  return detail::view_of_torch<T, Rank, device_space>(tensor);
}
template <torch_element T, int Rank>
tensor_view<T, Rank, device_space> as_device_view(const at::TensorBase&& tensor) = delete;

}  // namespace LFNC_ABI
}  // namespace lfnc
