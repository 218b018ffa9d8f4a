#include <lfnc/interop/xtensor.hpp>

#include <lfnc/quantize.hpp>
#include <vector>
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xfixed.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include "support/check.hpp"

using lfnc::as_view;
using lfnc::index_t;

namespace {

// The view shows array(i, j) at (i, j), in the same place.
template <class View, class Array>
void check_matrix(const View& view, Array& array) {
  REQUIRE(view.extents[0] == static_cast<index_t>(array.shape(0)));
  REQUIRE(view.extents[1] == static_cast<index_t>(array.shape(1)));
  for (std::size_t i = 0; i < array.shape(0); ++i) {
    for (std::size_t j = 0; j < array.shape(1); ++j) CHECK(&view(i, j) == &array(i, j));
  }
}

template <class T>
constexpr bool viewable = requires(T& x) { as_view<2>(x); };

}  // namespace

TEST_CASE("tensors and arrays of either layout") {
  xt::xtensor<float, 2> tensor({3, 4});
  check_matrix(as_view(tensor), tensor);
  xt::xtensor<double, 2, xt::layout_type::column_major> column_major({3, 4});
  check_matrix(as_view(column_major), column_major);
  CHECK(as_view(column_major).strides == std::array<index_t, 2>{1, 3});
  xt::xarray<float> array(std::vector<std::size_t>{3, 4});
  check_matrix(as_view<2>(array), array);
  xt::xarray<float, xt::layout_type::column_major> other(std::vector<std::size_t>{3, 4});
  check_matrix(as_view<2>(other), other);
  xt::xtensor_fixed<float, xt::xshape<2, 3>> fixed;
  check_matrix(as_view(fixed), fixed);
}

TEST_CASE("extents of 1, whose strides xtensor sets to 0") {
  xt::xtensor<float, 4> tensor({2, 1, 3, 1});
  const auto view = as_view(tensor);
  CHECK(view.extents == std::array<index_t, 4>{2, 1, 3, 1});
  CHECK(&view(1, 0, 2, 0) == &tensor(1, 0, 2, 0));
  const auto channels = lfnc::channels(view, 2);
  CHECK(channels.channels == 3);
  CHECK(channels.address(2, 1, 0) == &tensor(1, 0, 2, 0));
}

TEST_CASE("adaptors of memory of others") {
  std::vector<float> memory(12);
  auto ranked = xt::adapt(memory.data(), 12, xt::no_ownership(), std::array<std::size_t, 2>{3, 4});
  check_matrix(as_view(ranked), ranked);
  CHECK(as_view(ranked).data == memory.data());
  auto dynamic = xt::adapt(memory, std::vector<std::size_t>{2, 6});
  check_matrix(as_view<2>(dynamic), dynamic);
}

TEST_CASE("slices, transposes and reversals") {
  xt::xtensor<float, 2> tensor({6, 8});
  auto slice = xt::view(tensor, xt::range(1, 6, 2), xt::range(2, 7));
  check_matrix(as_view(slice), slice);
  CHECK(as_view(slice).strides == std::array<index_t, 2>{16, 1});
  auto reversed = xt::strided_view(tensor, {xt::range(5, 0, -2), xt::all()});
  check_matrix(as_view<2>(reversed), reversed);
  CHECK(as_view<2>(reversed).strides[0] == -16);
  auto transposed = xt::transpose(tensor);
  check_matrix(as_view<2>(transposed), transposed);
  xt::xtensor<float, 3> volume({2, 3, 4});
  auto plane = xt::view(volume, xt::all(), 1, xt::all());
  check_matrix(as_view<2>(plane), plane);
  auto wider = xt::view(tensor, xt::newaxis(), 2, xt::all());
  CHECK(as_view<2>(wider).extents == std::array<index_t, 2>{1, 8});
  CHECK(&as_view<2>(wider)(0, 5) == &tensor(2, 5));
}

TEST_CASE("constant objects give constant elements") {
  const xt::xtensor<float, 2> tensor({2, 2});
  static_assert(std::is_same_v<decltype(as_view(tensor)), lfnc::tensor_view<const float, 2>>);
  const xt::xarray<float> array(std::vector<std::size_t>{2, 2});
  static_assert(std::is_same_v<decltype(as_view<2>(array)), lfnc::tensor_view<const float, 2>>);
  CHECK(as_view<2>(array).data == array.data());
}

