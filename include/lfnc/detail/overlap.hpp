// lfnc floor 1: overlap: whether what is written may be what is still to be read.
#pragma once

#include <cstdint>
#include <string_view>

#include "../channels.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// The bytes of a view's elements: extent[d] of them stride[d] bytes apart, from `first` on.
struct footprint {
  std::uintptr_t first = 0;  // of the lowest element
  std::uintptr_t last = 0;   // one beyond the highest
  index_t width = 0;         // of an element
  int rank = 0;
  index_t stride[max_rank + 2];  // above 0
  index_t extent[max_rank + 2];  // above 1

  template <class T, class Space>
  explicit footprint(const channel_view<T, Space>& view)
      : first(reinterpret_cast<std::uintptr_t>(view.data)), width(sizeof(T)) {
    last = first + sizeof(T);
    append(view.channels, view.channel_stride);
    append(view.planes, view.plane_stride);
    for (int d = 0; d < view.rank; ++d) append(view.extents[d], view.strides[d]);
  }

 private:
  void append(index_t count, index_t step) {
    if (count <= 1 || step == 0) return;
    const index_t bytes = step * width;
    const index_t reach = bytes * (count - 1);
    // Unsigned, so that a negative one leads down.
    (bytes > 0 ? last : first) += static_cast<std::uintptr_t>(reach);
    stride[rank] = bytes > 0 ? bytes : -bytes;
    extent[rank++] = count;
  }
};

// Steps of `stride` bytes, `least` to `most` of them.
struct step_range {
  index_t stride;
  index_t least;
  index_t most;
};

// Whether whole steps of each range, of descending stride, lead to a place from low to high. The
// strides of tensors are mostly multiples of each other, so that one or two numbers of steps come
// into question at each; where there are too many, they may.
LFNC_COLD inline bool may_lead(const step_range* range, int count, index_t low, index_t high,
                               int& budget) {
  if (count == 0) return low <= 0 && high >= 0;
  if (--budget < 0) return true;
  index_t least = 0;  // that the ranges behind reach
  index_t most = 0;
  for (int d = 1; d < count; ++d) {
    least += range[d].stride * range[d].least;
    most += range[d].stride * range[d].most;
  }
  const auto floor_of = [stride = range->stride](index_t x) {
    return x / stride - static_cast<index_t>(x % stride < 0);
  };
  index_t from = -floor_of(most - low);
  index_t to = floor_of(high - least);
  from = from > range->least ? from : range->least;
  to = to < range->most ? to : range->most;
  for (index_t k = from; k <= to; ++k) {
    const index_t way = k * range->stride;
    if (may_lead(range + 1, count - 1, low - way, high - way, budget)) return true;
  }
  return false;
}

// Whether an element of one view has a byte in common with one of the other; where it would take
// long to tell, it may.
LFNC_COLD inline bool elements_meet(const footprint& a, const footprint& b) {
  step_range range[2 * (max_rank + 2)];
  int count = 0;
  const auto insert = [&](const footprint& of, index_t sign) {
    for (int d = 0; d < of.rank; ++d) {
      int place = 0;
      while (place < count && range[place].stride > of.stride[d]) ++place;
      if (place == count || range[place].stride != of.stride[d]) {
        for (int k = count++; k > place; --k) range[k] = range[k - 1];
        range[place] = {of.stride[d], 0, 0};
      }
      (sign > 0 ? range[place].most : range[place].least) += sign * (of.extent[d] - 1);
    }
  };
  insert(a, 1);
  insert(b, -1);
  // An element of a lies `way` above one of b where the steps in a less those in b are that much
  // more than a's first element lies below b's; bytes are shared for -a.width < way < b.width.
  const auto apart = static_cast<index_t>(b.first - a.first);
  int budget = 4096;
  return may_lead(range, count, apart - a.width + 1, apart + b.width - 1, budget);
}

// Whether two views are one: element i of each at the same place, of the same size.
template <class A, class B, class Space>
bool same_place(const channel_view<A, Space>& a, const channel_view<B, Space>& b) {
  const auto dimension = [](index_t extent, index_t stride_a, index_t stride_b) {
    return extent <= 1 || stride_a == stride_b;
  };
  bool same = sizeof(A) == sizeof(B) &&
              static_cast<const void*>(a.data) == static_cast<const void*>(b.data) &&
              a.channels == b.channels && a.planes == b.planes && a.rank == b.rank &&
              dimension(a.channels, a.channel_stride, b.channel_stride) &&
              dimension(a.planes, a.plane_stride, b.plane_stride);
  for (int d = 0; same && d < a.rank; ++d) {
    same = a.extents[d] == b.extents[d] && a.strides[d] == b.strides[d];
  }
  return same;
}

// Refuses a view to be written that shares memory with one that is read meanwhile, unless they are
// the same view, where each element is read before it is written. O(rank), mostly.
template <class In, class Out, class Space>
void require_apart(const channel_view<In, Space>& in, const channel_view<Out, Space>& out,
                   std::string_view argument, std::string_view other) {
  const footprint from(in);
  const footprint to(out);
  if (from.last <= to.first || to.last <= from.first || same_place(in, out)) return;
  require(!elements_meet(from, to), argument,
          [&] { return sentence({"shares memory with ", other, " and is not the same view"}); });
}

// The same for a view and a list that one is computed from the other.
template <class T, class U, class Space>
void require_apart(const channel_view<T, Space>& view, const list_view<U, Space>& list,
                   std::string_view argument, std::string_view other) {
  const footprint all(view);
  const auto first = reinterpret_cast<std::uintptr_t>(list.data);
  const auto last = first + sizeof(U) * static_cast<std::uintptr_t>(list.size);
  require(all.last <= first || last <= all.first, argument,
          [&] { return sentence({"shares memory with ", other}); });
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
