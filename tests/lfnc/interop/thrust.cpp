// Compiled with THRUST_DEVICE_SYSTEM_CPP, so that device memory is host memory and can be read.
#include <lfnc/interop/thrust.hpp>

#include <cmath>
#include <lfnc/quantize.hpp>
#include <type_traits>
#include <utility>

#include "support/check.hpp"

using lfnc::as_device_list;
using lfnc::as_device_view;
using lfnc::as_list;
using lfnc::as_view;
using lfnc::index_t;

namespace {

// Device vectors are filled and read in whole, as is done on a device.
template <class Vector>
Vector numbers(std::size_t count) {
  thrust::host_vector<float> values(count);
  for (std::size_t k = 0; k < count; ++k) values[k] = static_cast<float>(k) * 0.3F - 2;
  return values;
}

template <class T>
constexpr bool viewable = requires(T&& x) { as_view(std::forward<T>(x)); };
template <class T>
constexpr bool device_viewable = requires(T&& x) { as_device_view(std::forward<T>(x)); };

}  // namespace

TEST_CASE("without CUDA, Thrust's device memory is host memory") {
  static_assert(std::is_same_v<lfnc::thrust_space, lfnc::host_space>);
}

TEST_CASE("host vectors are tensors of rank 1, or of the extents given") {
  auto values = numbers<thrust::host_vector<float>>(24);
  const auto line = as_view(values);
  static_assert(std::is_same_v<decltype(line), const lfnc::tensor_view<float, 1>>);
  CHECK(line.data == values.data());
  CHECK(line.extents[0] == 24);
  CHECK(line.strides[0] == 1);
  const auto tensor = as_view(values, {2, 3, 4});
  static_assert(std::is_same_v<decltype(tensor), const lfnc::tensor_view<float, 3>>);
  CHECK(tensor.strides == std::array<index_t, 3>{12, 4, 1});
  CHECK(&tensor(1, 2, 3) == &values[23]);
  const auto& constant = values;
  static_assert(std::is_same_v<decltype(as_view(constant)), lfnc::tensor_view<const float, 1>>);
  static_assert(
      std::is_same_v<decltype(as_view(constant, {4, 6})), lfnc::tensor_view<const float, 2>>);
  CHECK(as_view(constant, {4, 6}).data == values.data());
}

TEST_CASE("device vectors likewise") {
  auto values = numbers<thrust::device_vector<float>>(24);
  float* begin = thrust::raw_pointer_cast(values.data());
  const auto line = as_device_view(values);
  static_assert(
      std::is_same_v<decltype(line), const lfnc::tensor_view<float, 1, lfnc::thrust_space>>);
  CHECK(line.data == begin);
  CHECK(line.extents[0] == 24);
  CHECK(line.strides[0] == 1);
  const auto tensor = as_device_view(values, {2, 3, 4});
  CHECK(tensor.data == begin);
  CHECK(tensor.extents == std::array<index_t, 3>{2, 3, 4});
  CHECK(tensor.strides == std::array<index_t, 3>{12, 4, 1});
  const auto& constant = values;
  static_assert(std::is_same_v<decltype(as_device_view(constant)),
                               lfnc::tensor_view<const float, 1, lfnc::thrust_space>>);
  static_assert(std::is_same_v<decltype(as_device_view(constant, {4, 6})),
                               lfnc::tensor_view<const float, 2, lfnc::thrust_space>>);
  CHECK(as_device_view(constant, {4, 6}).data == begin);
}

TEST_CASE("device pointers, with strides where they are needed") {
  auto values = numbers<thrust::device_vector<float>>(24);
  float* begin = thrust::raw_pointer_cast(values.data());
  const thrust::device_ptr<float> data = thrust::device_pointer_cast(begin);
  const auto dense = as_device_view(data, {4, 6});
  CHECK(dense.data == begin);
  CHECK(dense.strides == std::array<index_t, 2>{6, 1});
  const auto transposed = as_device_view(data + 2, {2, 3}, {1, 4});
  static_assert(
      std::is_same_v<decltype(transposed), const lfnc::tensor_view<float, 2, lfnc::thrust_space>>);
  CHECK(transposed.data == begin + 2);
  CHECK(transposed.strides == std::array<index_t, 2>{1, 4});
  // What a vector calls a pointer is one.
  CHECK(as_device_view(values.data() + 3, {7}).data == begin + 3);
  const auto& constant = values;
  static_assert(std::is_same_v<decltype(as_device_view(constant.data(), {24})),
                               lfnc::tensor_view<const float, 1, lfnc::thrust_space>>);
  CHECK_REFUSED(as_device_view(thrust::device_ptr<float>{}, {2, 3}), "view: null data");
}

