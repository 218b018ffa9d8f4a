// A backend: everything in order, by one thread. What it does not have it takes from the CPU's:
// sort_rows, tally, open_scratch and reject.
#pragma once

#include <lfnc/exec/cpu.hpp>

struct serial : lfnc::cpu {};  // the policy: the first argument of every verb

template <class Task>
void for_each(const serial&, lfnc::index_t count, Task task) {
  for (lfnc::index_t i = 0; i < count; ++i) task(i);
}

template <class T, class Task>
void for_each_row(const serial&, const lfnc::group_view<T>& rows, Task task) {
  using reader = lfnc::detail::row_reader<T, lfnc::host_space>;  // reduces in the promised order
  for (lfnc::index_t row = 0; row < rows.rows(); ++row) task(row, reader{rows, row});
}

template <class In, class Out, class Make>
void map(const serial&, const lfnc::group_view<In>& in, const lfnc::group_view<Out>& out,
         Make make) {
  for (lfnc::index_t row = 0; row < in.rows(); ++row) {
    const auto op = make(row);
    for (lfnc::index_t k = 0; k < in.row_length(row); ++k) {
      *out.address(row, k) = static_cast<Out>(op(lfnc::detail::to_compute(*in.address(row, k))));
    }
  }
}
