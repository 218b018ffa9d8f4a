// lfnc floor 2: the CPU backend: map, reduce and sort_rows over host views.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cursor.hpp"
#include "parallel.hpp"
#include "skeletons.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Elements that a thread should have before another one is worth waking.
inline constexpr index_t thread_grain = 1 << 15;

inline index_t grain_of(index_t elements_each) {
  return std::max<index_t>(1, thread_grain / std::max<index_t>(1, elements_each));
}

// Elements begin .. of one plane of `in` and of one of `out`, `length` of them.
template <class In, class Out, class Op>
void map_run(cursor<In> from, cursor<Out> to, index_t length, const Op& op) {
  while (length > 0) {
    const index_t run = std::min({from.available(), to.available(), length});
    In* source = from.place();
    Out* target = to.place();
    if (from.stride() == 1 && to.stride() == 1) {
      for (index_t k = 0; k < run; ++k) target[k] = static_cast<Out>(op(to_compute(source[k])));
    } else {
      for (index_t k = 0; k < run; ++k) {
        target[k * to.stride()] = static_cast<Out>(op(to_compute(source[k * from.stride()])));
      }
    }
    length -= run;
    if (length > 0) {
      from.advance(run);
      to.advance(run);
    }
  }
}

// Lanes of a reduction; see skeletons.hpp for their order.
template <class Reducer>
class lane_sums {
 public:
  explicit lane_sums(const Reducer& reducer) : reducer_(reducer) {}

  // Adds `run` elements `stride` apart, which are elements index, index + 1, ... of the row.
  template <class T>
  void add(const T* place, index_t stride, index_t run, index_t index) {
    const auto one = [&](index_t k) {
      reducer_.add(to_compute(place[k * stride]),
                   &lane_[static_cast<std::size_t>((index + k) % lanes)], lanes);
    };
    index_t k = 0;
    for (; k < run && (index + k) % lanes != 0; ++k) one(k);
    for (; k + lanes <= run; k += lanes) {
      for (int j = 0; j < lanes; ++j) {
        reducer_.add(to_compute(place[(k + j) * stride]), &lane_[static_cast<std::size_t>(j)],
                     lanes);
      }
    }
    for (; k < run; ++k) one(k);
  }

  // Merges the lanes.
  std::array<double, Reducer::fields> result() {
    std::array<double, Reducer::fields> sums{};
    for (std::size_t f = 0; f < sums.size(); ++f) {
      double* field = &lane_[f * lanes];
      for (int width = lanes / 2; width > 0; width /= 2) {
        for (int j = 0; j < width; ++j) {
          field[j] = reducer_.merge(static_cast<int>(f), field[j], field[j + width]);
        }
      }
      sums[f] = field[0];
    }
    return sums;
  }

 private:
  Reducer reducer_;
  std::array<double, static_cast<std::size_t>(Reducer::fields) * lanes> lane_{};
};

}  // namespace detail

// out[i] = make(row)(in[i]) for every element i of every row; in and out have the same shape and
// group size, and may be the same memory. Elements are handed over in their compute type. Throws
// argument_error naming "out" where the shapes differ or elements of out share memory. Threads take
// ranges of elements. Allocates nothing.
template <class In, class Out, class Make>
void map(const cpu& policy, const group_view<In>& in, const group_view<Out>& out, Make make) {
  detail::require(in.base.channels == out.base.channels &&
                      in.base.row_size() == out.base.row_size() && in.group_size == out.group_size,
                  "out",
                  "its shape (" + detail::number(out.base.channels) + " channels of " +
                      detail::number(out.base.row_size()) + ") is not the input's (" +
                      detail::number(in.base.channels) + " of " +
                      detail::number(in.base.row_size()) + ")");
  const index_t row_size = in.base.row_size();
  const index_t in_plane = in.base.plane_size;
  const index_t out_plane = out.base.plane_size;
  if (in.base.size() == 0) return;
  detail::require_distinct(out.base, "out");
  // All elements in one numbering, so that one huge row is shared out too.
  detail::for_ranges(policy, in.base.size(), detail::thread_grain, [&](index_t begin, index_t end) {
    while (begin < end) {
      const index_t channel = begin / row_size;
      const index_t position = begin % row_size;
      const index_t group = position / in.group_size;
      const index_t row = channel * in.groups_per_channel() + group;
      const index_t length =
          std::min({end - begin, in.row_begin(row) + in.row_length(row) - position,
                    in_plane - position % in_plane, out_plane - position % out_plane});
      detail::map_run(
          detail::cursor<In>(in.base, channel, position / in_plane, position % in_plane),
          detail::cursor<Out>(out.base, channel, position / out_plane, position % out_plane),
          length, make(row));
      begin += length;
    }
  });
}

