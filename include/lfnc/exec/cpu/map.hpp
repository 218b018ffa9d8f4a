// lfnc floor 2: cpu_map: map over host views.
#pragma once

#include <algorithm>

#include "../common/cursor.hpp"
#include "../skeletons.hpp"
#include "map_neighbours.hpp"
#include "parallel.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Whether a view is one row of neighbours in memory, which takes no walking.
template <class T>
bool in_one_row(const group_view<T>& view) {
  return in_one_piece(view.base) && view.group_size >= view.base.plane_size;
}

// Elements begin .. of one plane of `in` and of one of `out`, `length` of them.
template <class In, class Out, class Op>
void map_run(const map_mode& mode, cursor<In> from, cursor<Out> to, index_t length, const Op& op) {
  while (length > 0) {
    const index_t run = std::min({from.available(), to.available(), length});
    In* source = from.place();
    Out* target = to.place();
    if (from.stride() == 1 && to.stride() == 1) {
      map_neighbours(mode, source, target, run, op);
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

// What map() does.
template <class In, class Out, class Make>
void map_rows(const cpu& policy, const group_view<In>& in, const group_view<Out>& out, Make make) {
  check_map(in, out);
  const index_t row_size = in.base.row_size();
  const index_t in_plane = in.base.plane_size;
  const index_t out_plane = out.base.plane_size;
  if (in.base.size() == 0) return;
  const auto bytes = static_cast<index_t>(sizeof(In) + sizeof(Out));
  const map_mode mode{used_instruction_set(), in.base.size() >= beyond_caches / bytes};
  if (in_one_row(in) && in_one_row(out)) {
    const auto op = make(0);
    for_ranges(policy, in.base.size(), thread_grain, [&](index_t begin, index_t end) {
      map_neighbours(mode, in.base.data + begin, out.base.data + begin, end - begin, op);
    });
    return;
  }
  // All elements in one numbering, so that one huge row is shared out too.
  for_ranges(policy, in.base.size(), thread_grain, [&](index_t begin, index_t end) {
    while (begin < end) {
      const index_t channel = begin / row_size;
      const index_t position = begin % row_size;
      const index_t group = position / in.group_size;
      const index_t row = channel * in.groups_per_channel() + group;
      const index_t length =
          std::min({end - begin, in.row_begin(row) + in.row_length(row) - position,
                    in_plane - position % in_plane, out_plane - position % out_plane});
      map_run(mode, cursor<In>(in.base, channel, position / in_plane, position % in_plane),
              cursor<Out>(out.base, channel, position / out_plane, position % out_plane), length,
              make(row));
      begin += length;
    }
  });
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
