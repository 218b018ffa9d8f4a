#include <lfnc/interop/eigen.hpp>

#include <Eigen/Core>
#include <lfnc/quantize.hpp>
#include <unsupported/Eigen/CXX11/Tensor>
#include <vector>

#include "support/check.hpp"

using lfnc::as_view;
using lfnc::index_t;

namespace {

// The view shows matrix(i, j) at (i, j), in the same place.
template <class Matrix>
void check_matrix(Matrix& matrix) {
  const auto view = as_view(matrix);
  REQUIRE(view.extents[0] == matrix.rows());
  REQUIRE(view.extents[1] == matrix.cols());
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    for (Eigen::Index j = 0; j < matrix.cols(); ++j) {
      CHECK(&view(i, j) == &matrix.coeffRef(i, j));
    }
  }
}

template <class T>
constexpr bool viewable = requires(T&& x) { as_view(std::forward<T>(x)); };

}  // namespace

TEST_CASE("matrices and arrays of either storage order, fixed and dynamic") {
  Eigen::MatrixXf column_major(3, 5);
  check_matrix(column_major);
  CHECK(as_view(column_major).strides == std::array<index_t, 2>{1, 3});
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> row_major(3, 5);
  check_matrix(row_major);
  CHECK(as_view(row_major).strides == std::array<index_t, 2>{5, 1});
  Eigen::Array<float, 2, 4> array;
  check_matrix(array);
  Eigen::Matrix<std::int8_t, 4, 2, Eigen::RowMajor> codes;
  check_matrix(codes);
}

TEST_CASE("maps with inner and outer strides") {
  std::vector<float> memory(100);
  Eigen::Map<Eigen::MatrixXf, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>> map(
      memory.data(), 3, 4, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>(20, 2));
  check_matrix(map);
  CHECK(as_view(map).strides == std::array<index_t, 2>{2, 20});
  using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<row_major, 0, Eigen::OuterStride<>> rows(memory.data(), 3, 4, Eigen::OuterStride<>(9));
  check_matrix(rows);
  CHECK(as_view(rows).strides == std::array<index_t, 2>{9, 1});
}

TEST_CASE("blocks, transposes, refs and diagonals") {
  Eigen::MatrixXf matrix = Eigen::MatrixXf::Random(6, 7);
  auto block = matrix.block(1, 2, 3, 4);
  check_matrix(block);
  auto transposed = matrix.transpose();
  CHECK(&as_view(transposed)(6, 5) == &matrix(5, 6));
  CHECK(as_view(transposed).extents == std::array<index_t, 2>{7, 6});
  Eigen::Ref<Eigen::MatrixXf> ref(matrix);
  check_matrix(ref);
  auto diagonal = matrix.diagonal();
  const auto view = as_view(diagonal);
  CHECK(view.extents[0] == 6);
  CHECK(&view(4) == &matrix(4, 4));
  auto twice = block.transpose();
  CHECK(&as_view(twice)(3, 2) == &matrix(3, 5));
}

TEST_CASE("vectors have rank 1, rows and columns of matrices too") {
  Eigen::VectorXf vector(5);
  const lfnc::tensor_view<float, 1> view = as_view(vector);
  CHECK(view.strides[0] == 1);
  Eigen::RowVector3d row;
  CHECK(as_view(row).extents[0] == 3);
  Eigen::MatrixXf matrix(4, 3);
  auto second = matrix.row(1);
  CHECK(as_view(second).strides[0] == 4);
  CHECK(&as_view(second)(2) == &matrix(1, 2));
}

TEST_CASE("constant objects give constant elements") {
  const Eigen::MatrixXf matrix = Eigen::MatrixXf::Zero(2, 2);
  static_assert(std::is_same_v<decltype(as_view(matrix)), lfnc::tensor_view<const float, 2>>);
  CHECK(as_view(matrix).data == matrix.data());
  Eigen::Map<const Eigen::MatrixXf> map(matrix.data(), 2, 2);
  static_assert(std::is_same_v<decltype(as_view(map)), lfnc::tensor_view<const float, 2>>);
  const Eigen::Tensor<float, 2> tensor(2, 2);
  static_assert(std::is_same_v<decltype(as_view(tensor)), lfnc::tensor_view<const float, 2>>);
}

TEST_CASE("what reads only gives constant elements too") {
  Eigen::MatrixXf matrix = Eigen::MatrixXf::Random(4, 5);
  Eigen::Ref<const Eigen::MatrixXf> ref(matrix.block(1, 1, 2, 3));
  static_assert(std::is_same_v<decltype(as_view(ref)), lfnc::tensor_view<const float, 2>>);
  CHECK(&as_view(ref)(1, 2) == &matrix(2, 3));
  const Eigen::MatrixXf& constant = matrix;
  static_assert(
      std::is_same_v<decltype(as_view(constant.transpose())), lfnc::tensor_view<const float, 2>>);
}

TEST_CASE("maps of one number, and of arrays") {
  float one = 3;
  using strides = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  Eigen::Map<Eigen::MatrixXf, 0, strides> repeated(&one, 3, 4, strides(0, 0));
  CHECK(as_view(repeated).strides == std::array<index_t, 2>{0, 0});
  CHECK(&as_view(repeated)(2, 3) == &one);
  std::vector<double> memory(12);
  Eigen::Map<Eigen::ArrayXXd> array(memory.data(), 3, 4);
  check_matrix(array);
  CHECK(&as_view(array)(2, 1) == &memory[5]);
  CHECK(&as_view(array.col(2))(1) == &memory[7]);
}

