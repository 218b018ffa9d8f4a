// lfnc floor 2: the Thrust backend: the skeletons on any Thrust system (serial, OpenMP, TBB, CUDA).
#pragma once

#include <thrust/execution_policy.h>
#include <thrust/fill.h>
#include <thrust/find.h>
#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/memory.h>
#include <thrust/sort.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "common/map_tasks.hpp"
#include "common/rejection.hpp"
#include "common/row_reader.hpp"
#include "skeletons.hpp"

namespace lfnc {
inline namespace LFNC_ABI {

// A Thrust execution policy as a backend: lfnc::thrust_policy(thrust::omp::par). Its verbs are
// Thrust's algorithms over independent tasks, so that it runs wherever Thrust does, gives the same
// bits as every other backend, and is tuned for none: lfnc::cpu and lfnc::cuda are faster. Scratch
// memory comes from Thrust's own allocation for the system (at most 40 bytes an element, in
// sort_rows); a verb waits wherever its algorithms do. Views are of host_space, and of device_space
// where the system is CUDA.
template <class System>
struct thrust_policy {
  System system;  // Thrust's own policy

  // Of an execution policy such as thrust::omp::par.
  explicit thrust_policy(const System& policy) : system(policy) {}
};

namespace detail {

// The space of the views that a system works on.
template <class System>
struct system_memory {
  using space = host_space;
};
#if THRUST_DEVICE_SYSTEM == THRUST_DEVICE_SYSTEM_CUDA
template <class System>
  requires std::convertible_to<System, thrust::device_system_tag>
struct system_memory<System> {
  using space = device_space;
};
#endif
template <class System>
using system_space = typename system_memory<System>::space;

template <class System>
class thrust_scratch {
 public:
  explicit thrust_scratch(const System& system) : system_(system) {}
  thrust_scratch(const thrust_scratch&) = delete;
  thrust_scratch& operator=(const thrust_scratch&) = delete;
  ~thrust_scratch() {
    for (const auto& give_back : blocks_) give_back();
  }

  template <class T>
  T* take(index_t count) {
    T* const raw = take_raw<T>(count);
    thrust::fill_n(system_, raw, static_cast<std::size_t>(count), T{});
    return raw;
  }

  template <class T>
  T* take_raw(index_t count) {
    const auto size = static_cast<std::size_t>(count);
    const auto place = thrust::malloc<T>(system_, size);
    T* const raw = thrust::raw_pointer_cast(place);
    require(raw != nullptr || count == 0, "scratch", "out of memory");
    blocks_.push_back([system = system_, place] { thrust::free(system, place); });
    return raw;
  }

 private:
  System system_;
  std::vector<std::function<void()>> blocks_;
};

template <class T, class Space, class Task>
struct read_row {
  group_view<T, Space> rows;
  Task task;

  LFNC_CALLS_EITHER
  LFNC_HD void operator()(index_t row) const { task(row, row_reader<T, Space>{rows, row}); }
};

template <class Key>
struct row_key {
  index_t row = 0;
  Key key = 0;
};

struct in_row_descending {
  template <class Key>
  LFNC_HD bool operator()(const row_key<Key>& a, const row_key<Key>& b) const {
    return a.row != b.row ? a.row < b.row : a.key > b.key;
  }
};

template <class T, class Space, class Make>
struct make_row_key {
  group_view<T, Space> rows;
  Make make;
  row_key<compute_t<T>>* keys;

  LFNC_CALLS_EITHER
  LFNC_HD void operator()(index_t i) const {
    const index_t row = rows.row_of(i);
    keys[i] = {row, make(row)(to_compute(*rows.base.address(i)))};
  }
};

// Running totals of one row, and the sink; area k is that of row first + k.
template <class T, class Space, class Sink>
struct finish_row {
  group_view<T, Space> rows;
  index_t first;
  const row_key<compute_t<T>>* sorted;
  compute_t<T>* keys;
  double* totals;
  work_area_t<Sink>* areas;
  Sink sink;

  LFNC_CALLS_EITHER
  LFNC_HD void operator()(index_t k) const {
    const index_t row = first + k;
    const index_t count = rows.row_length(row);
    const index_t begin = rows.first_of(row);
    compute_t<T>* key = keys + begin;
    double* total = totals + begin + row;
    total[0] = 0;
    for (index_t j = 0; j < count; ++j) {
      key[j] = sorted[begin + j].key;
      total[j + 1] = total[j] + static_cast<double>(key[j]);
    }
    sink(row, static_cast<const compute_t<T>*>(key), static_cast<const double*>(total), count,
         areas[k]);
  }
};

template <class T, class Space, class Bin>
struct find_slot {
  channel_view<T, Space> in;
  Bin bin;
  int* slots;

  LFNC_CALLS_EITHER
  LFNC_HD void operator()(index_t i) const { slots[i] = bin(to_compute(*in.address(i))); }
};

// How many of the ascending slots are `slot`.
struct count_slot {
  const int* slots;
  index_t size;
  std::uint64_t* counts;

  LFNC_HD index_t below(int slot) const {
    index_t low = 0;
    index_t high = size;
    while (low < high) {
      const index_t middle = low + (high - low) / 2;
      if (slots[middle] < slot) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
  LFNC_HD void operator()(index_t slot) const {
    const int k = static_cast<int>(slot);
    counts[k] += static_cast<std::uint64_t>(below(k + 1) - below(k));
  }
};

template <class T, class Space>
struct is_not_finite {
  group_view<T, Space> rows;
  index_t row;
  LFNC_HD bool operator()(index_t k) const { return !finite(to_compute(*rows.address(row, k))); }
};

// The first index of 0 .. count - 1 with found(index), or count.
template <class System, class Found>
index_t first_index(const System& system, index_t count, Found found) {
  const thrust::counting_iterator<index_t> begin(0);
  return thrust::find_if(system, begin, begin + count, found) - begin;
}

}  // namespace detail

// The skeletons of skeletons.hpp, each as algorithms of Thrust.
template <class System, class Task>
void for_each(const thrust_policy<System>& policy, index_t count, Task task) {
  if (count > 0) {
    thrust::for_each_n(policy.system, thrust::counting_iterator<index_t>(0), count, task);
  }
}

// map of skeletons.hpp.
template <class System, class In, class Out, class Space, class Make>
  requires std::same_as<Space, detail::system_space<System>>
void map(const thrust_policy<System>& policy, const group_view<In, Space>& in,
         const group_view<Out, Space>& out, Make make) {
  detail::check_map(in, out);
  if (in.base.size() == 0) return;
  detail::with_map_tasks(in, out, make,
                         [&](index_t count, auto task) { for_each(policy, count, task); });
}

// for_each_row of skeletons.hpp: one thread a row.
template <class System, class T, class Space, class Task>
  requires std::same_as<Space, detail::system_space<System>>
void for_each_row(const thrust_policy<System>& policy, const group_view<T, Space>& rows,
                  Task task) {
  if (rows.base.size() == 0) return;
  for_each(policy, rows.rows(), detail::read_row<T, Space, Task>{rows, task});
}

// Memory by thrust::malloc on the system.
template <class System>
detail::thrust_scratch<System> open_scratch(const thrust_policy<System>& policy) {
  return detail::thrust_scratch<System>(policy.system);
}

// sort_rows of skeletons.hpp: all rows by one sort.
template <class System, class T, class Space, class Make, class Sink>
  requires std::same_as<Space, detail::system_space<System>>
void sort_rows(const thrust_policy<System>& policy, const group_view<T, Space>& rows, Make make,
               Sink sink) {
  using key = compute_t<T>;
  const index_t size = rows.base.size();
  if (size == 0) return;
  constexpr index_t together = 256;  // rows whose work areas are there at a time
  auto scratch = open_scratch(policy);
  auto* sorted = scratch.template take<detail::row_key<key>>(size);
  auto* keys = scratch.template take<key>(size);
  auto* totals = scratch.template take<double>(size + rows.rows());
  auto* areas = scratch.template take<detail::work_area_t<Sink>>(std::min(together, rows.rows()));
  for_each(policy, size, detail::make_row_key<T, Space, Make>{rows, make, sorted});
  thrust::sort(policy.system, sorted, sorted + size, detail::in_row_descending{});
  for (index_t first = 0; first < rows.rows(); first += together) {
    for_each(policy, std::min(together, rows.rows() - first),
             detail::finish_row<T, Space, Sink>{rows, first, sorted, keys, totals, areas, sink});
  }
}

// tally of skeletons.hpp: sorts the bins' numbers, and finds where each begins.
template <class System, class T, class Space, class Bin>
  requires std::same_as<Space, detail::system_space<System>>
void tally(const thrust_policy<System>& policy, const channel_view<T, Space>& in, Bin bin,
           std::uint64_t* counts, int bins) {
  const index_t size = in.size();
  if (size == 0) return;
  auto scratch = open_scratch(policy);
  int* slots = scratch.template take<int>(size);
  for_each(policy, size, detail::find_slot<T, Space, Bin>{in, bin, slots});
  thrust::sort(policy.system, slots, slots + size);
  for_each(policy, bins, detail::count_slot{slots, size, counts});
}

// reject of skeletons.hpp.
template <class System, class T, class Space>
  requires std::same_as<Space, detail::system_space<System>>
void reject(const thrust_policy<System>& policy, const group_view<T, Space>& rows,
            const double* bad, std::string_view argument, bool by_image = false) {
  const index_t row = detail::first_index(policy.system, rows.rows(), detail::not_finite{bad});
  if (row == rows.rows()) return;
  const index_t length = rows.row_length(row);
  const index_t element =
      detail::first_index(policy.system, length, detail::is_not_finite<T, Space>{rows, row});
  detail::raise_rejected(
      argument, detail::name_element(rows, row, element < length ? element : -1, by_image));
}

}  // namespace LFNC_ABI
}  // namespace lfnc
