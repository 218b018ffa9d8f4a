// lfnc floor 5: interop/dlpack: as_view and as_device_view for DLPack's tensors, to_dlpack for
// views.
#pragma once

#include <dlpack/dlpack.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "../view.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

template <class T>
constexpr DLDataType find_dlpack_type() {
  constexpr auto bits = static_cast<std::uint8_t>(8 * sizeof(T));
  if constexpr (std::same_as<T, bool>) {
    return {};  // an unsigned integer to some, a type of its own to others
  } else if constexpr (std::integral<T>) {
    return {std::is_signed_v<T> ? kDLInt : kDLUInt, bits, 1};
  } else if constexpr (std::same_as<T, float> || std::same_as<T, double> ||
                       std::same_as<T, float16>) {
    return {kDLFloat, bits, 1};
  } else if constexpr (std::same_as<T, bfloat16>) {
    return {kDLBfloat, bits, 1};
  } else {
    return {};
  }
}

}  // namespace detail
}  // namespace LFNC_ABI

// What DLPack calls T: known of integers, float, double, float16 and bfloat16. An engine says it of
// its own half by a specialization:
//   template <> inline constexpr DLDataType lfnc::dlpack_type<half>{kDLFloat, 16, 1};
template <class T>
inline constexpr DLDataType dlpack_type = detail::find_dlpack_type<T>();

// The types that views of DLPack's tensors may have.
template <class T>
concept dlpack_element = dlpack_type<std::remove_const_t<T>>.lanes == 1;

