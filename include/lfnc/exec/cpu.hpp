// lfnc floor 2: the CPU backend: map, reduce and sort_rows over host views.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "common/rejection.hpp"
#include "common/row_reader.hpp"
#include "cpu/float_reduce.hpp"
#include "cpu/map.hpp"
#include "cpu/parallel.hpp"
#include "cpu/scratch.hpp"
#include "cpu/sort.hpp"
#include "cpu/tally.hpp"
#include "cpu/visit_rows.hpp"
#include "skeletons.hpp"

namespace lfnc {
inline namespace LFNC_ABI {

// Rows that are not are copied first.
template <>
inline constexpr bool rows_in_memory<cpu> = true;

namespace detail {

// A call of a sink of sort_rows that has a form for vectors.
template <class Sink, class Key, class Area>
struct call_on_vectors {
  const Sink& sink;
  index_t row;
  const Key* keys;
  const double* totals;
  index_t count;
  Area& area;

  template <int Bytes>
  LFNC_INLINE void run() const {
    sink.template on_vectors<Bytes>(row, keys, totals, count, area);
  }
  void plain() const { sink(row, keys, totals, count, area); }
};

template <class Sink, class Key>
void call_sink(instruction_set set, const Sink& sink, index_t row, const Key* keys,
               const double* totals, index_t count, work_area_t<Sink>& area) {
  if constexpr (vector_sink<Sink, Key, work_area_t<Sink>>) {
    run_vectors(
        set, call_on_vectors<Sink, Key, work_area_t<Sink>>{sink, row, keys, totals, count, area});
  } else {
    sink(row, keys, totals, count, area);
  }
}

// Whether where(row) holds of any row.
template <class Where>
struct any_row {
  Where where;
  index_t rows;
  bool* any;

  template <int Bytes>
  LFNC_INLINE void run() const {
    index_t row = 0;
    int found = 0;
    for (; row + lanes <= rows; row += lanes) {
      for (int k = 0; k < lanes; ++k) found |= static_cast<int>(where(row + k));
    }
    for (; row < rows; ++row) found |= static_cast<int>(where(row));
    *any = found != 0;
  }
};

// Whether there is a row of which where(row) holds.
template <class Where>
bool holds_of_any(const Where& where, index_t rows) {
  bool any = false;
  run_vectors(used_instruction_set(), any_row<Where>{where, rows, &any});
  return any;
}

// A range of a task that has a form for vectors.
template <class Task>
struct task_on_vectors {
  const Task& task;
  index_t begin;
  index_t end;

  template <int Bytes>
  LFNC_INLINE void run() const {
    task.template on_vectors<Bytes>(begin, end);
  }
  void plain() const {
    for (index_t i = begin; i < end; ++i) task(i);
  }
};

}  // namespace detail

// out[i] = make(row)(in[i]) for every element i of every row; in and out have the same shape and
// group size, and may be one view. Elements are handed over in their compute type. Throws
// argument_error naming "out" where the shapes differ, elements of out share memory or one lies
// at one of in, in another view. Threads take ranges of elements. What makes its results is
// compiled for several instruction sets and gives the same bits on each as long as fusing a product
// and a sum changes none (rounding.hpp). Allocates nothing.
template <class In, class Out, class Make>
void map(const cpu& policy, const group_view<In>& in, const group_view<Out>& out, Make make) {
  detail::map_rows(policy, in, out, make);
}

// Calls task(i) for i in 0 .. count - 1. Threads take ranges.
template <class Task>
void for_each(const cpu& policy, index_t count, Task task) {
  [[maybe_unused]] const instruction_set set = used_instruction_set();
  detail::for_ranges(policy, count, detail::grain_of(16), [&](index_t begin, index_t end) {
    if constexpr (vector_task<Task>) {
      detail::run_vectors(set, detail::task_on_vectors<Task>{task, begin, end});
    } else {
      for (index_t i = begin; i < end; ++i) task(i);
    }
  });
}

// Calls task(row, reader) for every row; reader.reduce(reducer) reduces it. Threads take rows. Rows
// that are no neighbours of the compute type are copied: memory for a row a thread, or for 16.
template <class T, class Task>
void for_each_row(const cpu& policy, const group_view<T>& rows, Task task) {
  using key = compute_t<T>;
  if (rows.base.size() == 0) return;
  detail::visit_rows(
      policy, rows,
      {&task, [](void* self, index_t row, const detail::neighbour_reader<key>& reader) {
         (*static_cast<Task*>(self))(row, reader);
       }});
}

#if LFNC_SHUFFLES
// reduce() of skeletons.hpp, the same bits sooner: many rows of floats at a time, for a reducer
// that every row shares and that adds vectors.
template <whole_vector_reducer Reducer, column_sink Sink>
void reduce(const cpu& policy, const group_view<const float>& rows, for_all_rows<Reducer> make,
            Sink sink) {
  if (rows.base.size() > 0) detail::reduce_floats(policy, rows, make.op, sink);
}
#endif

// reduce_where() of skeletons.hpp, which expects few such rows or none.
template <class T, class Where, class Make, class Sink>
bool reduce_where(const cpu& policy, const group_view<T>& rows, Where where, Make make, Sink sink) {
  if (!detail::holds_of_any(where, rows.rows())) return false;
  for_each_row(policy, rows, detail::reduce_where_task<Where, Make, Sink>{where, make, sink});
  return true;
}

// Calls sink(row, keys, totals, count, area) with the keys make(row)(x) of every row in descending
// order, their running totals (count + 1 of them, from 0) and the sink's work area. Threads take
// rows. Allocates two rows of each and an area a thread.
template <class T, class Make, class Sink>
void sort_rows(const cpu& policy, const group_view<T>& rows, Make make, Sink sink) {
  using key_type = compute_t<T>;
  if (rows.base.size() == 0) return;
  const index_t longest = std::min(rows.group_size, rows.base.row_size());
  const instruction_set set = used_instruction_set();
  detail::for_ranges(policy, rows.rows(), detail::grain_of(longest),
                     [&](index_t begin, index_t end) {
                       detail::host_scratch scratch;
                       key_type* const keys = scratch.take_raw<key_type>(longest);
                       double* const totals = scratch.take_raw<double>(longest + 1);
                       auto* const area = scratch.take_raw<detail::work_area_t<Sink>>(1);
                       totals[0] = 0;
                       detail::descending_sorter<key_type> sort(longest);
                       for (index_t row = begin; row < end; ++row) {
                         const index_t count = rows.row_length(row);
                         detail::load_row(rows, row, keys, make(row));
                         sort(keys, count);
                         for (index_t k = 0; k < count; ++k) {
                           totals[k + 1] = totals[k] + static_cast<double>(keys[k]);
                         }
                         detail::call_sink(set, sink, row, static_cast<const key_type*>(keys),
                                           static_cast<const double*>(totals), count, *area);
                       }
                     });
}

// ++counts[bin(x)] for every element, with bin(x) in 0 .. bins - 1. Threads count for themselves
// and add up at the end, each in an array of `bins` that it allocates.
template <class T, class Bin>
void tally(const cpu& policy, const channel_view<T>& in, Bin bin, std::uint64_t* counts, int bins) {
  const instruction_set set = used_instruction_set();
  detail::mutex one_at_a_time;
  detail::for_ranges(policy, in.size(), detail::thread_grain, [&](index_t begin, index_t end) {
    // Half the size of the sums, so that twice as many are near at hand.
    std::vector<std::uint32_t> local(static_cast<std::size_t>(bins + detail::last_places - 1));
    index_t room = std::numeric_limits<std::uint32_t>::max();
    const auto hand_in = [&] {
      const detail::lock held(one_at_a_time);
      detail::add_counts(set, local.data(), bins, counts);
    };
    detail::for_each_run(in, begin, end, [&](const T* place, index_t stride, index_t run, index_t) {
      while (run > 0) {
        if (room == 0) {
          hand_in();
          std::fill(local.begin(), local.end(), 0U);
          room = std::numeric_limits<std::uint32_t>::max();
        }
        const index_t now = std::min(run, room);
        detail::tally_run(set, place, stride, now, bin, bins - 1, local.data());
        room -= now;
        run -= now;
        place += now * stride;
      }
    });
    hand_in();
  });
}

// Memory for the duration of a verb: what the thread keeps for that, or from the heap.
inline detail::host_scratch open_scratch(const cpu&) { return {}; }

namespace detail {

// Says what reject() found, the slow way to a message.
template <class T>
LFNC_COLD void raise_first_rejected(const group_view<T>& rows, const double* bad,
                                    std::string_view argument, bool by_image) {
  for (index_t row = 0; row < rows.rows(); ++row) {
    if (finite(bad[row])) continue;
    raise_rejected(argument, name_element(rows, row, first_not_finite(rows, row), by_image));
  }
}

}  // namespace detail

// Throws argument_error for the first row whose bad[row] is not finite, naming its first element
// that is not, or overflow_error where all are.
template <class T>
void reject(const cpu&, const group_view<T>& rows, const double* bad, std::string_view argument,
            bool by_image = false) {
  if (!detail::holds_of_any(detail::not_finite{bad}, rows.rows())) return;
  detail::raise_first_rejected(rows, bad, argument, by_image);
}

}  // namespace LFNC_ABI
}  // namespace lfnc
