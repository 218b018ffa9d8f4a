// lfnc floor 5: interop/thrust: as_view for Thrust's host vectors, as_device_view for its device
// vectors and pointers.
#pragma once

#include <thrust/device_ptr.h>
#include <thrust/device_vector.h>
#include <thrust/host_vector.h>

#include <cstddef>
#include <type_traits>

#include "../view.hpp"

namespace lfnc {

// Where Thrust's device memory is: on the device with CUDA, which is what it is built for unless
// THRUST_DEVICE_SYSTEM says otherwise; in host memory with CPP, OMP and TBB, where lfnc::cpu works
// on it.
using thrust_space =
    std::conditional_t<THRUST_DEVICE_SYSTEM == THRUST_DEVICE_SYSTEM_CUDA, device_space, host_space>;

inline namespace LFNC_ABI {
namespace detail {

template <class T>
inline constexpr bool is_thrust_host_vector = false;
template <class T, class Allocator>
inline constexpr bool is_thrust_host_vector<::thrust::host_vector<T, Allocator>> = true;
template <class T>
inline constexpr bool is_thrust_device_vector = false;
template <class T, class Allocator>
inline constexpr bool is_thrust_device_vector<::thrust::device_vector<T, Allocator>> = true;

}  // namespace detail
}  // namespace LFNC_ABI

// Vectors of any allocator, constant ones too.
template <class T>
concept thrust_host_vector = detail::is_thrust_host_vector<std::remove_const_t<T>>;
template <class T>
concept thrust_device_vector = detail::is_thrust_device_vector<std::remove_const_t<T>>;

inline namespace LFNC_ABI {
namespace detail {

// All elements of a vector, constant ones of a constant vector.
template <class Space, class Vector>
auto list_of_vector(Vector& values) {
  using pointer = decltype(::thrust::raw_pointer_cast(values.data()));
  // data() is the address of the first element, also where Thrust has none.
  pointer data = values.empty() ? nullptr : ::thrust::raw_pointer_cast(values.data());
  return list_view<std::remove_pointer_t<pointer>, Space>(data,
                                                          static_cast<index_t>(values.size()));
}

template <class T, class Space, std::size_t Rank>
tensor_view<T, static_cast<int>(Rank), Space> shape_list(const list_view<T, Space>& list,
                                                         const extent (&extents)[Rank]) {
  const auto view = as_view(list.data, extents);
  require(view.size() == list.size, "extents", [&] {
    return "their product is " + number(view.size()) + ", the vector holds " + number(list.size);
  });
  return in_space<Space>(view);
}

}  // namespace detail

// A host vector as a tensor of the extents given, whose product must be its size (argument_error),
// or of rank 1. Of a constant vector, constant elements. The vector must outlive the view, and keep
// its size. O(1), no copy.
template <thrust_host_vector Vector, std::size_t Rank>
auto as_view(Vector& values, const detail::extent (&extents)[Rank]) {
  return detail::shape_list(detail::list_of_vector<host_space>(values), extents);
}
template <thrust_host_vector Vector>
auto as_view(Vector& values) {
  return as_view(values, {values.size()});
}
// Temporaries, whose memory goes with them, are not taken.
template <thrust_host_vector Vector, std::size_t Rank>
void as_view(const Vector&& values, const detail::extent (&extents)[Rank]) = delete;
template <thrust_host_vector Vector>
void as_view(const Vector&& values) = delete;

// The same for a device vector.
template <thrust_device_vector Vector, std::size_t Rank>
auto as_device_view(Vector& values, const detail::extent (&extents)[Rank]) {
  return detail::shape_list(detail::list_of_vector<thrust_space>(values), extents);
}
template <thrust_device_vector Vector>
auto as_device_view(Vector& values) {
  return as_device_view(values, {values.size()});
}
template <thrust_device_vector Vector, std::size_t Rank>
void as_device_view(const Vector&& values, const detail::extent (&extents)[Rank]) = delete;
template <thrust_device_vector Vector>
void as_device_view(const Vector&& values) = delete;

// A row-major tensor at a device pointer, or one with a stride in elements per dimension. Throws as
// as_view does for a plain pointer. O(1), no copy.
template <class T, std::size_t Rank>
tensor_view<T, static_cast<int>(Rank), thrust_space> as_device_view(
    ::thrust::device_ptr<T> data, const detail::extent (&extents)[Rank]) {
  return detail::in_space<thrust_space>(as_view(data.get(), extents));
}
template <class T, std::size_t Rank>
tensor_view<T, static_cast<int>(Rank), thrust_space> as_device_view(
    ::thrust::device_ptr<T> data, const detail::extent (&extents)[Rank],
    const detail::extent (&strides)[Rank]) {
  return detail::in_space<thrust_space>(as_view(data.get(), extents, strides));
}

// A vector as the list that verbs take, an entry a row or a channel. Of a constant vector, constant
// entries. The vector must outlive the list, and keep its size.
template <thrust_host_vector Vector>
auto as_list(Vector& values) {
  return detail::list_of_vector<host_space>(values);
}
template <thrust_device_vector Vector>
auto as_device_list(Vector& values) {
  return detail::list_of_vector<thrust_space>(values);
}
template <thrust_host_vector Vector>
void as_list(const Vector&& values) = delete;
template <thrust_device_vector Vector>
void as_device_list(const Vector&& values) = delete;

}  // namespace LFNC_ABI
}  // namespace lfnc
