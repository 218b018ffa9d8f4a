// Thrust's device vectors and DLPack's device tensors as the arguments of verbs.
#include <cstdint>
#include <lfnc/cuda.hpp>
#include <lfnc/interop/thrust.hpp>
#include <vector>

#include "../../support/random.hpp"
#include "../compare.hpp"

#if __has_include(<dlpack/dlpack.h>)
#include <lfnc/interop/dlpack.hpp>
#endif

namespace {

std::vector<float> some_values(std::size_t count) {
  generator random(count);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.gaussian());
  return values;
}

template <class T>
std::vector<T> host(const thrust::device_vector<T>& values) {
  std::vector<T> result(values.size());
  thrust::copy(values.begin(), values.end(), result.begin());
  return result;
}

}  // namespace

TEST_CASE("weights and results in thrust::device_vector") {
  const std::vector<float> weights = some_values(8 * 45);
  const auto expected =
      lfnc::quantize_weights(lfnc::channels(lfnc::as_view(weights, {8, 45}), 0), lfnc::ternary());
  const thrust::device_vector<float> there(weights.begin(), weights.end());
  thrust::device_vector<std::int8_t> codes(weights.size());
  thrust::device_vector<lfnc::row_fit> rows(8);
  backend::run([&](const auto& policy) {
    quantize_weights(policy, lfnc::channels(lfnc::as_device_view(there, {8, 45}), 0),
                     lfnc::ternary(), lfnc::channels(lfnc::as_device_view(codes, {8, 45}), 0),
                     lfnc::as_device_list(rows));
  });
  CHECK_SAME_BITS(expected.codes, host(codes));
  CHECK_SAME_BITS(expected.rows, host(rows));
}

#if __has_include(<dlpack/dlpack.h>)

TEST_CASE("a device tensor of DLPack, out and in") {
  const std::vector<float> values = some_values(6 * 50);
  std::vector<std::uint8_t> expected(values.size());
  const lfnc::activation_grid grid{0.02};
  lfnc::quantize(lfnc::cpu{1}, lfnc::as_view(values, {6, 50}), lfnc::as_view(expected, {6, 50}),
                 grid);
  const thrust::device_vector<float> there(values.begin(), values.end());
  thrust::device_vector<std::uint8_t> codes(values.size());
  auto shared = lfnc::to_dlpack(lfnc::as_device_view(there, {6, 50}), 0);
  const DLTensor tensor = shared.tensor();
  CHECK(tensor.device.device_type == kDLCUDA);
  const auto view = lfnc::as_device_view<const float, 2>(tensor);
  backend::run([&](const auto& policy) {
    quantize(policy, view, lfnc::as_device_view(codes, {6, 50}), grid);
  });
  CHECK_SAME_BITS(expected, host(codes));
}

#endif
