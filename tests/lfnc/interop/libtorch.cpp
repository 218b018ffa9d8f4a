// clang++ in C++20 wants to know this class before anything speaks of lists of it.
#include <ATen/core/ivalue.h>

// The library's log has a macro CHECK of its own.
#undef CHECK

#include <lfnc/interop/libtorch.hpp>

#include <ATen/EmptyTensor.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>

#include <cmath>
#include <cstdint>
#include <lfnc/quantize.hpp>
#include <utility>
#include <vector>

#include "support/check.hpp"

using lfnc::as_device_view;
using lfnc::as_view;
using lfnc::index_t;

// What an engine brings along.
struct engine_half {
  std::uint16_t bits;
};
template <>
inline constexpr c10::ScalarType lfnc::torch_type<engine_half> = c10::ScalarType::Half;

namespace {

at::Tensor empty(std::vector<std::int64_t> sizes, c10::ScalarType type = c10::kFloat) {
  return at::Tensor(at::detail::empty_cpu(sizes, type));
}

at::Tensor numbers(std::vector<std::int64_t> sizes) {
  at::Tensor tensor = empty(std::move(sizes));
  for (std::int64_t k = 0; k < tensor.numel(); ++k) {
    tensor.data_ptr<float>()[k] = 0.3F * static_cast<float>(k) - 2;
  }
  return tensor;
}

// A tensor that says it lies on another device, at an address that nobody may read.
at::Tensor elsewhere(c10::DeviceType device, c10::DispatchKey key) {
  c10::DataPtr address(reinterpret_cast<void*>(std::uintptr_t{4096}), c10::Device(device, 0));
  c10::Storage storage(c10::Storage::use_byte_size_t(), 1024, std::move(address));
  auto made = c10::make_intrusive<c10::TensorImpl>(std::move(storage), c10::DispatchKeySet(key),
                                                   caffe2::TypeMeta::Make<float>());
  made->set_sizes_and_strides(at::IntArrayRef{4, 5}, at::IntArrayRef{16, 2});
  made->set_storage_offset(3);
  return at::Tensor(std::move(made));
}

// Refused by its type alone.
template <class T>
bool has_type(c10::ScalarType type) {
  const at::Tensor tensor = empty({2, 3}, type);
  try {
    as_view<T, 2>(tensor);
    return true;
  } catch (const lfnc::argument_error&) {
    return false;
  }
}

template <class T, class Tensor>
constexpr bool viewable =
    requires(Tensor&& tensor) { as_view<T, 2>(std::forward<Tensor>(tensor)); };

// The view shows tensor[i][j] at (i, j), in the same place.
void check_matrix(const at::Tensor& tensor) {
  const auto view = as_view<float, 2>(tensor);
  REQUIRE(view.extents == std::array<index_t, 2>{tensor.size(0), tensor.size(1)});
  for (std::int64_t i = 0; i < tensor.size(0); ++i) {
    for (std::int64_t j = 0; j < tensor.size(1); ++j) {
      CHECK(&view(i, j) == tensor.select(0, i).select(0, j).data_ptr<float>());
    }
  }
}

}  // namespace

TEST_CASE("tensors of any strides") {
  const at::Tensor tensor = numbers({2, 3, 4});
  const auto view = as_view<float, 3>(tensor);
  static_assert(std::is_same_v<decltype(view), const lfnc::tensor_view<float, 3>>);
  CHECK(view.data == tensor.data_ptr<float>());
  CHECK(view.extents == std::array<index_t, 3>{2, 3, 4});
  CHECK(view.strides == std::array<index_t, 3>{12, 4, 1});

  const at::Tensor matrix = numbers({6, 8});
  check_matrix(matrix);
  check_matrix(matrix.t());
  check_matrix(matrix.slice(0, 1, 6, 2).slice(1, 2, 7, 3));
  const at::Tensor sliced = matrix.slice(0, 1, 6, 2).t();
  CHECK(as_view<float, 2>(sliced).strides == std::array<index_t, 2>{1, 16});
  const at::Tensor broadcast = matrix.select(0, 2).unsqueeze(0).expand({5, 8});
  CHECK(as_view<float, 2>(broadcast).strides == std::array<index_t, 2>{0, 1});
  check_matrix(broadcast);
  const at::Tensor diagonal = matrix.diagonal();
  CHECK(as_view<float, 1>(diagonal).strides[0] == 9);

  const at::Tensor image = numbers({2, 3, 4, 5}).contiguous(at::MemoryFormat::ChannelsLast);
  CHECK(as_view<float, 4>(image).strides == std::array<index_t, 4>{60, 1, 15, 3});
}

