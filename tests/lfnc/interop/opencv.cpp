#include <lfnc/interop/opencv.hpp>

#include <cmath>
#include <cstdint>
#include <lfnc/quantize.hpp>
#include <opencv2/core.hpp>
#include <utility>
#include <vector>

#include "support/check.hpp"

using lfnc::as_view;
using lfnc::index_t;

// What an engine brings along.
struct engine_half {
  std::uint16_t bits;
};
template <>
inline constexpr int lfnc::opencv_depth<engine_half> = CV_16F;

namespace {

template <class T, class Matrix>
constexpr bool viewable =
    requires(Matrix&& matrix) { as_view<T, 2>(std::forward<Matrix>(matrix)); };

// Refused by its type alone.
template <class T>
bool has_type(int type) {
  cv::Mat matrix(2, 3, type);
  try {
    as_view<T, 2>(matrix);
    return true;
  } catch (const lfnc::argument_error&) {
    return false;
  }
}

cv::Mat numbers(int rows, int columns) {
  cv::Mat matrix(rows, columns, CV_32F);
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      matrix.at<float>(i, j) = 0.3F * static_cast<float>(i * columns + j) - 2;
    }
  }
  return matrix;
}

// The view shows matrix(i, j) at (i, j), in the same place.
void check_matrix(cv::Mat& matrix) {
  const auto view = as_view<float, 2>(matrix);
  REQUIRE(view.extents == std::array<index_t, 2>{matrix.rows, matrix.cols});
  for (int i = 0; i < matrix.rows; ++i) {
    for (int j = 0; j < matrix.cols; ++j) CHECK(&view(i, j) == &matrix.at<float>(i, j));
  }
}

}  // namespace

TEST_CASE("matrices, and their parts that are not continuous") {
  cv::Mat matrix = numbers(6, 8);
  check_matrix(matrix);
  cv::Mat part = matrix(cv::Rect(2, 1, 5, 4));
  REQUIRE_FALSE(part.isContinuous());
  check_matrix(part);
  CHECK(as_view<float, 2>(part).strides == std::array<index_t, 2>{8, 1});
  cv::Mat column = matrix.col(3);
  check_matrix(column);
  cv::Mat diagonal = matrix.diag();
  check_matrix(diagonal);
  // Transposing copies, in OpenCV.
  cv::Mat transposed = matrix.t();
  check_matrix(transposed);
}

TEST_CASE("vectors are matrices of one column or one row") {
  cv::Mat matrix = numbers(6, 8);
  cv::Mat column = matrix.col(3);
  const auto down = as_view<float, 1>(column);
  static_assert(std::is_same_v<decltype(down), const lfnc::tensor_view<float, 1>>);
  CHECK(down.extents[0] == 6);
  CHECK(down.strides[0] == 8);
  CHECK(&down(4) == &matrix.at<float>(4, 3));
  cv::Mat row = matrix.row(2);
  const auto along = as_view<float, 1>(row);
  CHECK(along.extents[0] == 8);
  CHECK(along.strides[0] == 1);
  CHECK(&along(7) == &matrix.at<float>(2, 7));
  CHECK_REFUSED((as_view<float, 1>(matrix)),
                "matrix: it has 2 dimensions and 1 channels, which is no rank 1");
}

TEST_CASE("channels are the last dimension") {
  cv::Mat image(4, 5, CV_8UC3);
  const auto view = as_view<std::uint8_t, 3>(image);
  CHECK(view.extents == std::array<index_t, 3>{4, 5, 3});
  CHECK(view.strides == std::array<index_t, 3>{15, 3, 1});
  CHECK(&view(3, 2, 1) == &image.at<cv::Vec3b>(3, 2)[1]);
  cv::Mat part = image(cv::Rect(1, 1, 2, 3));
  CHECK(&as_view<std::uint8_t, 3>(part)(2, 1, 2) == &image.at<cv::Vec3b>(3, 2)[2]);
  CHECK_REFUSED((as_view<std::uint8_t, 2>(image)),
                "matrix: it has 2 dimensions and 3 channels, which is no rank 2");
  // A grey image has them too, where they are asked for.
  cv::Mat gray(4, 5, CV_8U);
  CHECK(as_view<std::uint8_t, 3>(gray).extents == std::array<index_t, 3>{4, 5, 1});
  cv::Mat pair(1, 5, CV_32FC2);
  CHECK_REFUSED((as_view<float, 1>(pair)), "matrix: it has 2 dimensions and 2 channels");
}

TEST_CASE("blobs of many dimensions, and their slices") {
  const int sizes[] = {2, 3, 4, 5};
  cv::Mat blob(4, sizes, CV_32F);
  const auto view = as_view<float, 4>(blob);
  CHECK(view.extents == std::array<index_t, 4>{2, 3, 4, 5});
  CHECK(view.strides == std::array<index_t, 4>{60, 20, 5, 1});
  const int last[] = {1, 2, 3, 4};
  CHECK(&view(1, 2, 3, 4) == &blob.at<float>(last));
  const cv::Range ranges[] = {cv::Range::all(), cv::Range(1, 3), cv::Range(2, 4), cv::Range(1, 4)};
  cv::Mat slice = blob(ranges);
  const auto sliced = as_view<float, 4>(slice);
  CHECK(sliced.extents == std::array<index_t, 4>{2, 2, 2, 3});
  CHECK(&sliced(1, 1, 1, 2) == &view(1, 2, 3, 3));
  cv::Mat pairs(4, sizes, CV_32FC2);
  CHECK(as_view<float, 5>(pairs).strides == std::array<index_t, 5>{120, 40, 10, 2, 1});
  CHECK_REFUSED((as_view<float, 3>(blob)),
                "matrix: it has 4 dimensions and 1 channels, which is no rank 3");
}

