#include <lfnc/interop/dlpack.hpp>

#include <cmath>
#include <lfnc/quantize.hpp>
#include <limits>
#include <memory>
#include <vector>

#include "support/check.hpp"

using lfnc::as_device_view;
using lfnc::as_view;
using lfnc::index_t;
using lfnc::to_dlpack;

// What an engine brings along.
struct engine_half {
  std::uint16_t bits;
  explicit operator float() const { return 0; }
};
template <>
inline constexpr DLDataType lfnc::dlpack_type<engine_half>{kDLFloat, 16, 1};

namespace {

constexpr DLDataType float32{kDLFloat, 32, 1};

// A tensor as a framework hands it out: arrays of its own beside the DLTensor.
struct framework_tensor {
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;  // none: null
  DLTensor tensor{};

  framework_tensor(void* data, std::vector<std::int64_t> extents, std::vector<std::int64_t> steps,
                   DLDataType type = float32, DLDeviceType device = kDLCPU)
      : shape(std::move(extents)), strides(std::move(steps)) {
    tensor.data = data;
    tensor.device = {device, 0};
    tensor.ndim = static_cast<int>(shape.size());
    tensor.dtype = type;
    tensor.shape = shape.data();
    tensor.strides = strides.empty() ? nullptr : strides.data();
  }
  framework_tensor(const framework_tensor&) = delete;
  framework_tensor& operator=(const framework_tensor&) = delete;
};

std::vector<float> numbers(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t k = 0; k < count; ++k) values[k] = static_cast<float>(k) * 0.3F - 2;
  return values;
}

// Refused by its type alone.
template <class T>
bool has_type(DLDataType type) {
  double memory[2] = {};
  framework_tensor whole(memory, {1}, {}, type);
  try {
    as_view<T, 1>(whole.tensor);
    return true;
  } catch (const lfnc::argument_error&) {
    return false;
  }
}

template <class T>
constexpr bool viewable = requires(const DLTensor& tensor) { as_view<T, 1>(tensor); };

template <class View>
constexpr bool given_away_as_temporary = requires(View view) { to_dlpack(view).tensor(); };

}  // namespace

TEST_CASE("strides, or none for a row-major tensor") {
  auto memory = numbers(24);
  framework_tensor dense(memory.data(), {2, 3, 4}, {});
  const auto view = as_view<float, 3>(dense.tensor);
  static_assert(std::is_same_v<decltype(view), const lfnc::tensor_view<float, 3>>);
  CHECK(view.data == memory.data());
  CHECK(view.extents == std::array<index_t, 3>{2, 3, 4});
  CHECK(view.strides == std::array<index_t, 3>{12, 4, 1});

  framework_tensor transposed(memory.data(), {4, 6}, {1, 4});
  CHECK(&as_view<float, 2>(transposed.tensor)(3, 5) == &memory[23]);
  framework_tensor reversed(memory.data() + 23, {24}, {-1});
  CHECK(&as_view<float, 1>(reversed.tensor)(20) == &memory[3]);
  framework_tensor broadcast(memory.data(), {5, 24}, {0, 1});
  CHECK(&as_view<float, 2>(broadcast.tensor)(4, 7) == &memory[7]);
}

TEST_CASE("a slice begins at a byte offset") {
  auto memory = numbers(24);
  framework_tensor slice(memory.data(), {2, 2}, {6, 2});
  slice.tensor.byte_offset = 7 * sizeof(float);
  const auto view = as_view<float, 2>(slice.tensor);
  CHECK(view.data == &memory[7]);
  CHECK(&view(1, 1) == &memory[15]);

  slice.tensor.byte_offset = 6;
  CHECK_REFUSED((as_view<float, 2>(slice.tensor)),
                "tensor: its byte offset 6 is not a multiple of its elements' 4 bytes");
  slice.tensor.byte_offset = std::numeric_limits<std::uint64_t>::max() - 3;
  CHECK_OVERFLOW((as_view<float, 2>(slice.tensor)), "tensor: its byte offset");
}

TEST_CASE("views of const read only") {
  const auto memory = numbers(6);
  framework_tensor whole(const_cast<float*>(memory.data()), {2, 3}, {});
  const auto view = as_view<const float, 2>(whole.tensor);
  static_assert(std::is_same_v<decltype(view), const lfnc::tensor_view<const float, 2>>);
  CHECK(&view(1, 2) == &memory[5]);
}