inline namespace LFNC_ABI {
namespace detail {

// In the words that frameworks use: int8, float32, float32x4.
inline std::string name_of(const DLDataType& type) {
  // By DLPack's codes, which are the same in every version; later ones have more.
  constexpr std::array<const char*, 7> known = {"int",    "uint",    "float", "handle",
                                                "bfloat", "complex", "bool"};
  const std::string bits = std::to_string(type.bits);
  const std::string name = type.code < known.size()
                               ? known[type.code] + bits
                               : "code " + std::to_string(type.code) + " of " + bits + " bits";
  return type.lanes == 1 ? name : name + "x" + std::to_string(type.lanes);
}

inline void check_dlpack_type(const DLDataType& type, const DLDataType& wanted) {
  require(type.lanes == 1, "tensor", [&] {
    return "its elements are " + name_of(type) +
           ": only single numbers, of one lane, are supported";
  });
  require(type.bits % 8 == 0 && type.bits > 0, "tensor",
          [&] { return "its elements are " + name_of(type) + ": only whole bytes are supported"; });
  require(type.code == wanted.code && type.bits == wanted.bits, "tensor",
          [&] { return "its elements are " + name_of(type) + ", not " + name_of(wanted); });
}

inline bool on_cuda_device(const DLDevice& device) {
  return device.device_type == kDLCUDA || device.device_type == kDLCUDAManaged;
}

inline bool on_host(const DLDevice& device) {
  return device.device_type == kDLCPU || device.device_type == kDLCUDAHost;
}

// Refuses a tensor that is not where it is looked for: `other` says what takes it.
inline void check_dlpack_device(const DLDevice& device, bool here, std::string_view other) {
  require(here || on_host(device) || on_cuda_device(device), "tensor", [&] {
    return "it lies on device type " + number(device.device_type) +
           ", neither the CPU's nor CUDA's";
  });
  require(here, "tensor", other);
}

template <class T, int Rank, class Space>
tensor_view<T, Rank, Space> view_of_dlpack(const DLTensor& tensor) {
  check_dlpack_type(tensor.dtype, dlpack_type<std::remove_const_t<T>>);
  require(tensor.ndim == Rank, "tensor",
          [&] { return "its rank is " + number(tensor.ndim) + ", not " + number(Rank); });
  require(tensor.shape != nullptr, "tensor", "null shape");
  require(tensor.byte_offset % sizeof(T) == 0, "tensor", [&] {
    return "its byte offset " + std::to_string(tensor.byte_offset) +
           " is not a multiple of its elements' " + std::to_string(sizeof(T)) + " bytes";
  });
  tensor_view<T, Rank, Space> view;
  std::copy_n(tensor.shape, Rank, view.extents.begin());
  if (tensor.strides != nullptr) {
    std::copy_n(tensor.strides, Rank, view.strides.begin());
  } else {
    view.strides = row_major(view.extents);
  }
  // An offset from nowhere leads nowhere.
  if (tensor.data != nullptr) {
    const auto begin = reinterpret_cast<std::uintptr_t>(tensor.data);
    if (tensor.byte_offset > std::numeric_limits<std::uintptr_t>::max() - begin) {
      raise(overflow_error("lfnc: tensor: its byte offset reaches beyond 64 bits"));
    }
    const auto first = begin + static_cast<std::uintptr_t>(tensor.byte_offset);
    require(first % alignof(T) == 0, "tensor", [&] {
      return "its first element is not aligned to " + std::to_string(alignof(T)) + " bytes";
    });
    view.data = reinterpret_cast<T*>(first);
  }
  check_view(view, "tensor");
  return view;
}

}  // namespace detail

// A tensor in host memory, pageable or pinned (kDLCPU, kDLCUDAHost), as a view of its rank and
// element type: as_view<float, 4>(managed->dl_tensor). const T reads only, which is what tensors
// that their producer calls read-only are for. Throws argument_error for a tensor elsewhere, of
// another rank or type (of several lanes and of parts of a byte too), with null data or shape, or
// whose first element is not aligned; overflow_error beyond 64 bits. The memory must outlive the
// view; shape and strides need not. O(1), no copy.
template <dlpack_element T, int Rank>
tensor_view<T, Rank> as_view(const DLTensor& tensor) {
  detail::check_dlpack_device(tensor.device, detail::on_host(tensor.device),
                              "it lies in device memory, of which as_device_view makes views");
  return detail::view_of_dlpack<T, Rank, host_space>(tensor);
}

// The same for a tensor in the memory of a CUDA device, managed memory included (kDLCUDA,
// kDLCUDAManaged). Which device is not kept: it has to be the current one when verbs are called.
template <dlpack_element T, int Rank>
tensor_view<T, Rank, device_space> as_device_view(const DLTensor& tensor) {
  detail::check_dlpack_device(tensor.device, detail::on_cuda_device(tensor.device),
                              "it lies in host memory, of which as_view makes views");
  return detail::view_of_dlpack<T, Rank, device_space>(tensor);
}

// A view with what DLPack needs of it: a DLTensor points to its shape and strides, and this object
// is where they are. to_dlpack makes it.
template <dlpack_element T, int Rank, class Space>
class dlpack_tensor {
 public:
  // The view, and the device that its memory is on.
  dlpack_tensor(const tensor_view<T, Rank, Space>& view, const DLDevice& device)
      : view_(view), device_(device) {}

  // Valid as long as this object and the memory of the view are. DLTensor cannot say that it is
  // read-only: of a view of const T, whoever takes it must know.
  DLTensor tensor() & {
    DLTensor result{};
    result.data = const_cast<std::remove_const_t<T>*>(view_.data);
    result.device = device_;
    result.ndim = Rank;
    result.dtype = dlpack_type<std::remove_const_t<T>>;
    result.shape = view_.extents.data();
    result.strides = view_.strides.data();
    return result;
  }

 private:
  tensor_view<T, Rank, Space> view_;
  DLDevice device_;
};

#if defined(DLPACK_MAJOR_VERSION) && DLPACK_MAJOR_VERSION >= 1
namespace detail {

// Refuses to write what its producer calls read-only, and layouts of versions to come.
template <class T>
const DLTensor& tensor_of(const DLManagedTensorVersioned& managed) {
  require(managed.version.major == DLPACK_MAJOR_VERSION, "tensor", [&] {
    return "its DLPack version is " + std::to_string(managed.version.major) + ", not " +
           number(DLPACK_MAJOR_VERSION);
  });
  require(std::is_const_v<T> || (managed.flags & DLPACK_FLAG_BITMASK_READ_ONLY) == 0, "tensor",
          "it is read-only: a view of it has const elements");
  return managed.dl_tensor;
}

}  // namespace detail

// The same for what DLPack 1 hands over, which says its version (argument_error for another) and
// whether it is read-only (argument_error unless T is const). It stays the caller's to delete.
template <dlpack_element T, int Rank>
tensor_view<T, Rank> as_view(const DLManagedTensorVersioned& managed) {
  return as_view<T, Rank>(detail::tensor_of<T>(managed));
}
template <dlpack_element T, int Rank>
tensor_view<T, Rank, device_space> as_device_view(const DLManagedTensorVersioned& managed) {
  return as_device_view<T, Rank>(detail::tensor_of<T>(managed));
}
#endif

// The way out, for host memory (kDLCPU): auto shared = to_dlpack(view), then shared.tensor().
// Throws as as_view does. O(1), no copy.
template <dlpack_element T, int Rank>
dlpack_tensor<T, Rank, host_space> to_dlpack(const tensor_view<T, Rank>& view) {
  detail::check_view(view, "view");
  return {view, {kDLCPU, 0}};
}

// For the memory of CUDA device `device_id` (kDLCUDA), as cudaGetDevice counts them.
template <dlpack_element T, int Rank>
dlpack_tensor<T, Rank, device_space> to_dlpack(const tensor_view<T, Rank, device_space>& view,
                                               int device_id) {
  detail::check_view(view, "view");
  return {view, {kDLCUDA, device_id}};
}

// The way out for whoever takes over what it is handed (from_dlpack of most frameworks): `shared`
// as an object of its own, which goes when its taker calls its deleter. `owner` is held until then;
// it may be what keeps the memory of the view alive.
template <dlpack_element T, int Rank, class Space>
DLManagedTensor* to_managed_dlpack(const dlpack_tensor<T, Rank, Space>& shared,
                                   std::shared_ptr<void> owner = nullptr) {
  struct handed_over {
    dlpack_tensor<T, Rank, Space> shared;
    std::shared_ptr<void> owner;
    DLManagedTensor managed;
  };
  auto made = std::make_unique<handed_over>(handed_over{shared, std::move(owner), {}});
  made->managed.dl_tensor = made->shared.tensor();
  made->managed.manager_ctx = made.get();
  made->managed.deleter = [](DLManagedTensor* managed) {
    delete static_cast<handed_over*>(managed->manager_ctx);
  };
  return &made.release()->managed;
}

}  // namespace LFNC_ABI
}  // namespace lfnc
