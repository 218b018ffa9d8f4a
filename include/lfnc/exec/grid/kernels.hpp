// lfnc floor 2: grid_kernels: what the threads of a block do, for any machine that runs blocks.
#pragma once

#include <cstdint>

#include "../common/rejection.hpp"
#include "../workspace.hpp"
#include "lane_reader.hpp"
#include "tuning.hpp"

// A kernel is a function object over a block, of which every thread of the block has one:
//
//   thread(), threads(), index(), blocks()   where this thread is
//   sync()                                   waits for the block's other threads
//   exchange(value, distance)                the value of the thread whose number differs in the
//                                            bit `distance` (1, 2, 4 or 8)
//   shared()                                 the block's memory, as much as it was launched with
//   add(place, n)                            *place += n, by any number of threads at once
//   lower(place, n)                          *place = min(*place, n), likewise
//
// CUDA runs them; so does a test machine that has no device, thread by thread.
namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// What every kernel is launched as: after a verb has refused an element, nothing more is written.
template <class Kernel>
struct unless_failed {
  Kernel kernel;
  const device_status* status;  // null without a workspace

  LFNC_CALLS_EITHER
  template <class Block>
  LFNC_DEVICE void operator()(const Block& block) const {
    if (status == nullptr || status->failed == 0) kernel(block);
  }
};

template <class Task>
struct each_kernel {
  index_t count;
  Task task;

  LFNC_CALLS_EITHER
  template <class Block>
  LFNC_DEVICE void operator()(const Block& block) const {
    const index_t step = block.blocks() * block.threads();
    for (index_t i = block.index() * block.threads() + block.thread(); i < count; i += step) {
      task(i);
    }
  }
};

template <class T, class Space, class Task>
struct rows_kernel {
  group_view<T, Space> rows;
  index_t groups;  // per channel
  index_t count;
  Task task;

  LFNC_CALLS_EITHER
  template <class Block>
  LFNC_DEVICE void operator()(const Block& block) const {
    const index_t teams = block.threads() / lanes;
    const index_t step = block.blocks() * teams;
    for (index_t row = block.index() * teams + block.thread() / lanes; row < count; row += step) {
      task(row, lane_reader<T, Space, Block>(rows, groups, row, block));
    }
  }
};

// Running totals of a row, added up by one thread in the order of the keys while the others carry
// tiles to it and away, then the sink.
template <class Key, class Space, class Sink>
struct sorted_rows_kernel {
  static constexpr int tile = tuning::tile;

  group_view<const Key, Space> keys;
  index_t count;
  double* totals;  // of row r, from the place of its keys plus r on
  Sink sink;

  struct memory {
    double tile_totals[tile];
    work_area_t<Sink> area;
  };

  LFNC_CALLS_EITHER
  template <class Block>
  LFNC_DEVICE void operator()(const Block& block) const {
    auto& shared = *static_cast<memory*>(block.shared());
    const int thread = block.thread();
    for (index_t row = block.index(); row < count; row += block.blocks()) {
      const index_t length = keys.row_length(row);
      const Key* key = keys.address(row, 0);
      double* total = totals + (key - keys.base.data) + row;
      if (thread == 0) total[0] = 0;
      double sum = 0;
      for (index_t begin = 0; begin < length; begin += tile) {
        const int end = static_cast<int>(length - begin < tile ? length - begin : tile);
        for (int k = thread; k < end; k += block.threads()) {
          shared.tile_totals[k] = static_cast<double>(key[begin + k]);
        }
        block.sync();
        if (thread == 0) sum = run(shared.tile_totals, end, sum);
        block.sync();
        for (int k = thread; k < end; k += block.threads()) {
          total[begin + k + 1] = shared.tile_totals[k];
        }
        block.sync();
      }
      if (thread == 0) sink(row, key, static_cast<const double*>(total), length, shared.area);
      block.sync();
    }
  }

 private:
  // Eight at a time, so that the chain of additions does not wait for the memory.
  LFNC_DEVICE static double run(double* values, int count, double sum) {
    constexpr int batch = tuning::batch;
    int k = 0;
    for (; k + batch <= count; k += batch) {
      double next[batch];
      for (int j = 0; j < batch; ++j) next[j] = values[k + j];
      for (int j = 0; j < batch; ++j) next[j] = sum += next[j];
      for (int j = 0; j < batch; ++j) values[k + j] = next[j];
    }
    for (; k < count; ++k) values[k] = sum += values[k];
    return sum;
  }
};

// Counts of a block in its own memory first, where `local` says that they fit.
template <class T, class Space, class Bin>
struct tally_kernel {
  channel_view<T, Space> in;
  index_t count;
  bool dense;
  Bin bin;
  std::uint64_t* counts;
  int bins;
  bool local;

  LFNC_CALLS_EITHER
  template <class Block>
  LFNC_DEVICE void operator()(const Block& block) const {
    auto* const own = static_cast<std::uint32_t*>(block.shared());
    if (local) {
      for (int k = block.thread(); k < bins; k += block.threads()) own[k] = 0;
      block.sync();
    }
    const index_t step = block.blocks() * block.threads();
    const index_t first = block.index() * block.threads() + block.thread();
    for (index_t i = first; i < count; i += batch * step) {
      compute_t<T> value[batch] = {};
      for (int k = 0; k < batch; ++k) {
        if (i + k * step < count) value[k] = to_compute(*address(i + k * step));
      }
      for (int k = 0; k < batch; ++k) {
        if (i + k * step >= count) continue;
        const int slot = bin(value[k]);
        if (local) {
          block.add(own + slot, std::uint32_t{1});
        } else {
          block.add(counts + slot, std::uint64_t{1});
        }
      }
    }
    if (!local) return;
    block.sync();
    for (int k = block.thread(); k < bins; k += block.threads()) {
      if (own[k] != 0) block.add(counts + k, std::uint64_t{own[k]});
    }
  }

 private:
  static constexpr int batch = tuning::batch;

  LFNC_DEVICE const T* address(index_t i) const { return dense ? in.data + i : in.address(i); }
};

// Leaves in the status the first element that is not finite of the first row whose bad[row] is not.
// One block.
template <class T, class Space>
struct reject_kernel {
  group_view<T, Space> rows;
  index_t count;
  const double* bad;
  device_status* status;
  bool by_image;
  device_status report;  // with the argument's name

  LFNC_CALLS_EITHER
  template <class Block>
  LFNC_DEVICE void operator()(const Block& block) const {
    auto& first = *static_cast<index_t*>(block.shared());
    if (block.thread() == 0) first = count;
    block.sync();
    for (index_t row = block.thread(); row < count; row += block.threads()) {
      if (!finite(bad[row])) {
        block.lower(&first, row);
        break;
      }
    }
    block.sync();
    if (block.thread() != 0 || first == count) return;
    device_status found = report;
    const named_element name = name_element(rows, first, first_not_finite(rows, first), by_image);
    found.channel = name.channel;
    found.element = name.element;
    found.failed = 1;
    *status = found;
  }
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