TEST_CASE("the element type has to be that of the tensor") {
  CHECK(has_type<float>({kDLFloat, 32, 1}));
  CHECK(has_type<double>({kDLFloat, 64, 1}));
  CHECK(has_type<lfnc::float16>({kDLFloat, 16, 1}));
  CHECK(has_type<lfnc::bfloat16>({kDLBfloat, 16, 1}));
  CHECK(has_type<std::int8_t>({kDLInt, 8, 1}));
  CHECK(has_type<const std::uint8_t>({kDLUInt, 8, 1}));
  CHECK(has_type<std::int64_t>({kDLInt, 64, 1}));
  CHECK(has_type<engine_half>({kDLFloat, 16, 1}));

  CHECK_FALSE(has_type<float>({kDLFloat, 64, 1}));
  CHECK_FALSE(has_type<float>({kDLInt, 32, 1}));
  CHECK_FALSE(has_type<lfnc::float16>({kDLBfloat, 16, 1}));
  CHECK_FALSE(has_type<lfnc::bfloat16>({kDLFloat, 16, 1}));
  CHECK_FALSE(has_type<std::int8_t>({kDLUInt, 8, 1}));
  CHECK_FALSE(has_type<std::uint8_t>({kDLInt, 8, 1}));
  CHECK_FALSE(has_type<std::uint8_t>({kDLOpaqueHandle, 8, 1}));

  CHECK(viewable<const std::uint16_t>);
  CHECK_FALSE(viewable<bool>);
  CHECK_FALSE(viewable<long double>);
}

TEST_CASE("what is wrong with the type is said by its name") {
  auto memory = numbers(4);
  const auto refusal = [&](DLDataType type, const char* part) {
    framework_tensor whole(memory.data(), {2, 2}, {}, type);
    CHECK_REFUSED((as_view<float, 2>(whole.tensor)), part);
  };
  refusal({kDLFloat, 64, 1}, "tensor: its elements are float64, not float32");
  refusal({kDLBfloat, 16, 1}, "tensor: its elements are bfloat16, not float32");
  refusal({kDLComplex, 64, 1}, "tensor: its elements are complex64, not float32");
  refusal({kDLInt, 4, 1}, "tensor: its elements are int4: only whole bytes");
  refusal({kDLUInt, 1, 1}, "tensor: its elements are uint1: only whole bytes");
  refusal({kDLFloat, 0, 1}, "tensor: its elements are float0: only whole bytes");
  refusal({kDLFloat, 32, 4}, "tensor: its elements are float32x4: only single numbers");
  refusal({kDLFloat, 32, 0}, "tensor: its elements are float32x0: only single numbers");
  refusal({200, 8, 1}, "tensor: its elements are code 200 of 8 bits, not float32");
}

TEST_CASE("another rank is refused") {
  auto memory = numbers(6);
  framework_tensor whole(memory.data(), {2, 3}, {});
  CHECK_REFUSED((as_view<float, 3>(whole.tensor)), "tensor: its rank is 2, not 3");
  CHECK_REFUSED((as_view<float, 1>(whole.tensor)), "tensor: its rank is 2, not 1");
  whole.tensor.ndim = -1;
  CHECK_REFUSED((as_view<float, 1>(whole.tensor)), "tensor: its rank is -1, not 1");
}

TEST_CASE("malformed tensors are refused") {
  auto memory = numbers(6);
  framework_tensor no_shape(memory.data(), {2, 3}, {});
  no_shape.tensor.shape = nullptr;
  CHECK_REFUSED((as_view<float, 2>(no_shape.tensor)), "tensor: null shape");

  framework_tensor no_data(nullptr, {2, 3}, {});
  CHECK_REFUSED((as_view<float, 2>(no_data.tensor)), "tensor: null data");
  no_data.tensor.byte_offset = 64;
  CHECK_REFUSED((as_view<float, 2>(no_data.tensor)), "tensor: null data");

  framework_tensor negative(memory.data(), {2, -3}, {});
  CHECK_REFUSED((as_view<float, 2>(negative.tensor)), "tensor: extent 1 is negative (-3)");

  framework_tensor misaligned(reinterpret_cast<std::byte*>(memory.data()) + 2, {2}, {});
  CHECK_REFUSED((as_view<float, 1>(misaligned.tensor)), "tensor: its first element is not aligned");

  constexpr std::int64_t large = std::int64_t{1} << 40;
  framework_tensor huge(memory.data(), {large, large}, {});
  CHECK_OVERFLOW((as_view<float, 2>(huge.tensor)), "tensor: its size");
  framework_tensor far(memory.data(), {2, 3}, {1, large << 22});
  CHECK_OVERFLOW((as_view<float, 2>(far.tensor)), "tensor: stride 1");
}