TEST_CASE("the element type has to be that of the tensor") {
  CHECK(has_type<float>(c10::kFloat));
  CHECK(has_type<const double>(c10::kDouble));
  CHECK(has_type<lfnc::float16>(c10::kHalf));
  CHECK(has_type<c10::Half>(c10::kHalf));
  CHECK(has_type<engine_half>(c10::kHalf));
  CHECK(has_type<lfnc::bfloat16>(c10::kBFloat16));
  CHECK(has_type<c10::BFloat16>(c10::kBFloat16));
  CHECK(has_type<std::uint8_t>(c10::kByte));
  CHECK(has_type<std::int8_t>(c10::kChar));
  CHECK(has_type<std::int16_t>(c10::kShort));
  CHECK(has_type<std::int32_t>(c10::kInt));
  CHECK(has_type<std::int64_t>(c10::kLong));
  CHECK(has_type<long long>(c10::kLong));
  CHECK_FALSE(has_type<float>(c10::kDouble));
  CHECK_FALSE(has_type<float>(c10::kInt));
  CHECK_FALSE(has_type<lfnc::float16>(c10::kBFloat16));
  CHECK_FALSE(has_type<std::uint8_t>(c10::kChar));
  CHECK_FALSE(has_type<std::uint8_t>(c10::kBool));
  CHECK_FALSE(has_type<std::int8_t>(c10::kQInt8));
  CHECK_FALSE(viewable<bool, at::Tensor&>);
  CHECK_FALSE(viewable<std::uint16_t, at::Tensor&>);
  CHECK_FALSE(viewable<std::uint64_t, at::Tensor&>);
  const at::Tensor doubles = empty({2, 2}, c10::kDouble);
  CHECK_REFUSED((as_view<float, 2>(doubles)), "tensor: its elements are Double, not Float");
}

TEST_CASE("const reads only; temporaries are not taken") {
  const at::Tensor tensor = numbers({2, 3});
  const auto view = as_view<const float, 2>(tensor);
  static_assert(std::is_same_v<decltype(view), const lfnc::tensor_view<const float, 2>>);
  CHECK(view.data == tensor.data_ptr<float>());
  CHECK(viewable<float, const at::Tensor&>);
  CHECK(viewable<float, at::TensorBase&>);
  CHECK_FALSE(viewable<float, at::Tensor>);
  CHECK_FALSE(viewable<const float, at::Tensor>);
  CHECK_FALSE(viewable<const float, const at::Tensor>);
}

TEST_CASE("another rank is refused") {
  const at::Tensor tensor = numbers({2, 3});
  CHECK_REFUSED((as_view<float, 3>(tensor)), "tensor: its rank is 2, not 3");
  CHECK_REFUSED((as_view<float, 1>(tensor)), "tensor: its rank is 2, not 1");
  const at::Tensor number = empty({});
  CHECK_REFUSED((as_view<float, 1>(number)), "tensor: its rank is 0, not 1");
}

TEST_CASE("tensors without elements in order are refused") {
  const at::Tensor undefined;
  CHECK_REFUSED((as_view<float, 2>(undefined)), "tensor: it is undefined");
  const at::Tensor sparse = numbers({2, 3}).to_sparse();
  CHECK_REFUSED((as_view<float, 2>(sparse)), "tensor: it has no strides");
  const at::Tensor negated = numbers({2, 3})._neg_view();
  CHECK_REFUSED((as_view<float, 2>(negated)), "tensor: its elements are yet to be negated");
}

