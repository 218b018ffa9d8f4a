// lfnc floor 5: interop/opencv: as_view for OpenCV's matrices of any dimensions and channels.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <opencv2/core/check.hpp>
#include <string>
#include <type_traits>

#include "../view.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// -1 where OpenCV has none.
template <class T>
constexpr int find_opencv_depth() {
  if constexpr (std::same_as<T, bool>) {
    return -1;
  } else if constexpr (std::integral<T>) {
    constexpr bool sign = std::is_signed_v<T>;
    if constexpr (sizeof(T) == 1) return sign ? CV_8S : CV_8U;
    if constexpr (sizeof(T) == 2) return sign ? CV_16S : CV_16U;
    return sizeof(T) == 4 && sign ? CV_32S : -1;
  } else if constexpr (std::same_as<T, float16> || std::same_as<T, cv::float16_t>) {
    return CV_16F;
  } else if constexpr (std::same_as<T, float>) {
    return CV_32F;
  } else if constexpr (std::same_as<T, double>) {
    return CV_64F;
  } else {
    return -1;
  }
}

}  // namespace detail
}  // namespace LFNC_ABI

// What OpenCV calls T: known of integers, float, double, float16 and cv::float16_t. An engine says
// it of its own half by a specialization:
//   template <> inline constexpr int lfnc::opencv_depth<half> = CV_16F;
template <class T>
inline constexpr int opencv_depth = detail::find_opencv_depth<T>();

// The types that views of OpenCV's matrices may have.
template <class T>
concept opencv_element = opencv_depth<std::remove_const_t<T>> >= 0;

inline namespace LFNC_ABI {
namespace detail {

template <class T, int Rank>
tensor_view<T, Rank> view_of_mat(const cv::Mat& matrix) {
  constexpr int depth = opencv_depth<std::remove_const_t<T>>;
  require(matrix.depth() == depth, "matrix", [&] {
    return std::string("its elements are ") + cv::depthToString(matrix.depth()) + ", not " +
           cv::depthToString(depth);
  });
  const bool channels = Rank == matrix.dims + 1;
  // OpenCV keeps vectors as matrices of one column or row.
  const bool is_vector = Rank == 1 && matrix.dims == 2 && (matrix.rows == 1 || matrix.cols == 1);
  require(channels || ((Rank == matrix.dims || is_vector) && matrix.channels() == 1), "matrix",
          [&] {
            return "it has " + number(matrix.dims) + " dimensions and " +
                   number(matrix.channels()) + " channels, which is no rank " + number(Rank);
          });
  tensor_view<T, Rank> view{reinterpret_cast<T*>(const_cast<unsigned char*>(matrix.data)), {}, {}};
  const auto set = [&](std::size_t d, int dimension) {
    const std::size_t step = matrix.step[dimension];
    require(step % sizeof(T) == 0, "matrix", [&] {
      return "its step " + number(dimension) + " of " + std::to_string(step) +
             " bytes is not a multiple of its elements' " + std::to_string(sizeof(T)) + " bytes";
    });
    view.extents[d] = matrix.size[dimension];
    view.strides[d] = extent(step / sizeof(T)).value;
  };
  if (is_vector) {
    set(0, matrix.cols == 1 ? 0 : 1);
  } else {
    for (int d = 0; d < matrix.dims; ++d) set(static_cast<std::size_t>(d), d);
  }
  if (channels) {
    view.extents.back() = matrix.channels();
    view.strides.back() = 1;
  }
  require(reinterpret_cast<std::uintptr_t>(matrix.data) % alignof(T) == 0, "matrix",
          [&] { return "its data are not aligned to " + std::to_string(alignof(T)) + " bytes"; });
  check_view(view, "matrix");
  return view;
}

}  // namespace detail

// The elements of a cv::Mat in its own memory, continuous or not: as_view<float, 4>(blob). Its
// dimensions are the view's where it has one channel; with one dimension more, the last one is the
// channels: as_view<std::uint8_t, 3>(image) is height x width x channels. Of rank 1 for a matrix of
// one column, or else of one row. Throws argument_error for another rank or element type, and for
// steps and data that are not aligned. The memory must outlive the view: temporaries, whose memory
// may go with them, are not taken. O(1), no copy.
template <opencv_element T, int Rank>
tensor_view<T, Rank> as_view(cv::Mat& matrix) {
  return detail::view_of_mat<T, Rank>(matrix);
}
template <opencv_element T, int Rank>
tensor_view<T, Rank> as_view(const cv::Mat&& matrix) = delete;

// Of a constant matrix, constant elements: as_view<const float, 4>(blob). Nothing else is taken:
// cv::Mat converts to arrays of any type, of which there would be views too, of a copy.
template <opencv_element T, int Rank>
  requires std::is_const_v<T>
tensor_view<T, Rank> as_view(const cv::Mat& matrix) {
  return detail::view_of_mat<T, Rank>(matrix);
}
template <class T, int Rank>
tensor_view<T, Rank> as_view(const cv::Mat& matrix) = delete;

}  // namespace LFNC_ABI
}  // namespace lfnc