TEST_CASE("empty tensors have no data") {
  framework_tensor empty(nullptr, {3, 0, 2}, {});
  const auto view = as_view<float, 3>(empty.tensor);
  CHECK(view.size() == 0);
  CHECK(view.data == nullptr);
  empty.tensor.byte_offset = 64;
  CHECK(as_view<float, 3>(empty.tensor).data == nullptr);
}

TEST_CASE("a tensor is viewed where it lies, and nowhere else") {
  auto memory = numbers(6);
  framework_tensor whole(memory.data(), {2, 3}, {});
  const auto lies = [&](DLDeviceType type) -> const DLTensor& {
    whole.tensor.device.device_type = type;
    return whole.tensor;
  };
  CHECK(as_view<float, 2>(lies(kDLCPU)).data == memory.data());
  CHECK(as_view<float, 2>(lies(kDLCUDAHost)).data == memory.data());
  for (const DLDeviceType type : {kDLCUDA, kDLCUDAManaged}) {
    const auto view = as_device_view<float, 2>(lies(type));
    CHECK(view.data == memory.data());
    CHECK_REFUSED((as_view<float, 2>(lies(type))),
                  "tensor: it lies in device memory, of which as_device_view");
  }
  for (const DLDeviceType type : {kDLCPU, kDLCUDAHost}) {
    CHECK_REFUSED((as_device_view<float, 2>(lies(type))),
                  "tensor: it lies in host memory, of which as_view");
  }
  CHECK_REFUSED((as_view<float, 2>(lies(kDLMetal))),
                "tensor: it lies on device type 8, neither the CPU's nor CUDA's");
  CHECK_REFUSED((as_device_view<float, 2>(lies(kDLROCM))), "tensor: it lies on device type 10");
}

TEST_CASE("a tensor of a device becomes a view of device_space, unread") {
  void* somewhere = reinterpret_cast<void*>(std::uintptr_t{4096});
  framework_tensor whole(somewhere, {8, 16}, {32, 2}, {kDLInt, 8, 1}, kDLCUDA);
  whole.tensor.device.device_id = 3;
  whole.tensor.byte_offset = 5;
  const auto view = as_device_view<const std::int8_t, 2>(whole.tensor);
  static_assert(std::is_same_v<decltype(view),
                               const lfnc::tensor_view<const std::int8_t, 2, lfnc::device_space>>);
  CHECK(reinterpret_cast<std::uintptr_t>(view.data) == 4101);
  CHECK(view.extents == std::array<index_t, 2>{8, 16});
  CHECK(view.strides == std::array<index_t, 2>{32, 2});
  whole.tensor.dtype.bits = 4;
  CHECK_REFUSED((as_device_view<std::int8_t, 2>(whole.tensor)), "its elements are int4");
}

TEST_CASE("what is written through the view is in the tensor") {
  auto memory = numbers(24);
  const auto before = memory;
  framework_tensor slice(memory.data(), {2, 3}, {12, 2});
  slice.tensor.byte_offset = 3 * sizeof(float);
  const auto view = as_view<float, 2>(slice.tensor);
  lfnc::fake_quantize(lfnc::cpu{}, view, view, {0.5, 0, 255});
  for (std::size_t k = 0; k < 24; ++k) {
    const bool inside = k % 12 == 3 || k % 12 == 5 || k % 12 == 7;
    const float code = std::fmax(std::floor(before[k] * 2 + 0.5F), 0.0F);
    CHECK(memory[k] == (inside ? 0.5F * code : before[k]));
  }
}

TEST_CASE("codes are written to a tensor of uint8") {
  auto memory = numbers(12);
  std::vector<std::uint8_t> codes(12, 99);
  framework_tensor in(memory.data(), {3, 4}, {1, 3});
  framework_tensor out(codes.data(), {3, 4}, {}, {kDLUInt, 8, 1});
  lfnc::quantize(lfnc::cpu{}, as_view<const float, 2>(in.tensor),
                 as_view<std::uint8_t, 2>(out.tensor), {0.25});
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      const float code = std::fmax(std::floor(memory[i + 3 * j] * 4 + 0.5F), 0.0F);
      CHECK(static_cast<float>(codes[4 * i + j]) == code);
    }
  }
}

