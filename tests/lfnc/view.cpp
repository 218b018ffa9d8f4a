#include <lfnc/view.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "support/check.hpp"

using lfnc::as_view;
using lfnc::index_t;

namespace {
constexpr index_t top = std::numeric_limits<index_t>::max();
}

TEST_CASE("a pointer and extents are a row-major tensor") {
  std::vector<float> memory(24);
  const auto view = as_view(memory.data(), {2, 3, 4});
  CHECK(view.extents == std::array<index_t, 3>{2, 3, 4});
  CHECK(view.strides == std::array<index_t, 3>{12, 4, 1});
  CHECK(view.size() == 24);
  view(1, 2, 3) = 5;
  CHECK(memory[23] == 5);
  CHECK(&view(1, 0, 2) == &memory[14]);
}

TEST_CASE("extents may be of any integral type, mixed, or arrays") {
  double memory[6] = {};
  const std::uint8_t a = 2;
  const std::size_t b = 3;
  CHECK(as_view(memory, {a, b}).extents == std::array<index_t, 2>{2, 3});
  const std::array<index_t, 2> extents{3, 2};
  CHECK(as_view(memory, extents).strides == std::array<index_t, 2>{2, 1});
  CHECK(as_view(memory, extents, {index_t{1}, index_t{3}}).strides == std::array<index_t, 2>{1, 3});
}

TEST_CASE("strides may be anything: transposed, reversed, repeated") {
  int memory[6] = {0, 1, 2, 3, 4, 5};
  const auto transposed = as_view(memory, {3, 2}, {1, 3});
  CHECK(transposed(2, 1) == 5);
  const auto reversed = as_view(memory + 5, {6}, {-1});
  CHECK(reversed(0) == 5);
  CHECK(reversed(5) == 0);
  const auto repeated = as_view(memory, {1000, 2}, {0, 1});
  CHECK(repeated(999, 1) == 1);
  CHECK(repeated.size() == 2000);
}

TEST_CASE("containers become tensors of rank 1 or of the extents given") {
  std::vector<float> vector(6);
  const std::vector<float>& constant = vector;
  std::array<double, 4> array{};
  const auto& constant_array = array;
  CHECK(as_view(vector).extents[0] == 6);
  CHECK(as_view(vector).data == vector.data());
  static_assert(std::is_same_v<decltype(as_view(constant)), lfnc::tensor_view<const float, 1>>);
  static_assert(
      std::is_same_v<decltype(as_view(constant_array)), lfnc::tensor_view<const double, 1>>);
  CHECK(as_view(array).extents[0] == 4);
  CHECK(as_view(constant_array).data == array.data());
  CHECK(as_view(std::span<float>(vector)).extents[0] == 6);
  CHECK(as_view(vector, {2, 3}).strides[0] == 3);
  CHECK(as_view(constant, {3, 2}).strides[0] == 2);
  CHECK(as_view(std::span<const float>(vector), {6, 1}).extents[0] == 6);
  CHECK_REFUSED(as_view(vector, {2, 2}), "extents: their product is 4, the span holds 6");
}

TEST_CASE("a view of numbers is a view of constant numbers") {
  float memory[2] = {1, 2};
  const lfnc::tensor_view<const float, 1> view = as_view(memory, {2});
  CHECK(view(1) == 2);
  CHECK_FALSE(
      std::is_convertible_v<lfnc::tensor_view<const float, 1>, lfnc::tensor_view<float, 1>>);
}

TEST_CASE("memory spaces do not mix") {
  using host = lfnc::tensor_view<float, 1>;
  using device = lfnc::tensor_view<float, 1, lfnc::device_space>;
  CHECK_FALSE(std::is_convertible_v<host, device>);
  CHECK_FALSE(std::is_convertible_v<device, host>);
}

TEST_CASE("negative extents are refused wherever they stand") {
  float memory[1] = {};
  CHECK_REFUSED(as_view(memory, {1, -2}), "view: extent 1 is negative (-2)");
  CHECK_REFUSED(as_view(memory, {0, -2}), "view: extent 1 is negative (-2)");
  CHECK_REFUSED(as_view(memory, {-1, 0}), "view: extent 0 is negative (-1)");
}