// Calls sink(row, fields) with the reduction of every row, the rows of one channel in ascending
// order and never two of one channel at a time. make(row) is its reducer. Threads take channels.
// Allocates nothing.
template <class T, class Make, class Sink>
void reduce(const cpu& policy, const group_view<T>& rows, Make make, Sink sink) {
  if (rows.base.size() == 0) return;
  const index_t per_channel = rows.groups_per_channel();
  detail::for_ranges(policy, rows.base.channels, detail::grain_of(rows.base.row_size()),
                     [&](index_t begin, index_t end) {
                       for (index_t row = begin * per_channel; row < end * per_channel; ++row) {
                         detail::lane_sums sums(make(row));
                         detail::for_each_run(
                             rows, row,
                             [&](const T* place, index_t stride, index_t run, index_t index) {
                               sums.add(place, stride, run, index);
                             });
                         sink(row, sums.result());
                       }
                     });
}

// Calls sink(row, keys, count) with the keys make(row)(x) of every row in descending order. Threads
// take rows. Allocates one row of keys a thread.
template <class T, class Make, class Sink>
void sort_rows(const cpu& policy, const group_view<T>& rows, Make make, Sink sink) {
  using key_type = decltype(make(index_t{0})(detail::to_compute(*rows.base.data)));
  const index_t longest = std::min(rows.group_size, rows.base.row_size());
  detail::for_ranges(policy, rows.rows(), detail::grain_of(longest),
                     [&](index_t begin, index_t end) {
                       std::vector<key_type> keys(static_cast<std::size_t>(longest));
                       for (index_t row = begin; row < end; ++row) {
                         const index_t count = rows.row_length(row);
                         detail::load_row(rows, row, keys.data(), make(row));
                         std::sort(keys.begin(), keys.begin() + count, std::greater<>());
                         sink(row, static_cast<const key_type*>(keys.data()), count);
                       }
                     });
}

// Adds every element to an accumulator of its thread's own: add(accumulator, element, index), with
// make() to begin one and index counting channel by channel; then hands the accumulators to merge,
// one at a time in any order. For accumulators whose merge commutes, such as counts.
template <class T, class Make, class Add, class Merge>
void fold(const cpu& policy, const channel_view<T>& in, Make make, Add add, Merge merge) {
  std::mutex one_at_a_time;
  detail::for_ranges(policy, in.size(), detail::thread_grain, [&](index_t begin, index_t end) {
    auto local = make();
    detail::for_each_run(in, begin, end,
                         [&](const T* place, index_t stride, index_t run, index_t index) {
                           for (index_t k = 0; k < run; ++k) {
                             add(local, detail::to_compute(place[k * stride]), begin + index + k);
                           }
                         });
    const std::lock_guard<std::mutex> lock(one_at_a_time);
    merge(local);
  });
}

// Throws argument_error naming the first NaN or infinite element of a row, or overflow_error where
// all are finite: the slow way to a message, after a sum of squares turned out not to be finite.
template <class T>
[[noreturn]] void refuse_not_finite(const cpu&, const group_view<T>& rows, index_t row,
                                    std::string_view argument) {
  const index_t per_channel = rows.groups_per_channel();
  index_t bad = -1;
  detail::for_each_run(rows, row, [&](const T* place, index_t stride, index_t run, index_t index) {
    for (index_t k = 0; k < run && bad < 0; ++k) {
      if (!detail::finite(detail::to_compute(place[k * stride]))) bad = index + k;
    }
  });
  const std::string channel = "channel " + detail::number(row / per_channel);
  if (bad < 0) {
    detail::raise(overflow_error("lfnc: " + std::string(argument) + ": the sum of squares of " +
                                 channel + " is beyond the range of double"));
  }
  detail::refuse(argument, "element " + detail::number(bad + rows.row_begin(row)) + " of " +
                               channel + " is NaN or infinite");
}

}  // namespace LFNC_ABI
}  // namespace lfnc