TEST_CASE("empty tensors") {
  const at::Tensor none = empty({3, 0, 2});
  CHECK(as_view<float, 3>(none).size() == 0);
  const at::Tensor matrix = numbers({4, 5});
  const at::Tensor nothing = matrix.slice(0, 2, 2);
  CHECK(as_view<float, 2>(nothing).extents == std::array<index_t, 2>{0, 5});
}

TEST_CASE("memory of others") {
  std::vector<float> memory(24);
  const at::Tensor tensor = at::from_blob(memory.data(), {3, 2}, {2, 12}, c10::kFloat);
  CHECK(&as_view<float, 2>(tensor)(2, 1) == &memory[16]);
  const at::Tensor misaligned =
      at::from_blob(reinterpret_cast<std::byte*>(memory.data()) + 2, {3}, c10::kFloat);
  CHECK_REFUSED((as_view<float, 1>(misaligned)), "tensor: its first element is not aligned");
}

TEST_CASE("a tensor is viewed where it lies, and nowhere else") {
  const at::Tensor here = numbers({4, 5});
  CHECK_REFUSED((as_device_view<float, 2>(here)),
                "tensor: it lies in host memory, of which as_view");
  const at::Tensor there = elsewhere(c10::DeviceType::CUDA, c10::DispatchKey::CUDA);
  CHECK_REFUSED((as_view<float, 2>(there)),
                "tensor: it lies in device memory, of which as_device_view");
  const auto view = as_device_view<const float, 2>(there);
  static_assert(
      std::is_same_v<decltype(view), const lfnc::tensor_view<const float, 2, lfnc::device_space>>);
  CHECK(reinterpret_cast<std::uintptr_t>(view.data) == 4108);
  CHECK(view.strides == std::array<index_t, 2>{16, 2});
  const at::Tensor unknown = elsewhere(c10::DeviceType::XPU, c10::DispatchKey::XPU);
  CHECK_REFUSED((as_view<float, 2>(unknown)), "tensor: it lies on xpu:0, neither on the CPU");
  CHECK_REFUSED((as_device_view<float, 2>(unknown)), "tensor: it lies on xpu:0");
}

TEST_CASE("what is written through the view is in the tensor") {
  const at::Tensor tensor = numbers({4, 6});
  const at::Tensor before = tensor.clone();
  const at::Tensor slice = tensor.slice(0, 1, 3).slice(1, 0, 6, 2).t();
  const auto view = as_view<float, 2>(slice);
  lfnc::fake_quantize(lfnc::cpu{}, view, view, {0.5, 0, 255});
  for (std::int64_t i = 0; i < 4; ++i) {
    for (std::int64_t j = 0; j < 6; ++j) {
      const bool inside = i >= 1 && i < 3 && j % 2 == 0;
      const float old = before.data_ptr<float>()[i * 6 + j];
      const float code = std::fmax(std::floor(old * 2 + 0.5F), 0.0F);
      CHECK(tensor.data_ptr<float>()[i * 6 + j] == (inside ? 0.5F * code : old));
    }
  }
}

TEST_CASE("weights in a tensor are quantized as anywhere else, PyTorch's halves too") {
  const at::Tensor weights = numbers({4, 30});
  const at::Tensor transposed = weights.t();
  const auto straight =
      lfnc::quantize_weights(lfnc::channels(as_view<float, 2>(weights), 0), lfnc::uniform(4));
  CHECK(lfnc::quantize_weights(lfnc::channels(as_view<float, 2>(transposed), 1), lfnc::uniform(4))
            .codes == straight.codes);
  const at::Tensor halves = weights.to(c10::kHalf);
  const at::Tensor widened = halves.to(c10::kFloat);
  CHECK(lfnc::quantize_weights(lfnc::channels(as_view<c10::Half, 2>(halves), 0), lfnc::uniform(4))
            .codes ==
        lfnc::quantize_weights(lfnc::channels(as_view<float, 2>(widened), 0), lfnc::uniform(4))
            .codes);
}
