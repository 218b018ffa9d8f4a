// lfnc floor 0: tensor_view and as_view: a tensor in its owner's memory.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "error.hpp"
#include "scalar.hpp"

namespace lfnc {

// Memory spaces. A view carries its space in its type, so a host view handed to a device backend
// does not compile.
struct host_space {};
struct device_space {};

// Dimensions that a tensor may have.
inline constexpr int max_rank = 8;

// A tensor somebody else owns: a pointer, extents, and strides in elements (0 and negative ones
// are fine). Copying a view copies neither elements nor ownership; no verb keeps one. Build it
// with as_view, which checks it.
template <class T, int Rank, class Space = host_space>
struct tensor_view {
  static_assert(Rank >= 1 && Rank <= max_rank);

  T* data = nullptr;                    // element 0 of every dimension
  std::array<index_t, Rank> extents{};  // outermost first
  std::array<index_t, Rank> strides{};  // in elements

  // Elements in all.
  LFNC_INLINE constexpr index_t size() const {
    index_t count = 1;
    for (int d = 0; d < Rank; ++d) count *= extents[static_cast<std::size_t>(d)];
    return count;
  }

  // Unchecked, like the [] of a vector.
  template <std::integral... Index>
    requires(sizeof...(Index) == Rank)
  LFNC_INLINE constexpr T& operator()(Index... index) const {
    const index_t position[] = {static_cast<index_t>(index)...};
    index_t offset = 0;
    for (int d = 0; d < Rank; ++d) offset += position[d] * strides[static_cast<std::size_t>(d)];
    return data[offset];
  }

  // The same memory, to be read only.
  template <class U>
    requires(std::same_as<U, const T> && !std::is_const_v<T>)
  LFNC_INLINE constexpr operator tensor_view<U, Rank, Space>() const {
    return {data, extents, strides};
  }
};

// A list in one piece, such as one number a row: made of a span, vector or array on the host, of a
// pointer and a count anywhere.
template <class T, class Space = host_space>
struct list_view {
  T* data = nullptr;  // the first entry
  index_t size = 0;   // entries