TEST_CASE("expressions that are yet to be computed have no memory") {
  using tensor = xt::xtensor<float, 2>;
  using sum = decltype(std::declval<tensor&>() + std::declval<tensor&>());
  CHECK(viewable<tensor>);
  CHECK_FALSE(viewable<sum>);
}

TEST_CASE("another rank is refused") {
  xt::xarray<float> array(std::vector<std::size_t>{2, 3});
  CHECK_REFUSED(as_view<3>(array), "array: its rank is 2, not 3");
  CHECK_REFUSED(as_view<1>(array), "array: its rank is 2, not 1");
}

TEST_CASE("empty arrays") {
  xt::xtensor<float, 2> tensor({0, 4});
  CHECK(as_view(tensor).size() == 0);
  xt::xarray<float> array(std::vector<std::size_t>{3, 0, 2});
  CHECK(as_view<3>(array).size() == 0);
}

TEST_CASE("what is written through the view is in the array") {
  xt::xtensor<float, 2> tensor({4, 6});
  for (std::size_t k = 0; k < 24; ++k) tensor.data()[k] = 0.3F * static_cast<float>(k);
  const xt::xtensor<float, 2> before = tensor;
  auto slice = xt::view(tensor, xt::range(1, 3), xt::range(0, 6, 2));
  const auto view = as_view(slice);
  lfnc::fake_quantize(lfnc::cpu{}, view, view, {0.5, 0, 255});
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 6; ++j) {
      const bool inside = i >= 1 && i < 3 && j % 2 == 0;
      CHECK(tensor(i, j) == (inside ? 0.5F * std::floor(before(i, j) * 2 + 0.5F) : before(i, j)));
    }
  }
}

namespace {

template <class T>
constexpr bool taken = requires(T&& x) { as_view<2>(std::forward<T>(x)); };
template <class T>
constexpr bool taken_by_its_type = requires(T&& x) { as_view(std::forward<T>(x)); };

}  // namespace

TEST_CASE("temporaries are taken of what points to memory of others, and of nothing else") {
  xt::xarray<float> array = xt::zeros<float>({2, 3});
  const xt::xarray<float> constant = array;
  xt::xtensor<float, 2> tensor = array;
  std::vector<float> values(6);
  const std::array<std::size_t, 2> shape{2, 3};
  const std::vector<std::size_t> any_shape{2, 3};

  CHECK_FALSE(taken<xt::xarray<float>>);
  CHECK_FALSE(taken<const xt::xarray<float>>);
  CHECK_FALSE(taken<xt::xtensor<float, 2>>);
  CHECK_FALSE(taken<xt::xtensor_fixed<float, xt::xshape<2, 3>>>);
  CHECK_FALSE(taken<decltype(xt::view(xt::xarray<float>(array), xt::all(), xt::all()))>);
  CHECK_FALSE(taken<decltype(xt::adapt(std::vector<float>(6), shape))>);
  CHECK_FALSE(
      taken<decltype(xt::adapt(values.data(), values.size(), xt::acquire_ownership(), shape))>);

  CHECK(as_view<2>(xt::view(array, xt::all(), xt::all())).data == array.data());
  CHECK(as_view<2>(xt::view(constant, xt::all(), xt::all())).data == constant.data());
  CHECK(as_view<1>(xt::view(xt::view(array, xt::all(), xt::all()), 1)).data == &array(1, 0));
  CHECK(as_view<2>(xt::strided_view(array, {xt::ellipsis()})).data == array.data());
  CHECK(as_view<2>(xt::adapt(values, any_shape)).data == values.data());
  CHECK(as_view(xt::adapt(values, shape)).data == values.data());
  CHECK(as_view(xt::view(tensor, xt::all(), 1)).data == &tensor(0, 1));
  float* const data = values.data();
  CHECK(as_view(xt::adapt(data, values.size(), xt::no_ownership(), shape)).data == data);
  CHECK(taken_by_its_type<decltype(xt::view(tensor, xt::all(), 1))>);
  CHECK_FALSE(taken_by_its_type<xt::xtensor<float, 2>>);
}
