// lfnc floor 5: interop/eigen: as_view for Eigen's matrices, arrays, vectors, maps, refs, blocks
// and tensors.
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "../view.hpp"

namespace lfnc {

// Matrix, Array, Map, Ref, Block, Transpose, Diagonal and whatever else of Eigen has its elements
// in memory, inner and outer strides apart.
template <class T>
concept eigen_dense =
    std::is_base_of_v<Eigen::DenseBase<std::remove_const_t<T>>, T> &&
    (static_cast<unsigned>(std::remove_const_t<T>::Flags) & Eigen::DirectAccessBit) != 0;

// Eigen::Tensor, TensorFixedSize and TensorMap, of rank 1 or more, by what they offer: their header
// (unsupported/Eigen/CXX11/Tensor) is large, and is left to those who use it.
template <class T>
concept eigen_tensor = requires(T& tensor) {
  typename T::Scalar;
  requires(T::NumDimensions >= 1);
  T::Layout;
  tensor.data();
  tensor.dimension(0);
};

inline namespace LFNC_ABI {
namespace detail {

template <class T>
auto view_of_dense(T& matrix) {
  using value = std::remove_pointer_t<decltype(matrix.data())>;
  if constexpr (T::IsVectorAtCompileTime) {
    const tensor_view<value, 1> view{matrix.data(), {matrix.size()}, {matrix.innerStride()}};
    check_view(view, "matrix");
    return view;
  } else {
    constexpr bool row_major = T::IsRowMajor;
    const index_t outer = matrix.outerStride();
    const index_t inner = matrix.innerStride();
    const tensor_view<value, 2> view{matrix.data(),
                                     {matrix.rows(), matrix.cols()},
                                     {row_major ? outer : inner, row_major ? inner : outer}};
    check_view(view, "matrix");
    return view;
  }
}

template <class Tensor>
auto view_of_eigen_tensor(Tensor& tensor) {
  using value = std::remove_pointer_t<decltype(tensor.data())>;
  constexpr auto rank = static_cast<std::size_t>(Tensor::NumDimensions);
  constexpr bool by_rows = static_cast<int>(Tensor::Layout) == static_cast<int>(Eigen::RowMajor);
  std::array<index_t, rank> extents{};
  // Some of these classes count dimensions with, some without a sign; a byte suits both.
  for (std::uint8_t d = 0; d < rank; ++d) extents[d] = tensor.dimension(d);
  auto backwards = extents;
  for (std::size_t d = 0; d < rank; ++d) backwards[d] = extents[rank - 1 - d];
  const auto dense = row_major(by_rows ? extents : backwards);
  auto strides = dense;
  if (!by_rows) {
    for (std::size_t d = 0; d < rank; ++d) strides[d] = dense[rank - 1 - d];
  }
  const tensor_view<value, static_cast<int>(rank)> view{tensor.data(), extents, strides};
  check_view(view, "tensor");
  return view;
}

// Whoever owns its elements hands out constant ones where it is constant itself; a map does not.
template <class T>
concept eigen_points_elsewhere =
    !std::is_reference_v<T> && !std::is_const_v<T> &&
    std::is_same_v<decltype(std::declval<T&>().data()), decltype(std::declval<const T&>().data())>;

}  // namespace detail

// The elements of an Eigen object in its own memory: rank 1 for what is a vector by its type, rank
// 2 (rows, columns) for everything else, in either storage order. Of a constant object, constant
// elements. The memory must outlive the view, so that temporaries are taken only of objects that
// point to memory of others (Map, Ref, Block). O(1), no copy.
template <eigen_dense T>
auto as_view(T& matrix) {
  return detail::view_of_dense(matrix);
}
template <eigen_dense T>
  requires(!std::is_base_of_v<Eigen::PlainObjectBase<T>, T>)
auto as_view(T&& matrix) {
  return detail::view_of_dense(matrix);
}
template <eigen_dense T>
  requires std::is_base_of_v<Eigen::PlainObjectBase<T>, T>
void as_view(const T&& matrix) = delete;

// The same for an Eigen tensor of either storage order: extents and their order are the tensor's.
// Temporaries are taken of TensorMap, which points to memory of others.
template <eigen_tensor T>
auto as_view(T& tensor) {
  return detail::view_of_eigen_tensor(tensor);
}
template <eigen_tensor T>
  requires detail::eigen_points_elsewhere<T>
auto as_view(T&& tensor) {
  return detail::view_of_eigen_tensor(tensor);
}
template <eigen_tensor T>
  requires(!detail::eigen_points_elsewhere<T>)
void as_view(const T&& tensor) = delete;

}  // namespace LFNC_ABI
}  // namespace lfnc
