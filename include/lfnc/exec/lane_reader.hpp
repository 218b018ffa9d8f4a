// lfnc floor 2: lane_reader: a row reduced by a team of 16 threads, one a lane.
#pragma once

#include "skeletons.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// The reader of a row that 16 neighbouring threads of a block hold together. All of them reduce,
// each its own lane in ascending order, and all receive the result: the order that skeletons.hpp
// promises, so the bits are those of every other backend.
template <class T, class Space, class Block>
class lane_reader {
 public:
  group_view<T, Space> rows;

  LFNC_DEVICE lane_reader(const group_view<T, Space>& view, index_t row, const Block& block)
      : rows(view), row_(row), length_(view.row_length(row)), block_(block) {
    // A row inside one plane, whose elements lie evenly, is walked without any division.
    const auto& base = rows.base;
    const index_t first = rows.row_begin(row);
    even_ = base.rank <= 1 && first % base.plane_size + length_ <= base.plane_size;
    first_ = even_ ? rows.address(row, 0) : nullptr;
    stride_ = base.rank == 1 ? base.strides[0] : 1;
  }

  LFNC_DEVICE int lane() const { return block_.thread() % lanes; }
  LFNC_DEVICE bool leader() const { return lane() == 0; }

  LFNC_CALLS_EITHER
  template <class Reducer>
  LFNC_DEVICE reduced<Reducer::fields> reduce(const Reducer& reducer) const {
    reduced<Reducer::fields> sums;
    if (even_) {
      add_even(reducer, sums);
    } else {
      for (index_t i = lane(); i < length_; i += lanes) {
        reducer.add(to_compute(*rows.address(row_, i)), sums.field, 1);
      }
    }
    for (int width = lanes / 2; width > 0; width /= 2) {
      const bool upper = (lane() & width) != 0;
      for (int f = 0; f < Reducer::fields; ++f) {
        const double own = sums.field[f];
        const double other = block_.exchange(own, width);
        sums.field[f] = upper ? reducer.merge(f, other, own) : reducer.merge(f, own, other);
      }
    }
    return sums;
  }

 private:
  // Elements lane, lane + 16, ... in batches that are loaded before any is added, the last one too:
  // short rows, such as planes of 7 x 7, are nothing but a last one.
  LFNC_CALLS_EITHER
  template <class Reducer>
  LFNC_DEVICE void add_even(const Reducer& reducer, reduced<Reducer::fields>& sums) const {
    constexpr int batch = 8;
    for (index_t i = lane(); i < length_; i += batch * lanes) {
      const T* const place = first_ + i * stride_;
      compute_t<T> value[batch] = {};
      for (int k = 0; k < batch; ++k) {
        if (i + k * lanes < length_) value[k] = to_compute(place[k * lanes * stride_]);
      }
      for (int k = 0; k < batch; ++k) {
        if (i + k * lanes < length_) reducer.add(value[k], sums.field, 1);
      }
    }
  }

  index_t row_;
  index_t length_;
  const Block& block_;
  bool even_;
  const T* first_;
  index_t stride_;
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
