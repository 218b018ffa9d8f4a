// lfnc floor 2: map_tasks: map cut into independent tasks, for backends that run many at a time.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "../grid/tuning.hpp"
#include "../skeletons.hpp"
#include "cursor.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// One element a task, in any layout.
template <class In, class Out, class Space, class Make>
struct map_element {
  group_view<In, Space> in;
  group_view<Out, Space> out;
  Make make;

  LFNC_CALLS_EITHER
  LFNC_HD void operator()(index_t i) const {
    const index_t row_size = in.base.row_size();
    const index_t channel = i / row_size;
    const index_t position = i % row_size;
    const auto value = to_compute(*in.base.address(channel, position));
    *out.base.address(channel, position) = static_cast<Out>(make(in.row_of(i))(value));
  }
};

// `Width` neighbours that are read or written at once.
template <class T, int Width>
struct alignas(sizeof(T) * Width) chunk {
  T value[Width];
};

// Both sides dense and in the same order: a task takes `Depth` chunks of `Width` elements, reads
// them all before it writes any (loads in flight are what hides the memory's latency), and shares
// out the chunks so that 32 neighbouring tasks touch 32 neighbouring chunks at a time. The elements
// that do not fill a chunk are the last task's.
template <class In, class Out, class Make, int Width, int Depth>
struct map_chunks {
  In* in;
  Out* out;
  index_t count;  // elements
  bool one_row;
  index_t row_size;  // of a channel
  index_t group_size;
  Make make;

  static constexpr index_t together = 32;
  static constexpr index_t tasks(index_t count) {
    const index_t chunks = (count + Width - 1) / Width;
    const index_t blocks = (chunks + together * Depth - 1) / (together * Depth);
    return blocks * together;
  }

  LFNC_HD index_t row_of(index_t element) const {
    if (one_row) return 0;
    const index_t groups = (row_size + group_size - 1) / group_size;
    return element / row_size * groups + element % row_size / group_size;
  }
  LFNC_HD index_t chunk_of(index_t task, int k) const {
    return task / together * (together * Depth) + task % together + k * together;
  }

  LFNC_CALLS_EITHER
  LFNC_HD void operator()(index_t task) const {
    chunk<std::remove_const_t<In>, Width> loaded[Depth] = {};
    for (int k = 0; k < Depth; ++k) {
      const index_t begin = chunk_of(task, k) * Width;
      if (begin + Width <= count) {
        loaded[k] = *reinterpret_cast<const chunk<std::remove_const_t<In>, Width>*>(in + begin);
      }
    }
    for (int k = 0; k < Depth; ++k) {
      const index_t begin = chunk_of(task, k) * Width;
      const index_t row = begin < count ? row_of(begin) : 0;
      if (begin + Width <= count && row_of(begin + Width - 1) == row) {
        const auto op = make(row);
        chunk<Out, Width> stored;
        for (int j = 0; j < Width; ++j) {
          stored.value[j] = static_cast<Out>(op(to_compute(loaded[k].value[j])));
        }
        *reinterpret_cast<chunk<Out, Width>*>(out + begin) = stored;
      } else {
        const index_t end = lesser(begin + Width, count);
        for (index_t i = begin; i < end; ++i) {
          out[i] = static_cast<Out>(make(row_of(i))(to_compute(in[i])));
        }
      }
    }
  }
};

// Whether every row has the same function object.
template <class Make>
inline constexpr bool same_for_all_rows = false;
template <class Op>
inline constexpr bool same_for_all_rows<for_all_rows<Op>> = true;

// Whether the elements lie one after another in the order of their numbers.
template <class T, class Space>
bool is_dense(const channel_view<T, Space>& view) {
  const bool plane = view.rank == 0 || (view.rank == 1 && view.strides[0] == 1);
  const bool channel = view.planes == 1 || view.plane_stride == view.plane_size;
  return plane && channel && (view.channels == 1 || view.channel_stride == view.row_size());
}

template <class T>
bool is_aligned(const T* place, int width) {
  return reinterpret_cast<std::uintptr_t>(place) % (sizeof(T) * static_cast<std::size_t>(width)) ==
         0;
}

// Calls run(count, task) with the tasks that make out[i] = make(row)(in[i]). A plane of one view
// need not be one of the other; the caller has checked the shapes.
template <class In, class Out, class Space, class Make, class Run>
void with_map_tasks(const group_view<In, Space>& in, const group_view<Out, Space>& out, Make make,
                    Run run) {
  constexpr int larger = sizeof(In) > sizeof(Out) ? sizeof(In) : sizeof(Out);
  constexpr int width = tuning::bytes / larger;
  const index_t count = in.base.size();
  if (!is_dense(in.base) || !is_dense(out.base) || !is_aligned(in.base.data, width) ||
      !is_aligned(out.base.data, width)) {
    run(count, map_element<In, Out, Space, Make>{in, out, make});
    return;
  }
  const auto chunks = [&]<int Depth>() {
    using task = map_chunks<In, Out, Make, width, Depth>;
    run(task::tasks(count),
        task{in.base.data, out.base.data, count, same_for_all_rows<Make> || in.rows() == 1,
             in.base.row_size(), in.group_size, make});
  };
  if constexpr (same_for_all_rows<Make>) {
    // Deep tasks for tensors that leave enough of them to fill a chip.
    if (count >= tuning::large) return chunks.template operator()<tuning::depth>();
  }
  chunks.template operator()<1>();
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