TEST_CASE("memory of others, with a step of its own") {
  std::vector<float> memory(40);
  cv::Mat matrix(3, 4, CV_32F, memory.data(), 10 * sizeof(float));
  CHECK(as_view<float, 2>(matrix).strides == std::array<index_t, 2>{10, 1});
  CHECK(&as_view<float, 2>(matrix)(2, 3) == &memory[23]);
  cv::Mat odd(3, 4, CV_32F, memory.data(), 10 * sizeof(float));
  odd.step[0] = 18;
  CHECK_REFUSED((as_view<float, 2>(odd)),
                "matrix: its step 0 of 18 bytes is not a multiple of its elements' 4 bytes");
  cv::Mat misaligned(3, 4, CV_32F, reinterpret_cast<std::byte*>(memory.data()) + 2);
  CHECK_REFUSED((as_view<float, 2>(misaligned)), "matrix: its data are not aligned to 4 bytes");
}

TEST_CASE("the element type has to be that of the matrix") {
  CHECK(has_type<std::uint8_t>(CV_8U));
  CHECK(has_type<const std::int8_t>(CV_8S));
  CHECK(has_type<std::uint16_t>(CV_16U));
  CHECK(has_type<std::int16_t>(CV_16S));
  CHECK(has_type<std::int32_t>(CV_32S));
  CHECK(has_type<float>(CV_32F));
  CHECK(has_type<double>(CV_64F));
  CHECK(has_type<lfnc::float16>(CV_16F));
  CHECK(has_type<cv::float16_t>(CV_16F));
  CHECK(has_type<engine_half>(CV_16F));
  CHECK_FALSE(has_type<float>(CV_64F));
  CHECK_FALSE(has_type<std::int8_t>(CV_8U));
  CHECK_FALSE(has_type<std::uint8_t>(CV_8S));
  CHECK_FALSE(has_type<float>(CV_32S));
  CHECK_FALSE(has_type<std::uint16_t>(CV_16F));
  CHECK_FALSE(viewable<bool, cv::Mat&>);
  CHECK_FALSE(viewable<std::int64_t, cv::Mat&>);
  CHECK_FALSE(viewable<lfnc::bfloat16, cv::Mat&>);
  cv::Mat doubles(2, 2, CV_64FC3);
  CHECK_REFUSED((as_view<float, 3>(doubles)), "matrix: its elements are CV_64F, not CV_32F");
}

TEST_CASE("constant matrices are read only, and temporaries are not taken") {
  const cv::Mat matrix = numbers(3, 4);
  const auto view = as_view<const float, 2>(matrix);
  static_assert(std::is_same_v<decltype(view), const lfnc::tensor_view<const float, 2>>);
  CHECK(&view(2, 1) == &matrix.at<float>(2, 1));
  CHECK(viewable<float, cv::Mat&>);
  CHECK(viewable<const float, cv::Mat&>);
  CHECK_FALSE(viewable<float, const cv::Mat&>);
  CHECK_FALSE(viewable<float, cv::Mat>);
  CHECK_FALSE(viewable<const float, cv::Mat>);
  CHECK_FALSE(viewable<const float, const cv::Mat>);
  CHECK_FALSE(viewable<float, cv::UMat&>);
  cv::Mat_<float> typed(3, 4);
  CHECK(as_view<float, 2>(typed).data == typed[0]);
}

TEST_CASE("empty matrices") {
  cv::Mat none(0, 4, CV_32F);
  CHECK(as_view<float, 2>(none).extents == std::array<index_t, 2>{0, 4});
  const int sizes[] = {2, 0, 3};
  cv::Mat blob(3, sizes, CV_32F);
  CHECK(as_view<float, 3>(blob).size() == 0);
  cv::Mat matrix = numbers(4, 5);
  cv::Mat nothing = matrix(cv::Range(2, 2), cv::Range::all());
  CHECK(as_view<float, 2>(nothing).size() == 0);
  // Without elements and without dimensions either.
  cv::Mat fresh;
  CHECK_REFUSED((as_view<std::uint8_t, 2>(fresh)), "matrix: it has 0 dimensions");
}

TEST_CASE("what is written through the view is in the matrix") {
  cv::Mat matrix = numbers(5, 6);
  const cv::Mat before = matrix.clone();
  cv::Mat part = matrix(cv::Rect(1, 1, 4, 3));
  const auto view = as_view<float, 2>(part);
  lfnc::fake_quantize(lfnc::cpu{}, view, view, {0.25, -7, 7});
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < 6; ++j) {
      const bool inside = i >= 1 && i < 4 && j >= 1 && j < 5;
      const float code =
          std::fmin(std::fmax(std::floor(before.at<float>(i, j) * 4 + 0.5F), -7.0F), 7.0F);
      CHECK(matrix.at<float>(i, j) == (inside ? 0.25F * code : before.at<float>(i, j)));
    }
  }
}

TEST_CASE("halves of OpenCV are quantized as the floats that they stand for") {
  cv::Mat weights = numbers(4, 30);
  cv::Mat halves;
  weights.convertTo(halves, CV_16F);
  halves.convertTo(weights, CV_32F);
  CHECK(
      lfnc::quantize_weights(lfnc::channels(as_view<cv::float16_t, 2>(halves), 0), lfnc::uniform(4))
          .codes ==
      lfnc::quantize_weights(lfnc::channels(as_view<float, 2>(weights), 0), lfnc::uniform(4))
          .codes);
}
