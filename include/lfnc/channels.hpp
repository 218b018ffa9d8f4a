// lfnc floor 0: channels, groups and whole: any tensor as rows of a channel.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include "view.hpp"

namespace lfnc {

// As an array, with indexing that device code may call.
struct dimension_list {
  index_t value[max_rank] = {};  // one number a dimension, outermost first

  // Unchecked.
  template <std::integral Index>
  LFNC_HD LFNC_INLINE constexpr index_t& operator[](Index k) {
    return value[k];
  }
  // Unchecked.
  template <std::integral Index>
  LFNC_HD LFNC_INLINE constexpr const index_t& operator[](Index k) const {
    return value[k];
  }
};

// A tensor seen per channel: channel c holds `planes` planes (one an image) of `plane_size`
// elements. The dimensions inside a plane keep their row-major order, with neighbours that lie
// evenly in memory merged, so that NCHW, NHWC, OIHW, transposed and sliced tensors all end up in
// this one shape without a copy. Plain data: fields may be read, channels() and whole() make it.
template <class T, class Space = host_space>
struct channel_view {
  T* data = nullptr;           // element 0 of plane 0 of channel 0
  index_t channels = 0;        // how many
  index_t channel_stride = 0;  // in elements, from channel to channel
  index_t planes = 0;          // of one channel
  index_t plane_stride = 0;    // in elements, from plane to plane
  index_t plane_size = 0;      // elements of one plane
  int rank = 0;                // dimensions inside a plane, after merging
  dimension_list extents;      // of those, outermost first
  dimension_list strides;      // likewise, in elements

  // Elements of one channel.
  LFNC_HD LFNC_INLINE constexpr index_t row_size() const { return planes * plane_size; }
  LFNC_HD LFNC_INLINE constexpr index_t size() const { return channels * row_size(); }

  // Where element `index` (row-major inside plane `plane` of channel `channel`) lies.
  LFNC_HD LFNC_INLINE constexpr T* address(index_t channel, index_t plane, index_t index) const {
    T* place = data + channel * channel_stride + plane * plane_stride;
    for (int d = rank - 1; d > 0; --d) {
      place += (index % extents[d]) * strides[d];
      index /= extents[d];
    }
    return rank > 0 ? place + index * strides[0] : place;
  }
  // The same for element `position` of a channel, its planes one after another.
  LFNC_HD LFNC_INLINE constexpr T* address(index_t channel, index_t position) const {
    return address(channel, position / plane_size, position % plane_size);
  }
  // The same for element `i` of the view, its channels one after another.
  LFNC_HD LFNC_INLINE constexpr T* address(index_t i) const {
    return address(i / row_size(), i % row_size());
  }

  // The same memory, to be read only.
  template <class U>
    requires(std::same_as<U, const T> && !std::is_const_v<T>)
  LFNC_HD LFNC_INLINE constexpr operator channel_view<U, Space>() const {
    return {data,       channels, channel_stride, planes, plane_stride,
            plane_size, rank,     extents,        strides};
  }
};

// Channels cut into groups of `group_size` neighbouring elements (in the row-major order of the
// channel); the last group of a channel may be shorter. Row r is group r % groups_per_channel() of
// channel r / groups_per_channel().
template <class T, class Space = host_space>
struct group_view {
  channel_view<T, Space> base;  // what is cut
  index_t group_size = 0;       // elements of a group, at least 1

  // How many groups a channel is cut into.
  LFNC_HD LFNC_INLINE constexpr index_t groups_per_channel() const {
    return (base.row_size() + group_size - 1) / group_size;
  }
  // Groups of all channels.
  LFNC_HD LFNC_INLINE constexpr index_t rows() const {
    return base.channels * groups_per_channel();
  }
  // Where a row begins in its channel, and how many elements it has.
  LFNC_HD LFNC_INLINE constexpr index_t row_begin(index_t row) const {
    return (row % groups_per_channel()) * group_size;
  }
  LFNC_HD LFNC_INLINE constexpr index_t row_length(index_t row) const {
    const index_t rest = base.row_size() - row_begin(row);
    return rest < group_size ? rest : group_size;
  }
  // Where element `index` of a row lies. Unchecked.
  LFNC_HD LFNC_INLINE constexpr T* address(index_t row, index_t index) const {
    return base.address(row / groups_per_channel(), row_begin(row) + index);
  }
  // The first element of a row, and the row of an element, where all elements of the view are
  // numbered channel by channel.
  LFNC_HD LFNC_INLINE constexpr index_t first_of(index_t row) const {
    return row / groups_per_channel() * base.row_size() + row_begin(row);
  }
  LFNC_HD LFNC_INLINE constexpr index_t row_of(index_t i) const {
    return i / base.row_size() * groups_per_channel() + i % base.row_size() / group_size;
  }