TEST_CASE("a vector is viewed where it lies, and nowhere else") {
  CHECK(viewable<thrust::host_vector<float>&>);
  CHECK_FALSE(viewable<thrust::device_vector<float>&>);
  CHECK(device_viewable<thrust::device_vector<float>&>);
  CHECK_FALSE(device_viewable<thrust::host_vector<float>&>);
  // Temporaries would be gone before the view.
  CHECK_FALSE(viewable<thrust::host_vector<float>>);
  CHECK_FALSE(viewable<const thrust::host_vector<float>>);
  CHECK_FALSE(device_viewable<const thrust::device_vector<float>>);
  CHECK_FALSE(device_viewable<thrust::device_vector<float>>);
}

TEST_CASE("extents that are not the vector's are refused") {
  auto host = numbers<thrust::host_vector<float>>(24);
  auto device = numbers<thrust::device_vector<float>>(24);
  CHECK_REFUSED(as_view(host, {5, 5}), "extents: their product is 25, the vector holds 24");
  CHECK_REFUSED(as_device_view(device, {23}), "extents: their product is 23, the vector holds 24");
  CHECK_REFUSED(as_device_view(device, {-1, 24}), "extent 0 is negative");
}

TEST_CASE("empty vectors") {
  thrust::host_vector<float> host;
  thrust::device_vector<float> device;
  CHECK(as_view(host).size() == 0);
  CHECK(as_view(host, {0, 4}).extents[1] == 4);
  CHECK(as_device_view(device).size() == 0);
  CHECK(as_device_view(device, {3, 0}).extents[0] == 3);
  CHECK(as_list(host).size == 0);
  CHECK(as_device_list(device).size == 0);
}

TEST_CASE("what is written through the view is in the vector") {
  auto values = numbers<thrust::device_vector<float>>(24);
  const thrust::host_vector<float> before = values;
  const auto view = as_device_view(values.data() + 3, {2, 3}, {12, 2});
  lfnc::fake_quantize(lfnc::cpu{}, view, view, {0.5, 0, 255});
  const thrust::host_vector<float> after = values;
  for (std::size_t k = 0; k < 24; ++k) {
    const bool inside = k % 12 == 3 || k % 12 == 5 || k % 12 == 7;
    const float code = std::fmax(std::floor(before[k] * 2 + 0.5F), 0.0F);
    CHECK(after[k] == (inside ? 0.5F * code : before[k]));
  }
}

TEST_CASE("weights, codes and rows in vectors") {
  const auto weights = numbers<thrust::device_vector<float>>(60);
  thrust::device_vector<std::int8_t> codes(60);
  thrust::device_vector<lfnc::row_fit> rows(4);
  lfnc::quantize_weights(lfnc::cpu{}, lfnc::channels(as_device_view(weights, {4, 15}), 0),
                         lfnc::uniform(4), lfnc::channels(as_device_view(codes, {4, 15}), 0),
                         as_device_list(rows));
  const thrust::host_vector<float> same = weights;
  const auto expected =
      lfnc::quantize_weights(lfnc::channels(as_view(same, {4, 15}), 0), lfnc::uniform(4));
  const thrust::host_vector<std::int8_t> found = codes;
  const thrust::host_vector<lfnc::row_fit> fits = rows;
  for (std::size_t k = 0; k < 60; ++k) CHECK(found[k] == expected.codes[k]);
  for (std::size_t r = 0; r < 4; ++r) CHECK(fits[r].alpha == expected.rows[r].alpha);
}

TEST_CASE("moments in a host vector, and constant lists") {
  const auto batch = numbers<thrust::host_vector<float>>(24);
  thrust::host_vector<lfnc::channel_moments> moments(3);
  lfnc::accumulate_moments(lfnc::cpu{}, lfnc::channels(as_view(batch, {2, 3, 4}), 1),
                           as_list(moments));
  CHECK(moments[2].count == 8);
  const auto& constant = moments;
  static_assert(
      std::is_same_v<decltype(as_list(constant)), lfnc::list_view<const lfnc::channel_moments>>);
  CHECK(as_list(constant).data == moments.data());
  const thrust::device_vector<double> alpha(5);
  static_assert(std::is_same_v<decltype(as_device_list(alpha)),
                               lfnc::list_view<const double, lfnc::thrust_space>>);
  CHECK(as_device_list(alpha).size == 5);
}