TEST_CASE("null data is refused unless there is nothing to read") {
  float* nothing = nullptr;
  CHECK_REFUSED(as_view(nothing, {2, 3}), "view: null data");
  CHECK_NOTHROW(as_view(nothing, {2, 0, 3}));
  std::vector<float> empty;
  CHECK(as_view(empty).size() == 0);
}

TEST_CASE("shapes beyond 64 bits are refused, empty ones too") {
  float memory[1] = {};
  CHECK_OVERFLOW(as_view(memory, {top, 2}), "view: its size does not fit 64 bits");
  CHECK_OVERFLOW(as_view(memory, {index_t{1} << 31, index_t{1} << 31, 2}), "its size");
  CHECK_OVERFLOW(as_view(memory, {top / 4 + 1}), "its size");
  CHECK_OVERFLOW(as_view(memory, {index_t{1} << 40, index_t{1} << 40, 0}), "its size");
  CHECK_OVERFLOW(as_view(memory, {0, index_t{1} << 40, index_t{1} << 40}), "its size");
  CHECK_OVERFLOW(as_view(memory, {std::numeric_limits<std::uint64_t>::max()}), "extents");
  CHECK_NOTHROW(as_view(memory, {0, top / 4}));
}

TEST_CASE("strides that leave 64 bits are refused") {
  std::int8_t memory[1] = {};
  const index_t bottom = std::numeric_limits<index_t>::min();
  CHECK_OVERFLOW(as_view(memory, {3}, {top / 2 + 1}), "view: stride 0 reaches beyond 64 bits");
  CHECK_OVERFLOW(as_view(memory, {2, 2}, {top / 2, top / 2 + 2}), "stride 1 reaches");
  CHECK_OVERFLOW(as_view(memory, {1, 2}, {5, bottom}), "stride 1 reaches");
  CHECK_OVERFLOW(as_view(memory, {3}, {bottom / 2}), "stride 0 reaches");
  double wide[1] = {};
  CHECK_OVERFLOW(as_view(wide, {2}, {top / 8 + 1}), "stride 0 reaches");
  CHECK_OVERFLOW(as_view(wide, {2}, {-(top / 8 + 1)}), "stride 0 reaches");
  // One element is reached whatever its stride says, and none of an empty tensor.
  CHECK_NOTHROW(as_view(memory, {1, 1}, {top, bottom}));
  CHECK_NOTHROW(as_view(memory, {0, 2}, {top, top}));
}

TEST_CASE("more than 2^31 elements are addressed rightly") {
  // Never read: only addresses are computed.
  alignas(8) static float anchor[1];
  const auto view = as_view(anchor, {index_t{1} << 20, index_t{1} << 20});
  CHECK(view.size() == index_t{1} << 40);
  CHECK(view.strides[0] == index_t{1} << 20);
}

namespace {

template <class T>
constexpr bool taken = requires(T&& x) { lfnc::as_view(std::forward<T>(x)); };
template <class T>
constexpr bool taken_with_extents = requires(T&& x) { lfnc::as_view(std::forward<T>(x), {2, 3}); };

}  // namespace

TEST_CASE("temporaries that own their elements are not taken; spans, which do not, are") {
  CHECK_FALSE(taken<std::vector<float>>);
  CHECK_FALSE(taken<const std::vector<float>>);
  CHECK_FALSE(taken_with_extents<std::vector<float>>);
  CHECK_FALSE(taken_with_extents<const std::vector<float>>);
  CHECK_FALSE(taken<std::array<float, 6>>);
  CHECK_FALSE(taken<const std::array<float, 6>>);
  CHECK(taken<std::vector<float>&>);
  CHECK(taken<const std::vector<float>&>);
  CHECK(taken_with_extents<std::vector<float>&>);
  CHECK(taken_with_extents<const std::vector<float>&>);
  CHECK(taken<std::array<float, 6>&>);
  CHECK(taken<std::span<float>>);
  CHECK(taken_with_extents<std::span<const float>>);
}