  // The same memory, to be read only.
  template <class U>
    requires(std::same_as<U, const T> && !std::is_const_v<T>)
  LFNC_HD LFNC_INLINE constexpr operator group_view<U, Space>() const {
    return {base, group_size};
  }
};

inline namespace LFNC_ABI {
namespace detail {

template <class T, class Space>
void append_dimension(channel_view<T, Space>& view, index_t extent, index_t stride) {
  // A dimension of one element leads nowhere, and an empty tensor is never walked.
  if (extent <= 1) return;
  if (view.rank > 0) {
    const auto last = static_cast<std::size_t>(view.rank - 1);
    // strides[last] == stride * extent, where that product might not fit.
    if (view.strides[last] % extent == 0 && view.strides[last] / extent == stride) {
      view.extents[last] *= extent;
      view.strides[last] = stride;
      return;
    }
  }
  view.extents[static_cast<std::size_t>(view.rank)] = extent;
  view.strides[static_cast<std::size_t>(view.rank)] = stride;
  ++view.rank;
}

// Makes a view that is still empty the whole of a tensor that was checked.
template <class T, int Rank, class Space>
void make_whole(const tensor_view<T, Rank, Space>& tensor, channel_view<T, Space>& view) {
  view.data = tensor.data;
  view.channels = 1;
  view.planes = 1;
  view.plane_size = tensor.size();
  for (std::size_t d = 0; d < static_cast<std::size_t>(Rank); ++d) {
    append_dimension(view, tensor.extents[d], tensor.strides[d]);
  }
}

// groups(whole(tensor)) of a tensor that was checked, made where it is returned: on small tensors
// the checks and the copies would take most of the time.
template <class T, int Rank, class Space>
group_view<T, Space> one_row(const tensor_view<T, Rank, Space>& tensor) {
  group_view<T, Space> row;
  make_whole(tensor, row.base);
  row.group_size = row.base.plane_size > 0 ? row.base.plane_size : 1;
  return row;
}

// Whether the elements of a view are neighbours in memory, one after another.
template <class T, class Space>
bool in_one_piece(const channel_view<T, Space>& view) {
  return view.channels == 1 && view.planes == 1 &&
         (view.rank == 0 || (view.rank == 1 && view.strides[0] == 1));
}

// Strides and extents of more than one element, by ascending stride.
struct sorted_dimensions {
  index_t stride[max_rank + 2];
  index_t extent[max_rank + 2];
  int count = 0;

  void insert(index_t elements, index_t distance) {
    if (elements <= 1) return;
    if (distance < 0) distance = -distance;
    int place = count++;
    for (; place > 0 && stride[place - 1] > distance; --place) {
      stride[place] = stride[place - 1];
      extent[place] = extent[place - 1];
    }
    stride[place] = distance;
    extent[place] = elements;
  }

  // Whether every dimension steps over all that the ones before it reach.
  bool distinct() const {
    index_t reach = 0;
    for (int d = 0; d < count; ++d) {
      if (stride[d] <= reach) return false;
      reach += stride[d] * (extent[d] - 1);
    }
    return true;
  }
};

// Refuses a view to be written to in which two elements may lie at the same place. Whatever is cut,
// transposed or reversed from a dense tensor passes.
template <class T, class Space>
void require_distinct(const channel_view<T, Space>& view, std::string_view argument) {
  if (in_one_piece(view)) return;
  sorted_dimensions dimensions;
  dimensions.insert(view.channels, view.channel_stride);
  dimensions.insert(view.planes, view.plane_stride);
  for (int d = 0; d < view.rank; ++d) dimensions.insert(view.extents[d], view.strides[d]);
  if (!dimensions.distinct()) refuse(argument, "its elements share memory");
}

}  // namespace detail

// The tensor per index of `axis`. Dimension 0 is the batch, a plane per index, unless `axis` is 0:
// channels(oihw, 0) are the rows of a weight, channels(nchw, 1) and channels(nhwc, 3) the feature
// channels of a batch. Throws argument_error where axis is not a dimension. O(rank), no copy.
template <class T, int Rank, class Space>
channel_view<T, Space> channels(const tensor_view<T, Rank, Space>& tensor, int axis) {
  detail::require(axis >= 0 && axis < Rank, "axis", [axis] {
    return detail::sentence({axis, " is not a dimension of a tensor of rank ", Rank});
  });
  detail::check_view(tensor, "tensor");
  channel_view<T, Space> view;
  view.data = tensor.data;
  view.channels = tensor.extents[static_cast<std::size_t>(axis)];
  view.channel_stride = tensor.strides[static_cast<std::size_t>(axis)];
  view.planes = axis == 0 ? 1 : tensor.extents[0];
  view.plane_stride = axis == 0 ? 0 : tensor.strides[0];
  view.plane_size = 1;
  for (int d = axis == 0 ? 0 : 1; d < Rank; ++d) {
    if (d == axis) continue;
    const auto k = static_cast<std::size_t>(d);
    detail::append_dimension(view, tensor.extents[k], tensor.strides[k]);
    view.plane_size *= tensor.extents[k];
  }
  return view;
}

// The whole tensor as one channel of one plane: per-tensor scales, activations.
template <class T, int Rank, class Space>
channel_view<T, Space> whole(const tensor_view<T, Rank, Space>& tensor) {
  detail::check_view(tensor, "tensor");
  channel_view<T, Space> view;
  detail::make_whole(tensor, view);
  return view;
}

// A scale per `size` neighbouring weights of each channel instead of one per channel: groups of 32
// along the reduction of an OIHW weight are groups(oihw, 0, 32). A size beyond the channel means
// the whole channel. Throws where size < 1.
template <class T, int Rank, class Space>
group_view<T, Space> groups(const tensor_view<T, Rank, Space>& tensor, int axis, index_t size) {
  detail::require(size >= 1, "size", "a group holds at least one element");
  const auto view = channels(tensor, axis);
  const index_t longest = view.row_size() > 0 ? view.row_size() : 1;
  return {view, size < longest ? size : longest};
}

// One group a channel.
template <class T, class Space>
group_view<T, Space> groups(const channel_view<T, Space>& view) {
  return {view, view.row_size() > 0 ? view.row_size() : 1};
}

namespace detail {

// The rows of weights as a verb is handed them: groups, channels, or a tensor, whose first
// dimension is that of the output channels (OIHW, or an inner product's matrix).
template <class T, class Space>
group_view<T, Space> rows_of(const group_view<T, Space>& weights) {
  return weights;
}
template <class T, class Space>
group_view<T, Space> rows_of(const channel_view<T, Space>& weights) {
  return groups(weights);
}
template <class T, int Rank, class Space>
group_view<T, Space> rows_of(const tensor_view<T, Rank, Space>& weights) {
  return groups(channels(weights, 0));
}

template <class View>
concept has_rows = requires(const View& view) { rows_of(view); };

template <class T, class Space>
Space space_in(const group_view<T, Space>&);
template <has_rows View>
using space_of = decltype(space_in(rows_of(std::declval<const View&>())));

template <has_rows View>
inline constexpr bool are_groups =
    std::same_as<View, decltype(rows_of(std::declval<const View&>()))>;

// The channels of a batch as a verb is handed it: channels, or a tensor whose second dimension they
// are (NCHW, and N x C alone).
template <class T, class Space>
channel_view<T, Space> channels_of(const channel_view<T, Space>& batch) {
  return batch;
}
template <class T, int Rank, class Space>
channel_view<T, Space> channels_of(const tensor_view<T, Rank, Space>& batch) {
  static_assert(Rank >= 2, "a batch has images and channels: channels(view, axis) says which");
  return channels(batch, 1);
}

template <class View>
concept has_channels = requires(const View& view) { channels_of(view); };

// `channels` rows of `row_size` elements each, one after another: scratch memory as a view.
template <class Space, class T>
channel_view<T, Space> dense_rows(T* data, index_t channels, index_t row_size) {
  channel_view<T, Space> view;
  view.data = data;
  view.channels = channels;
  view.channel_stride = row_size;
  view.planes = 1;
  view.plane_size = row_size;
  append_dimension(view, row_size, 1);
  return view;
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
