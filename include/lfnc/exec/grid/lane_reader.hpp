// lfnc floor 2: lane_reader: a row reduced by a team of 16 threads, one a lane.
#pragma once

#include "../common/cursor.hpp"
#include "../skeletons.hpp"
#include "tuning.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// The reader of a row that 16 neighbouring threads of a block hold together. All of them reduce,
// each its own lane in ascending order, and all receive the result: the order that skeletons.hpp
// promises, so the bits are those of every other backend.
template <class T, class Space, class Block>
class lane_reader {
 public:
  const group_view<T, Space>& rows;

  // `groups` is view.groups_per_channel(), divided once for all rows.
  LFNC_DEVICE lane_reader(const group_view<T, Space>& view, index_t groups, index_t row,
                          const Block& block)
      : rows(view), row_(row), block_(block) {
    const auto& base = rows.base;
    const index_t channel = row / groups;
    const index_t begin = (row - channel * groups) * rows.group_size;
    length_ = lesser(rows.group_size, base.row_size() - begin);
    // A row inside one plane, whose elements lie evenly, is walked without any division.
    const index_t plane = begin / base.plane_size;
    const index_t within = begin - plane * base.plane_size;
    even_ = base.rank <= 1 && within + length_ <= base.plane_size;
    stride_ = base.rank == 1 ? base.strides[0] : 1;
    first_ =
        base.data + channel * base.channel_stride + plane * base.plane_stride + within * stride_;
  }

  LFNC_DEVICE int lane() const { return block_.thread() % lanes; }
  LFNC_DEVICE bool leader() const { return lane() == 0; }
  LFNC_DEVICE index_t length() const { return length_; }

  LFNC_CALLS_EITHER
  template <class Reducer>
  LFNC_DEVICE reduced<Reducer::fields> reduce(const Reducer& reducer) const {
    reduced<Reducer::fields> sums;
    if constexpr (in_blocks<Reducer>) {
      for (index_t begin = 0; begin < length_; begin += lane_block) {
        lane_type_t<Reducer> field[Reducer::fields] = {};
        reduce_block(reducer, begin, lesser(begin + lane_block, length_), field);
        for (int f = 0; f < Reducer::fields; ++f) {
          sums.field[f] = reducer.merge(f, sums.field[f], static_cast<double>(field[f]));
        }
      }
    } else {
      reduce_block(reducer, 0, length_, sums.field);
    }
    return sums;
  }

 private:
  // Elements begin .. end - 1 in lanes, which are then merged.
  LFNC_CALLS_EITHER
  template <class Reducer, class Lane>
  LFNC_DEVICE void reduce_block(const Reducer& reducer, index_t begin, index_t end,
                                Lane* field) const {
    if (even_) {
      add_even(reducer, begin, end, field);
    } else {
      for (index_t i = begin + lane(); i < end; i += lanes) {
        reducer.add(to_compute(*rows.address(row_, i)), field, 1);
      }
    }
    for (int width = lanes / 2; width > 0; width /= 2) {
      const bool upper = (lane() & width) != 0;
      for (int f = 0; f < Reducer::fields; ++f) {
        const Lane own = field[f];
        const auto other = static_cast<Lane>(block_.exchange(static_cast<double>(own), width));
        field[f] = upper ? reducer.merge(f, other, own) : reducer.merge(f, own, other);
      }
    }
  }

  // Elements lane, lane + 16, ... in batches that are loaded before any is added, the last one too:
  // short rows, such as planes of 7 x 7, are nothing but a last one.
  LFNC_CALLS_EITHER
  template <class Reducer, class Lane>
  LFNC_DEVICE void add_even(const Reducer& reducer, index_t begin, index_t end, Lane* field) const {
    constexpr int batch = tuning::batch;
    for (index_t i = begin + lane(); i < end; i += batch * lanes) {
      compute_t<T> value[batch] = {};
      for (int k = 0; k < batch; ++k) {
        // Beyond the end the last element again, which costs less than a branch.
        value[k] = to_compute(first_[lesser(i + k * lanes, end - 1) * stride_]);
      }
      for (int k = 0; k < batch; ++k) {
        if (i + k * lanes < end) reducer.add(value[k], field, 1);
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
