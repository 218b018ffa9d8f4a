// lfnc floor 2: cursor: the elements of a plane in order, as runs of even stride.
#pragma once

#include "../../channels.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

LFNC_HD constexpr index_t lesser(index_t a, index_t b) { return a < b ? a : b; }

// Walks elements begin, begin + 1, ... of one plane (or row of a group) in row-major order. At any
// moment the next `available()` of them lie `stride()` apart, from `place()` on.
template <class T>
class cursor {
 public:
  template <class Space>
  LFNC_HD cursor(const channel_view<T, Space>& view, index_t channel, index_t plane, index_t begin)
      : rank_(view.rank), extents_(view.extents), strides_(view.strides) {
    place_ = view.data + channel * view.channel_stride + plane * view.plane_stride;
    for (int d = rank_ - 1; d >= 0; --d) {
      position_[d] = d > 0 ? begin % extents_[d] : begin;
      place_ += position_[d] * strides_[d];
      if (d > 0) begin /= extents_[d];
    }
  }

  LFNC_HD T* place() const { return place_; }
  LFNC_HD index_t stride() const { return rank_ > 0 ? strides_[inner()] : 1; }
  LFNC_HD index_t available() const {
    return rank_ > 0 ? extents_[inner()] - position_[inner()] : 1;
  }

  // Goes forward by count <= available().
  LFNC_HD void advance(index_t count) {
    if (rank_ == 0) return;
    position_[inner()] += count;
    place_ += count * strides_[inner()];
    for (int k = inner(); k > 0 && position_[k] == extents_[k]; --k) {
      place_ += strides_[k - 1] - extents_[k] * strides_[k];
      position_[k] = 0;
      ++position_[k - 1];
    }
  }

 private:
  LFNC_HD int inner() const { return rank_ - 1; }

  int rank_;
  dimension_list extents_;
  dimension_list strides_;
  dimension_list position_;
  T* place_;
};

// Calls visit(place, stride, run, index) for elements begin .. end - 1 of the whole view, numbered
// channel by channel: `run` elements `stride` apart, the first of which is begin + index.
LFNC_CALLS_EITHER
template <class T, class Space, class Visit>
LFNC_HD void for_each_run(const channel_view<T, Space>& view, index_t begin, index_t end,
                          Visit visit) {
  const index_t row_size = view.row_size();
  for (index_t now = begin; now < end;) {
    const index_t position = now % row_size;
    const index_t first = position % view.plane_size;
    cursor<T> at(view, now / row_size, position / view.plane_size, first);
    for (index_t left = lesser(view.plane_size - first, end - now); left > 0;) {
      const index_t run = lesser(at.available(), left);
      visit(at.place(), at.stride(), run, now - begin);
      now += run;
      left -= run;
      if (left > 0) at.advance(run);
    }
  }
}

// The same for the elements of one row; index counts from the beginning of the row.
LFNC_CALLS_EITHER
template <class T, class Space, class Visit>
LFNC_HD void for_each_run(const group_view<T, Space>& rows, index_t row, Visit visit) {
  const index_t begin = rows.first_of(row);
  for_each_run(rows.base, begin, begin + rows.row_length(row), visit);
}

// out[i] = key(element i) for the elements of one row; out holds row_length(row) values.
template <class T, class Space, class Out, class Key>
LFNC_HD void load_row(const group_view<T, Space>& rows, index_t row, Out* out, Key key) {
  for_each_run(rows, row, [&](const T* place, index_t stride, index_t run, index_t index) {
    for (index_t k = 0; k < run; ++k) out[index + k] = key(to_compute(place[k * stride]));
  });
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