TEST_CASE("nothing at an address is viewed, nowhere is refused") {
  Eigen::Map<Eigen::MatrixXf> none(nullptr, 0, 3);
  CHECK(as_view(none).size() == 0);
  Eigen::TensorMap<Eigen::Tensor<float, 2>> nowhere(nullptr, 2, 3);
  CHECK_REFUSED(as_view(nowhere), "tensor: null data");
}

TEST_CASE("temporaries are taken of what points to memory of others, and of nothing else") {
  CHECK(viewable<Eigen::Map<Eigen::MatrixXf>>);
  CHECK(viewable<Eigen::Block<Eigen::MatrixXf>>);
  CHECK_FALSE(viewable<Eigen::MatrixXf>);
  CHECK_FALSE(viewable<const Eigen::MatrixXf>);
  CHECK_FALSE(viewable<const Eigen::Tensor<float, 2>>);
  CHECK_FALSE(viewable<Eigen::Tensor<float, 2>>);
  CHECK(viewable<Eigen::TensorMap<Eigen::Tensor<float, 2>>>);
  CHECK(viewable<Eigen::TensorMap<Eigen::Tensor<const float, 2>>>);
  CHECK_FALSE(viewable<Eigen::TensorFixedSize<float, Eigen::Sizes<2, 5>>>);
  // What is yet to be computed has no memory.
  using sum = decltype(std::declval<Eigen::MatrixXf&>() + std::declval<Eigen::MatrixXf&>());
  CHECK_FALSE(viewable<sum>);
  CHECK_FALSE(viewable<sum&>);
  CHECK_FALSE(viewable<decltype(std::declval<Eigen::MatrixXf&>().reverse())>);
  CHECK_FALSE(viewable<decltype(std::declval<Eigen::Tensor<float, 2>&>() * 2.0F)>);
  CHECK_FALSE(viewable<Eigen::Tensor<float, 0>&>);
  Eigen::MatrixXf matrix(3, 3);
  CHECK(&as_view(matrix.block(1, 1, 2, 2))(0, 0) == &matrix(1, 1));
}

TEST_CASE("tensors, maps of tensors and tensors of fixed size, in either storage order") {
  Eigen::Tensor<float, 3> column_major(2, 3, 4);
  CHECK(as_view(column_major).extents == std::array<index_t, 3>{2, 3, 4});
  CHECK(as_view(column_major).strides == std::array<index_t, 3>{1, 2, 6});
  CHECK(&as_view(column_major)(1, 2, 3) == &column_major(1, 2, 3));
  Eigen::Tensor<double, 4, Eigen::RowMajor> row_major(2, 3, 4, 5);
  CHECK(as_view(row_major).strides == std::array<index_t, 4>{60, 20, 5, 1});
  CHECK(&as_view(row_major)(1, 2, 0, 3) == &row_major(1, 2, 0, 3));
  std::vector<float> memory(24);
  Eigen::TensorMap<Eigen::Tensor<float, 2, Eigen::RowMajor>> map(memory.data(), 4, 6);
  CHECK(&as_view(map)(3, 2) == &memory[20]);
  Eigen::TensorMap<Eigen::Tensor<const float, 2>> constant(memory.data(), 4, 6);
  static_assert(std::is_same_v<decltype(as_view(constant)), lfnc::tensor_view<const float, 2>>);
  Eigen::TensorFixedSize<float, Eigen::Sizes<2, 5>> fixed;
  CHECK(as_view(fixed).strides == std::array<index_t, 2>{1, 2});
}

TEST_CASE("empty objects") {
  Eigen::MatrixXf none(0, 4);
  CHECK(as_view(none).size() == 0);
  Eigen::Tensor<float, 3> empty(2, 0, 3);
  CHECK(as_view(empty).size() == 0);
  Eigen::VectorXf vector;
  CHECK(as_view(vector).size() == 0);
}

TEST_CASE("what is written through the view is in the matrix") {
  Eigen::MatrixXf matrix = Eigen::MatrixXf::Random(5, 6);
  const Eigen::MatrixXf before = matrix;
  auto block = matrix.block(1, 1, 3, 4);
  const auto view = as_view(block);
  lfnc::fake_quantize(lfnc::cpu{}, view, view, {0.25, -7, 7});
  for (Eigen::Index i = 0; i < 5; ++i) {
    for (Eigen::Index j = 0; j < 6; ++j) {
      const bool inside = i >= 1 && i < 4 && j >= 1 && j < 5;
      const float expected = inside ? 0.25F * std::floor(before(i, j) * 4 + 0.5F) : before(i, j);
      CHECK(matrix(i, j) == expected);
    }
  }
}

TEST_CASE("weights in an Eigen matrix are quantized as anywhere else, halves too") {
  Eigen::MatrixXf weights = Eigen::MatrixXf::Random(4, 30);
  std::vector<float> rows;
  for (Eigen::Index i = 0; i < 4; ++i) {
    for (Eigen::Index j = 0; j < 30; ++j) rows.push_back(weights(i, j));
  }
  const auto a = lfnc::quantize_weights(lfnc::channels(as_view(weights), 0), lfnc::uniform(4));
  const auto b =
      lfnc::quantize_weights(lfnc::channels(as_view(rows, {4, 30}), 0), lfnc::uniform(4));
  CHECK(a.codes == b.codes);
  Eigen::Matrix<Eigen::half, 4, 30> halves = weights.cast<Eigen::half>();
  Eigen::MatrixXf widened = halves.cast<float>();
  CHECK(lfnc::quantize_weights(lfnc::channels(as_view(halves), 0), lfnc::uniform(4)).codes ==
        lfnc::quantize_weights(lfnc::channels(as_view(widened), 0), lfnc::uniform(4)).codes);
}