  LFNC_INLINE constexpr list_view() = default;
  // `count` entries from `first` on.
  LFNC_INLINE constexpr list_view(T* first, index_t count) : data(first), size(count) {}
  // A span, vector or array, which must outlive the view.
  template <class Range>
    requires std::same_as<Space, host_space> && std::convertible_to<Range&, std::span<T>>
  LFNC_INLINE constexpr list_view(Range&& range)
      : data(std::span<T>(range).data()), size(static_cast<index_t>(std::span<T>(range).size())) {}
  // The same memory, to be read only.
  template <class U>
    requires(std::same_as<U, const T> && !std::is_const_v<T>)
  LFNC_INLINE constexpr operator list_view<U, Space>() const {
    return {data, size};
  }
};

inline namespace LFNC_ABI {
namespace detail {

constexpr bool multiply_overflows(index_t a, index_t b, index_t& product) {
  constexpr index_t top = std::numeric_limits<index_t>::max();
  // Two factors below 2^31 need no division to tell, which takes longer than all else here.
  const bool small = ((a | b) >> 31) == 0;
  const bool fits = small || a == 0 || b == 0 || (a > 0 && b > 0 && a <= top / b);
  if (fits) product = a * b;
  return !fits;
}

// The message of a size or an offset that does not fit.
[[noreturn]] LFNC_COLD inline void raise_too_large(std::string_view argument,
                                                   std::string_view problem) {
  raise(overflow_error(sentence({"lfnc: ", argument, ": ", problem})));
}

[[noreturn]] LFNC_COLD inline void refuse_extent(std::string_view argument, int dimension,
                                                 index_t extent) {
  refuse(argument, sentence({"extent ", dimension, " is negative (", extent, ")"}));
}

// What check_view asks of `rank` extents and strides of elements of `element_size` bytes.
inline void check_layout(const index_t* extents, const index_t* strides, int rank,
                         index_t element_size, bool is_null, std::string_view argument) {
  constexpr index_t top = std::numeric_limits<index_t>::max();
  const index_t most = top / element_size;
  index_t size = 1;
  bool empty = false;
  bool overflow = false;
  for (int d = 0; d < rank; ++d) {
    const index_t extent = extents[d];
    if (extent < 0) refuse_extent(argument, d, extent);
    empty = empty || extent == 0;
    overflow = overflow || (extent > 0 && multiply_overflows(size, extent, size));
  }
  if (overflow || size > most) raise_too_large(argument, "its size does not fit 64 bits");
  if (empty) return;
  index_t reach = 0;
  for (int d = 0; d < rank; ++d) {
    const index_t stride = strides[d];
    if (extents[d] == 1) continue;
    const bool lowest = stride < -top;
    const index_t distance = stride >= 0 || lowest ? stride : -stride;
    index_t step = 0;
    if (lowest || multiply_overflows(distance, extents[d] - 1, step) || step > most - reach) {
      raise_too_large(argument, sentence({"stride ", d, " reaches beyond 64 bits"}));
    }
    reach += step;
  }
  if (is_null) refuse(argument, "null data");
}

// Refuses a negative extent, null data behind a non-empty view, and sizes or byte offsets beyond
// 64 bits. Extents of 0 do not count towards the size, so that products of some extents of an empty
// view fit as well.
template <class T, int Rank, class Space>
void check_view(const tensor_view<T, Rank, Space>& view, std::string_view argument) {
  check_layout(view.extents.data(), view.strides.data(), Rank, static_cast<index_t>(sizeof(T)),
               view.data == nullptr, argument);
}

// Refuses a list of `size` entries, null or not, where `count` are needed.
inline void check_length(index_t size, bool is_null, index_t count, std::string_view argument,
                         std::string_view things) {
  if (size != count) {
    refuse_with(argument,
                [&] { return sentence({"holds ", size, " entries for ", count, " ", things}); });
  }
  if (is_null && count != 0) refuse(argument, "null data");
}

// Refuses a list that does not have one entry for each of `count` things (rows, channels).
template <class T, class Space>
void check_list(const list_view<T, Space>& list, index_t count, std::string_view argument,
                std::string_view things) {
  check_length(list.size, list.data == nullptr, count, argument, things);
}

template <std::size_t Rank>
constexpr std::array<index_t, Rank> row_major(const std::array<index_t, Rank>& extents) {
  std::array<index_t, Rank> strides{};
  index_t stride = 1;
  for (std::size_t d = Rank; d-- > 0;) {
    strides[d] = stride;
    // An overflow here is reported by check_view, from the extents.
    if (extents[d] > 0 && multiply_overflows(stride, extents[d], stride)) stride = 0;
  }
  return strides;
}

// What is called without a policy, or returns vectors, works on host memory.
template <class Space>
constexpr void require_host() {
  static_assert(std::same_as<Space, host_space>,
                "device memory needs a device's policy as the first argument, and memory of the "
                "caller's for the results");
}

// The elements of a vector, array or span that may be written to.
template <class List>
using element_of = typename decltype(std::span(std::declval<List&>()))::element_type;
template <class List>
concept writable_list = !std::is_const_v<element_of<List>>;

// Any integral type in a braced list of extents, checked to fit.
struct extent {
  index_t value;
  template <std::integral I>
  constexpr extent(I number) : value(static_cast<index_t>(number)) {
    if constexpr (std::unsigned_integral<I> && sizeof(I) >= sizeof(index_t)) {
      if (value < 0) raise(overflow_error("lfnc: extents: one does not fit 64 bits"));
    }
  }
};

template <std::size_t Rank>
constexpr std::array<index_t, Rank> to_array(const extent (&list)[Rank]) {
  std::array<index_t, Rank> values{};
  for (std::size_t d = 0; d < Rank; ++d) values[d] = list[d].value;
  return values;
}

// The same tensor, in a memory space that its caller knows.
template <class Space, class T, int Rank>
constexpr tensor_view<T, Rank, Space> in_space(const tensor_view<T, Rank>& view) {
  return {view.data, view.extents, view.strides};
}

}  // namespace detail

// Row-major tensor at `data`: as_view(weights, {64, 3, 7, 7}). Extents of any integral type.
// Throws argument_error for null data or a negative extent, overflow_error beyond 64 bits. O(1).
template <class T, std::size_t Rank>
tensor_view<T, static_cast<int>(Rank)> as_view(T* data, const detail::extent (&extents)[Rank]) {
  tensor_view<T, static_cast<int>(Rank)> view{data, detail::to_array(extents), {}};
  view.strides = detail::row_major(view.extents);
  detail::check_view(view, "view");
  return view;
}

// The same with a stride in elements per dimension: as_view(data, {n, c, h, w}, {s0, s1, s2, s3}).
template <class T, std::size_t Rank>
tensor_view<T, static_cast<int>(Rank)> as_view(T* data, const detail::extent (&extents)[Rank],
                                               const detail::extent (&strides)[Rank]) {
  tensor_view<T, static_cast<int>(Rank)> view{data, detail::to_array(extents),
                                              detail::to_array(strides)};
  detail::check_view(view, "view");
  return view;
}

// The same for memory of a device (a raw pointer of cudaMalloc, say), for a device backend's verbs.
template <class T, std::size_t Rank>
tensor_view<T, static_cast<int>(Rank), device_space> as_device_view(
    T* data, const detail::extent (&extents)[Rank]) {
  return detail::in_space<device_space>(as_view(data, extents));
}
template <class T, std::size_t Rank>
tensor_view<T, static_cast<int>(Rank), device_space> as_device_view(
    T* data, const detail::extent (&extents)[Rank], const detail::extent (&strides)[Rank]) {
  return detail::in_space<device_space>(as_view(data, extents, strides));
}

// For extents (and strides) that are already arrays of index_t.
template <class T, std::size_t Rank>
tensor_view<T, static_cast<int>(Rank)> as_view(T* data, const std::array<index_t, Rank>& extents) {
  tensor_view<T, static_cast<int>(Rank)> view{data, extents, detail::row_major(extents)};
  detail::check_view(view, "view");
  return view;
}
template <class T, std::size_t Rank>
tensor_view<T, static_cast<int>(Rank)> as_view(T* data, const std::array<index_t, Rank>& extents,
                                               const std::array<index_t, Rank>& strides) {
  tensor_view<T, static_cast<int>(Rank)> view{data, extents, strides};
  detail::check_view(view, "view");
  return view;
}

// A span, vector or array as a tensor of rank 1, or of the extents given (whose product must be
// its length). The container must outlive the view.
template <class T, std::size_t Extent>
tensor_view<T, 1> as_view(std::span<T, Extent> values) {
  return as_view(values.data(), {values.size()});
}
template <class T, class Allocator>
tensor_view<T, 1> as_view(std::vector<T, Allocator>& values) {
  return as_view(std::span<T>(values));
}
template <class T, class Allocator>
tensor_view<const T, 1> as_view(const std::vector<T, Allocator>& values) {
  return as_view(std::span<const T>(values));
}
template <class T, std::size_t Size>
tensor_view<T, 1> as_view(std::array<T, Size>& values) {
  return as_view(std::span<T>(values));
}
template <class T, std::size_t Size>
tensor_view<const T, 1> as_view(const std::array<T, Size>& values) {
  return as_view(std::span<const T>(values));
}
// Temporaries, whose memory goes with them, are not taken.
template <class T, class Allocator>
void as_view(const std::vector<T, Allocator>&& values) = delete;
template <class T, std::size_t Size>
void as_view(const std::array<T, Size>&& values) = delete;
template <class T, std::size_t Extent, std::size_t Rank>
tensor_view<T, static_cast<int>(Rank)> as_view(std::span<T, Extent> values,
                                               const detail::extent (&extents)[Rank]) {
  const auto view = as_view(values.data(), extents);
  detail::require(view.size() == static_cast<index_t>(values.size()), "extents", [&] {
    return detail::sentence({"their product is ", view.size(), ", the span holds ",
                             static_cast<index_t>(values.size())});
  });
  return view;
}
template <class T, class Allocator, std::size_t Rank>
tensor_view<T, static_cast<int>(Rank)> as_view(std::vector<T, Allocator>& values,
                                               const detail::extent (&extents)[Rank]) {
  return as_view(std::span<T>(values), extents);
}
template <class T, class Allocator, std::size_t Rank>
tensor_view<const T, static_cast<int>(Rank)> as_view(const std::vector<T, Allocator>& values,
                                                     const detail::extent (&extents)[Rank]) {
  return as_view(std::span<const T>(values), extents);
}
template <class T, class Allocator, std::size_t Rank>
void as_view(const std::vector<T, Allocator>&& values,
             const detail::extent (&extents)[Rank]) = delete;

}  // namespace LFNC_ABI
}  // namespace lfnc
