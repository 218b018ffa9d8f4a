// lfnc floor 2: row_reader: a row reduced by one thread, in the order that the skeletons promise.
#pragma once

#include "../skeletons.hpp"
#include "cursor.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Lanes of a reduction; see skeletons.hpp for their order.
template <class Reducer>
class lane_sums {
 public:
  LFNC_HD explicit lane_sums(const Reducer& reducer) : reducer_(reducer) {}

  // Adds `run` elements `stride` apart, which are elements index, index + 1, ... of the row.
  template <class T>
  LFNC_HD void add(const T* place, index_t stride, index_t run, index_t index) {
    if constexpr (in_blocks<Reducer>) {
      while (run > 0) {
        const index_t now = lesser(run, lane_block - index % lane_block);
        add_run(place, stride, now, index);
        index += now;
        place += now * stride;
        run -= now;
        pending_ = index % lane_block != 0;
        if (!pending_) end_block();
      }
    } else {
      add_run(place, stride, run, index);
    }
  }

  // Merges the lanes.
  LFNC_HD reduced<Reducer::fields> result() {
    if (pending_) end_block();
    return sums_;
  }

 private:
  using lane_type = lane_type_t<Reducer>;

  template <class T>
  LFNC_HD void add_run(const T* place, index_t stride, index_t run, index_t index) {
    const auto one = [&](index_t k) {
      reducer_.add(to_compute(place[k * stride]), lane_ + (index + k) % lanes, lanes);
    };
    index_t k = 0;
    for (; k < run && (index + k) % lanes != 0; ++k) one(k);
    for (; k + lanes <= run; k += lanes) {
      for (int j = 0; j < lanes; ++j) {
        reducer_.add(to_compute(place[(k + j) * stride]), lane_ + j, lanes);
      }
    }
    for (; k < run; ++k) one(k);
  }

  LFNC_HD void end_block() {
    for (int f = 0; f < Reducer::fields; ++f) {
      lane_type* field = lane_ + f * lanes;
      for (int width = lanes / 2; width > 0; width /= 2) {
        for (int j = 0; j < width; ++j) field[j] = reducer_.merge(f, field[j], field[j + width]);
      }
      if constexpr (in_blocks<Reducer>) {
        sums_.field[f] = reducer_.merge(f, sums_.field[f], static_cast<double>(field[0]));
        for (int j = 0; j < lanes; ++j) field[j] = 0;
      } else {
        sums_.field[f] = field[0];
      }
    }
  }

  Reducer reducer_;
  lane_type lane_[Reducer::fields * lanes] = {};
  reduced<Reducer::fields> sums_;
  bool pending_ = true;  // whether lanes are still to be merged
};

// A row that can be reduced again and again.
template <class T, class Space>
struct row_reader {
  group_view<T, Space> rows;
  index_t row;

  LFNC_HD static constexpr bool leader() { return true; }
  LFNC_HD index_t length() const { return rows.row_length(row); }

  template <class Reducer>
  LFNC_HD reduced<Reducer::fields> reduce(const Reducer& reducer) const {
    lane_sums<Reducer> sums(reducer);
    for_each_run(rows, row, [&](const T* place, index_t stride, index_t run, index_t index) {
      sums.add(place, stride, run, index);
    });
    return sums.result();
  }
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
