#include <lfnc/interop/mdspan.hpp>

#if __has_include(<mdspan>)
#include <mdspan>
#endif
#if __has_include(<cuda/std/mdspan>)
#include <cuda/std/mdspan>
#endif
#if __has_include(<mdspan/mdspan.hpp>)
#include <mdspan/mdspan.hpp>
#endif

#include <array>
#include <cmath>
#include <cstdint>
#include <lfnc/quantize.hpp>
#include <limits>
#include <span>
#include <vector>

#include "support/check.hpp"

using lfnc::as_device_view;
using lfnc::as_view;
using lfnc::index_t;

namespace {

// The smallest thing with an mdspan's interface, whose layout and accessor a test can spoil.
struct plain_access {
  template <class T>
  static T& access(T* data, std::size_t k) {
    return data[k];
  }
};
struct mirrored_access {
  template <class T>
  static T& access(T* data, std::size_t k) {
    return *(data - static_cast<std::ptrdiff_t>(k));
  }
};
template <class T, std::size_t Rank, class Index = std::size_t, class Accessor = plain_access>
struct small_mdspan {
  using element_type = T;
  using extents_type = std::array<Index, Rank>;
  using reference = T&;
  struct mapping_type {
    extents_type extents, strides;
    bool strided;
    Index stride(std::size_t d) const { return strides[d]; }
    bool is_strided() const { return strided; }
    Index required_span_size() const {
      Index size = 1;
      for (std::size_t d = 0; d < Rank; ++d) size += (extents[d] - 1) * strides[d];
      return size;
    }
  };

  T* data;
  mapping_type layout;

  static constexpr std::size_t rank() { return Rank; }
  Index extent(std::size_t d) const { return layout.extents[d]; }
  T* data_handle() const { return data; }
  const mapping_type& mapping() const { return layout; }
  Accessor accessor() const { return {}; }
};

// What only looks like one.
template <class T>
struct proxy_mdspan : small_mdspan<T, 2> {
  struct reference {};
};

template <class T>
constexpr bool viewable = requires(const T& span) { as_view(span); };

std::vector<float> numbers(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t k = 0; k < count; ++k) values[k] = static_cast<float>(k) * 0.3F - 2;
  return values;
}

// What one library calls its types, as members of a struct `name`.
#define LFNC_MDSPAN_TYPES(name, library, arrays)         \
  struct name {                                          \
    template <class T, class Extents, class... More>     \
    using mdspan = library::mdspan<T, Extents, More...>; \
    template <class Index, std::size_t... Values>        \
    using extents = library::extents<Index, Values...>;  \
    template <class T, std::size_t Size>                 \
    using array = arrays::array<T, Size>;                \
    using left = library::layout_left;                   \
    using stride = library::layout_stride;               \
  };

template <class Library>
void check_library() {
  constexpr std::size_t any = std::dynamic_extent;
  using two = typename Library::template extents<int, any, any>;
  using left = typename Library::left;
  using layout_stride = typename Library::stride;
  auto memory = numbers(24);

  // Row-major, column-major.
  const typename Library::template mdspan<float, two> rows(memory.data(), 4, 6);
  const auto view = as_view(rows);
  static_assert(std::is_same_v<decltype(view), const lfnc::tensor_view<float, 2>>);
  CHECK(view.data == memory.data());
  CHECK(view.extents == std::array<index_t, 2>{4, 6});
  CHECK(view.strides == std::array<index_t, 2>{6, 1});
  const typename Library::template mdspan<float, two, left> columns(memory.data(), 4, 6);
  CHECK(as_view(columns).strides == std::array<index_t, 2>{1, 4});

  // Fixed extents, another index type, const elements.
  using fixed = typename Library::template extents<std::uint8_t, 2, any, 4>;
  const typename Library::template mdspan<const float, fixed> cube(memory.data(), 3);
  const auto constant = as_view(cube);
  static_assert(std::is_same_v<decltype(constant), const lfnc::tensor_view<const float, 3>>);
  CHECK(constant.extents == std::array<index_t, 3>{2, 3, 4});
  CHECK(constant.strides == std::array<index_t, 3>{12, 4, 1});

  // A transposed slice with gaps; what is written through its view is in the memory.
  const typename layout_stride::template mapping<two> mapping(
      two(3, 2), typename Library::template array<int, 2>{2, 12});
  const typename Library::template mdspan<float, two, layout_stride> slice(memory.data() + 3,
                                                                           mapping);
  const auto sliced = as_view(slice);
  CHECK(sliced.extents == std::array<index_t, 2>{3, 2});
  CHECK(sliced.strides == std::array<index_t, 2>{2, 12});
  CHECK(&sliced(2, 1) == &memory[19]);
  const auto before = memory;
  lfnc::fake_quantize(lfnc::cpu{}, sliced, sliced, {0.5, 0, 255});
  for (std::size_t k = 0; k < 24; ++k) {
    const bool inside = k % 12 == 3 || k % 12 == 5 || k % 12 == 7;
    const float code = std::fmax(std::floor(before[k] * 2 + 0.5F), 0.0F);
    CHECK(memory[k] == (inside ? 0.5F * code : before[k]));
  }

  // Nothing, somewhere on a device, and nowhere.
  const typename Library::template mdspan<float, two> none(static_cast<float*>(nullptr), 0, 6);
  CHECK(as_view(none).size() == 0);
  static_assert(std::is_same_v<decltype(as_device_view(rows)),
                               lfnc::tensor_view<float, 2, lfnc::device_space>>);
  const typename Library::template mdspan<float, two> nowhere(static_cast<float*>(nullptr), 2, 2);
  CHECK_REFUSED(as_view(nowhere), "mdspan: null data");
  // A number is no tensor.
  CHECK_FALSE(
      viewable<typename Library::template mdspan<float, typename Library::template extents<int>>>);
}

