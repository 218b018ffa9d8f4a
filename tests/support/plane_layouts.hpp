// Planes and groups of a tensor in every order and with every gap that a row can have in memory.
#pragma once

#include <lfnc/channels.hpp>

// Calls check(rows) for each of them. At `data` lie (images + 1) (channels + 1) (height + 1)
// (width + 1) elements.
template <class T, class Check>
void for_each_layout(const T* data, lfnc::index_t images, lfnc::index_t channels,
                     lfnc::index_t height, lfnc::index_t width, const Check& check) {
  using lfnc::as_view;
  using lfnc::index_t;
  const auto planes = [](const auto& view) {
    return lfnc::group_view<const T>{view, view.plane_size};
  };
  const index_t plane = height * width;
  const auto nchw = as_view(data, {images, channels, height, width});
  check(planes(lfnc::channels(nchw, 1)));
  const auto nhwc = as_view(data, {images, height, width, channels});
  check(planes(lfnc::channels(nhwc, 3)));
  // A channel a row, images as the channels' neighbours, gaps between planes, between pixels, and
  // backwards.
  check(planes(lfnc::channels(nchw, 0)));
  check(planes(
      lfnc::channels(as_view(data, {images, channels, plane}, {plane, plane * images, 1}), 1)));
  check(planes(lfnc::channels(
      as_view(data, {images, channels, plane}, {(plane + 1) * channels, plane + 1, 1}), 1)));
  check(planes(lfnc::channels(
      as_view(data, {images, plane, channels}, {plane * (channels + 1), channels + 1, 1}), 2)));
  check(planes(lfnc::channels(as_view(data + images * channels * plane - 1,
                                      {images, channels, plane}, {-channels * plane, -plane, -1}),
                              1)));
  // Groups that end inside a channel.
  for (const index_t size : {index_t{1}, index_t{5}, index_t{16}, index_t{37}, plane + 3}) {
    check(lfnc::groups(nchw, 0, size));
    check(lfnc::groups(nchw, 1, size));
    check(lfnc::groups(as_view(data, {channels, plane}, {plane + 2, 1}), 0, size));
    check(lfnc::groups(as_view(data, {channels, plane}, {1, channels}), 0, size));
  }
}
