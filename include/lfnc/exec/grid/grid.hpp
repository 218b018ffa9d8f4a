// lfnc floor 2: grid: the skeletons over a machine that runs blocks of threads on its own memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "../common/map_tasks.hpp"
#include "../common/rejection.hpp"
#include "../workspace.hpp"
#include "kernels.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// A policy over a machine, which offers
//
//   launch(name, kernel, blocks, threads, shared)   runs kernel(block), in order
//   clear(place, bytes)                             sets memory to 0, in order
//   fetch(place, bytes, target)                     copies to the host and waits for it
//   shared_limit()                                  bytes that a block may have
//   most_keys()                                     that it sorts at a time
//   sort_bytes<Key>(keys, rows)                     memory that sort takes for as many
//   sort(segments, in, out, memory, bytes)          every segment in descending order
//
// Every view is of device_space.
template <class Machine>
class grid_policy {
 public:
  // Without a workspace, for verbs that allocate nothing.
  explicit grid_policy(const Machine& machine) : machine_(machine) {}
  grid_policy(const Machine& machine, workspace& memory) : machine_(machine), memory_(&memory) {}

  const Machine& machine() const { return machine_; }
  bool counting() const { return memory_ != nullptr && memory_->counting(); }

  workspace& memory() const {
    require(memory_ != nullptr, "workspace", "this verb needs one");
    return *memory_;
  }
  device_status* status() const {
    if (memory_ == nullptr) return nullptr;
    if (memory_->fresh && !counting()) {
      machine_.clear(memory_->status(), sizeof(device_status));
      memory_->fresh = false;
    }
    return memory_->status();
  }

  template <class Kernel>
  void launch(const char* name, const Kernel& kernel, index_t blocks, int threads,
              std::size_t shared = 0) const {
    machine_.launch(name, unless_failed<Kernel>{kernel, status()},
                    std::min(blocks, tuning::most_blocks), threads, shared);
  }

 private:
  Machine machine_;
  workspace* memory_ = nullptr;
};

// Memory from the workspace, given back when this object dies.
template <class Machine>
class grid_scratch {
 public:
  explicit grid_scratch(const grid_policy<Machine>& policy)
      : policy_(policy), mark_(policy.memory().mark()) {}
  grid_scratch(const grid_scratch&) = delete;
  grid_scratch& operator=(const grid_scratch&) = delete;
  ~grid_scratch() { policy_.memory().release(mark_); }

  template <class T>
  T* take(index_t count) {
    T* place = take_raw<T>(count);
    if (!policy_.counting()) {
      policy_.machine().clear(place, static_cast<std::size_t>(count) * sizeof(T));
    }
    return place;
  }

  // Not set to 0.
  template <class T>
  T* take_raw(index_t count) {
    return static_cast<T*>(policy_.memory().take(count, sizeof(T)));
  }

 private:
  const grid_policy<Machine>& policy_;
  std::size_t mark_;
};

// The segments that sort takes: where the keys of some rows begin and end, counted from the first
// of them.
struct key_segments {
  group_view<const char, device_space> layout;
  index_t first;  // row
  index_t rows;

  LFNC_HD index_t begin(index_t k) const {
    return layout.first_of(first + k) - layout.first_of(first);
  }
  LFNC_HD index_t end(index_t k) const { return begin(k) + layout.row_length(first + k); }
  index_t keys() const { return end(rows - 1); }

  index_t longest() const { return std::min(layout.group_size, layout.base.row_size()); }

  // Calls visit(part, where its keys begin) for parts of at most `most` keys, and no less than a
  // row, for machines that count in few bits.
  template <class Visit>
  void for_parts(index_t most, Visit visit) const {
    const index_t together = most / longest();
    for (index_t k = 0; k < rows; k += together) {
      visit(key_segments{layout, first + k, std::min(together, rows - k)}, begin(k));
    }
  }
};

// The skeletons of skeletons.hpp. Nothing is waited for, and no memory is allocated: it comes from
// the policy's workspace.

template <class Machine, class Task>
void for_each(const grid_policy<Machine>& policy, index_t count, Task task) {
  if (policy.counting() || count <= 0) return;
  const int threads = count >= tuning::many ? tuning::threads : tuning::narrow;
  policy.launch("for_each", each_kernel<Task>{count, task}, (count + threads - 1) / threads,
                threads);
}

template <class Machine, class In, class Out, class Make>
void map(const grid_policy<Machine>& policy, const group_view<In, device_space>& in,
         const group_view<Out, device_space>& out, Make make) {
  check_map(in, out);
  if (in.base.size() == 0) return;
  with_map_tasks(in, out, make, [&](index_t count, auto task) { for_each(policy, count, task); });
}