TEST_CASE("a view goes out as a tensor, and comes back the same") {
  auto memory = numbers(24);
  const auto view = as_view(memory.data() + 4, {2, 3}, {12, 2});
  auto made = to_dlpack(view);
  auto shared = made;  // a copy has arrays of its own
  const DLTensor tensor = shared.tensor();
  CHECK(tensor.data == memory.data() + 4);
  CHECK(tensor.device.device_type == kDLCPU);
  CHECK(tensor.device.device_id == 0);
  CHECK(tensor.ndim == 2);
  CHECK(tensor.dtype.code == kDLFloat);
  CHECK(tensor.dtype.bits == 32);
  CHECK(tensor.dtype.lanes == 1);
  CHECK(tensor.byte_offset == 0);
  CHECK(tensor.shape != made.tensor().shape);
  CHECK(tensor.strides != made.tensor().strides);
  const auto back = as_view<float, 2>(tensor);
  CHECK(back.data == view.data);
  CHECK(back.extents == view.extents);
  CHECK(back.strides == view.strides);

  const lfnc::tensor_view<const float, 2> constant = view;
  auto read_only = to_dlpack(constant);
  CHECK(read_only.tensor().data == memory.data() + 4);
  CHECK_FALSE(given_away_as_temporary<lfnc::tensor_view<float, 2>>);
}

TEST_CASE("views of a device go out with its number") {
  auto* somewhere = reinterpret_cast<lfnc::bfloat16*>(std::uintptr_t{4096});
  auto shared = to_dlpack(as_device_view(somewhere, {4, 5}), 2);
  const DLTensor tensor = shared.tensor();
  CHECK(tensor.device.device_type == kDLCUDA);
  CHECK(tensor.device.device_id == 2);
  CHECK(tensor.dtype.code == kDLBfloat);
  CHECK(tensor.dtype.bits == 16);
  CHECK(as_device_view<lfnc::bfloat16, 2>(tensor).data == somewhere);
}

TEST_CASE("views that nobody checked are refused on their way out") {
  lfnc::tensor_view<float, 2> nothing;
  nothing.extents = {2, 3};
  CHECK_REFUSED(to_dlpack(nothing), "view: null data");
}

TEST_CASE("a tensor that is handed over keeps its owner until it is deleted") {
  const auto memory = std::make_shared<std::vector<float>>(numbers(24));
  DLManagedTensor* managed =
      lfnc::to_managed_dlpack(to_dlpack(as_view(memory->data() + 4, {2, 3}, {12, 2})), memory);
  CHECK(memory.use_count() == 2);
  const auto view = as_view<float, 2>(managed->dl_tensor);
  CHECK(view.data == memory->data() + 4);
  CHECK(view.extents == std::array<index_t, 2>{2, 3});
  CHECK(view.strides == std::array<index_t, 2>{12, 2});
  view(1, 2) = 77;
  CHECK((*memory)[20] == 77);
  managed->deleter(managed);
  CHECK(memory.use_count() == 1);

  auto* somewhere = reinterpret_cast<float*>(std::uintptr_t{4096});
  DLManagedTensor* there = lfnc::to_managed_dlpack(to_dlpack(as_device_view(somewhere, {5}), 1));
  CHECK(there->dl_tensor.device.device_id == 1);
  CHECK(as_device_view<float, 1>(there->dl_tensor).data == somewhere);
  there->deleter(there);
}

TEST_CASE("tensors of DLPack 1 say their version, and whether they may be written") {
#if defined(DLPACK_MAJOR_VERSION) && DLPACK_MAJOR_VERSION >= 1
  auto memory = numbers(6);
  framework_tensor whole(memory.data(), {2, 3}, {});
  DLManagedTensorVersioned managed{};
  managed.version = {DLPACK_MAJOR_VERSION, 0};
  managed.dl_tensor = whole.tensor;
  CHECK(as_view<float, 2>(managed).data == memory.data());
  managed.flags = DLPACK_FLAG_BITMASK_READ_ONLY;
  CHECK(as_view<const float, 2>(managed).data == memory.data());
  CHECK_REFUSED((as_view<float, 2>(managed)), "tensor: it is read-only");
  managed.dl_tensor.device.device_type = kDLCUDA;
  CHECK(as_device_view<const float, 2>(managed).data == memory.data());
  CHECK_REFUSED((as_device_view<float, 2>(managed)), "tensor: it is read-only");
  managed.version.major = DLPACK_MAJOR_VERSION + 1;
  CHECK_REFUSED((as_view<const float, 2>(managed)), "tensor: its DLPack version is");
#else
  MESSAGE("skipped: tensors of DLPack 1: this is an older version");
#endif
}