#if defined(__cpp_lib_mdspan)
LFNC_MDSPAN_TYPES(of_std, std, std)
#endif
#if __has_include(<cuda/std/mdspan>)
LFNC_MDSPAN_TYPES(of_cuda, cuda::std, cuda::std)
#endif
#if __has_include(<mdspan/mdspan.hpp>)
LFNC_MDSPAN_TYPES(of_kokkos, Kokkos, std)
#endif

}  // namespace

TEST_CASE("anything with an mdspan's interface") {
  auto memory = numbers(24);
  const small_mdspan<float, 3> span{memory.data(), {{2, 3, 4}, {12, 4, 1}, true}};
  const auto view = as_view(span);
  static_assert(std::is_same_v<decltype(view), const lfnc::tensor_view<float, 3>>);
  CHECK(view.extents == std::array<index_t, 3>{2, 3, 4});
  CHECK(&view(1, 2, 3) == &memory[23]);
  const small_mdspan<float, 1, int> reversed{memory.data() + 23, {{24}, {-1}, true}};
  CHECK(as_view(reversed).strides[0] == -1);
  CHECK(&as_view(reversed)(20) == &memory[3]);
  const small_mdspan<float, 2> broadcast{memory.data(), {{5, 24}, {0, 1}, true}};
  CHECK(&as_view(broadcast)(4, 7) == &memory[7]);
}

TEST_CASE("accessors that lead elsewhere are refused") {
  auto memory = numbers(24);
  const small_mdspan<float, 1, int, mirrored_access> span{memory.data() + 23, {{24}, {1}, true}};
  CHECK_REFUSED(as_view(span), "mdspan: its accessor does not lead to the elements");
}

TEST_CASE("layouts without strides and sizes beyond 64 bits are refused") {
  float one = 1;
  CHECK_REFUSED(as_view(small_mdspan<float, 2>{&one, {{1, 1}, {1, 1}, false}}),
                "mdspan: its layout has no strides");
  constexpr std::size_t large = std::numeric_limits<std::size_t>::max();
  CHECK_OVERFLOW(as_view(small_mdspan<float, 2>{&one, {{large, 1}, {1, 1}, true}}),
                 "one does not fit 64 bits");
  CHECK_OVERFLOW(as_view(small_mdspan<float, 2>{&one, {{large / 4, 4}, {1, 1}, true}}),
                 "mdspan: its size");
  CHECK_OVERFLOW(as_view(small_mdspan<float, 2>{&one, {{2, 2}, {large / 2, 1}, true}}),
                 "mdspan: stride 0");
}

TEST_CASE("only elements behind a pointer are viewed, of rank 1 to 8") {
  CHECK(viewable<small_mdspan<float, 2>>);
  CHECK(viewable<small_mdspan<float, 8>>);
  CHECK_FALSE(viewable<small_mdspan<float, 0>>);
  CHECK_FALSE(viewable<small_mdspan<float, 9>>);
  CHECK_FALSE(viewable<proxy_mdspan<float>>);
  CHECK_FALSE(viewable<float*>);
}

TEST_CASE("std::mdspan") {
#if defined(__cpp_lib_mdspan)
  check_library<of_std>();
#else
  MESSAGE("skipped: std::mdspan: this standard library has none");
#endif
}

TEST_CASE("cuda::std::mdspan") {
#if __has_include(<cuda/std/mdspan>)
  check_library<of_cuda>();
#else
  MESSAGE("skipped: cuda::std::mdspan: no cuda/std/mdspan");
#endif
}

TEST_CASE("Kokkos::mdspan") {
#if __has_include(<mdspan/mdspan.hpp>)
  check_library<of_kokkos>();
#else
  MESSAGE("skipped: Kokkos::mdspan: no mdspan/mdspan.hpp");
#endif
}