template <class Machine, class T, class Task>
void for_each_row(const grid_policy<Machine>& policy, const group_view<T, device_space>& rows,
                  Task task) {
  if (policy.counting() || rows.base.size() == 0) return;
  const index_t count = rows.rows();
  const index_t threads = count * lanes >= tuning::many ? tuning::threads : tuning::narrow;
  const index_t teams = threads / lanes;
  policy.launch("for_each_row",
                rows_kernel<T, device_space, Task>{rows, rows.groups_per_channel(), count, task},
                (count + teams - 1) / teams, static_cast<int>(threads));
}

template <class Machine, class T, class Make, class Sink>
void sort_rows(const grid_policy<Machine>& policy, const group_view<T, device_space>& rows,
               Make make, Sink sink) {
  using key = compute_t<T>;
  using kernel = sorted_rows_kernel<key, device_space, Sink>;
  if (rows.base.size() == 0) return;
  const index_t size = rows.base.size();
  const index_t count = rows.rows();
  const auto dense = [&]<class K>(K* data) {
    return group_view<K, device_space>{
        dense_rows<device_space>(data, rows.base.channels, rows.base.row_size()), rows.group_size};
  };
  const key_segments segments{dense(static_cast<const char*>(nullptr)), 0, count};
  const index_t most = policy.machine().most_keys();
  require(segments.longest() <= most, "rows", [&] {
    return "one of " + number(segments.longest()) +
           " elements is longer than can be sorted here (" + number(most) + ")";
  });
  const std::size_t bytes =
      policy.machine().template sort_bytes<key>(std::min(size, most), std::min(count, most));
  grid_scratch<Machine> scratch(policy);
  key* keys = scratch.template take_raw<key>(size);
  key* sorted = scratch.template take_raw<key>(size);
  double* totals = scratch.template take_raw<double>(size + count);
  auto* memory = scratch.template take_raw<std::byte>(static_cast<index_t>(bytes));
  if (policy.counting()) return;
  map(policy, rows, dense(keys), make);
  segments.for_parts(most, [&](const key_segments& part, index_t begin) {
    policy.machine().sort(part, static_cast<const key*>(keys + begin), sorted + begin, memory,
                          bytes);
  });
  policy.launch("sort_rows", kernel{dense(static_cast<const key*>(sorted)), count, totals, sink},
                count, tuning::narrow, sizeof(typename kernel::memory));
}

template <class Machine, class T, class Bin>
void tally(const grid_policy<Machine>& policy, const channel_view<T, device_space>& in, Bin bin,
           std::uint64_t* counts, int bins) {
  if (policy.counting() || in.size() == 0) return;
  const std::size_t shared = static_cast<std::size_t>(bins) * sizeof(std::uint32_t);
  // A block's own counts have 32 bits.
  const index_t wanted = std::min(tuning::tally_blocks, in.size() / tuning::tally_share + 1);
  const index_t blocks = std::max(wanted, (in.size() >> 31) + 1);
  const bool local = shared <= policy.machine().shared_limit();
  policy.launch(
      "tally",
      tally_kernel<T, device_space, Bin>{in, in.size(), is_dense(in), bin, counts, bins, local},
      blocks, tuning::threads, local ? shared : 0);
}

template <class Machine>
grid_scratch<Machine> open_scratch(const grid_policy<Machine>& policy) {
  return grid_scratch<Machine>(policy);
}

// What is wrong is kept in the workspace; check() throws it.
template <class Machine, class T>
void reject(const grid_policy<Machine>& policy, const group_view<T, device_space>& rows,
            const double* bad, std::string_view argument, bool by_image = false) {
  if (policy.counting()) return;
  device_status report;
  argument = argument.substr(0, sizeof(report.argument) - 1);
  std::copy(argument.begin(), argument.end(), report.argument);
  policy.launch(
      "reject",
      reject_kernel<T, device_space>{rows, rows.rows(), bad, policy.status(), by_image, report}, 1,
      tuning::threads, sizeof(index_t));
}

// What check(cuda) of cuda.hpp does.
template <class Machine>
void check(const grid_policy<Machine>& policy) {
  require(!policy.memory().counting(), "workspace", "it only counts");
  device_status found;
  policy.machine().fetch(policy.status(), sizeof(found), &found);
  if (found.failed == 0) return;
  policy.machine().clear(policy.status(), sizeof(found));
  raise_rejected(found.argument, {found.channel, found.element});
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
