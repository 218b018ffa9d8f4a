// lfnc floor 2: skeletons: what a backend must offer, and in which order reductions add up.
#pragma once

#include <concepts>

#include "../channels.hpp"

// A backend is a policy type (lfnc::cpu, lfnc::thrust_policy, lfnc::cuda) and these function
// templates, found by the type of their first argument:
//
//   map(policy, in, out, make)            out[i] = make(row)(in[i]) for every element of every row
//   for_each_row(policy, rows, task)      task(row, reader) for every row. reader.reduce(reducer)
//                                         reduces the row in the order below, any number of times;
//                                         several threads may run one row's task side by side, and
//                                         reader.leader() tells the one that is to write
//   sort_rows(policy, rows, make, sink)   sink(row, keys, totals, count, area): the row's keys
//                                         make(row)(x) in descending order, totals[k] the sum of
//                                         the first k, added in that order, and a work_area of the
//                                         sink's that nobody else uses meanwhile
//   tally(policy, in, bin, counts, bins)  ++counts[bin(x)] for every element
//   for_each(policy, count, task)         task(i) for i in 0 .. count - 1, in any order
//   open_scratch(policy)                  scratch memory: take<T>(n), zeros, and take_raw<T>(n),
//                                         not set, valid while it lives; what was taken last is
//                                         given back first
//   reject(policy, rows, bad, argument, by_image)
//                                         an argument_error naming the first element not finite of
//                                         the first row whose bad[row] is not; by_image says that
//                                         rows.base has images for channels (planes_by_image)
//
// Every verb of the library is written once, on top of these. Their arithmetic comes in as small
// function objects over plain pointers, so that it too is written once.
//
// map's operators, tally's bins, reducers that have a member zero_is_neutral and for_each's tasks
// that have a member on_vectors<Bytes>(begin, end), which does a range of them, are run on vectors,
// compiled with fused multiply-add where the CPU has it: they are written so that fusing changes
// nothing (rounding.hpp). zero_is_neutral says whether an element 0 leaves a lane as it is. A sink
// of reduce that has column(f), where field f of row 0 goes and those of the next rows behind it,
// may be written to there.
//
// The order of a reduction is part of the contract, so that every backend, instruction set and
// thread count gives the same bits: element i of a row is added to lane i % lanes, in ascending
// order of i, and the lanes are then merged pairwise: lane j takes lane j + 8, then j + 4, j + 2,
// j + 1. Lanes are doubles, unless the reducer has a lane_type (float): such a row is reduced in
// blocks of lane_block elements, each in that order with lanes of that type, and the blocks' fields
// are merged in ascending order as doubles.
namespace lfnc {

inline constexpr int lanes = 16;

// Elements that lanes of a reducer's own type take before they are merged into doubles: few enough
// that 64 additions a lane keep what is lost near one rounding to that type.
inline constexpr index_t lane_block = 64 * lanes;

inline namespace LFNC_ABI {
namespace detail {

template <class Reducer>
struct lane_type_of {
  using type = double;
};
template <class Reducer>
  requires requires { typename Reducer::lane_type; }
struct lane_type_of<Reducer> {
  using type = typename Reducer::lane_type;
};
template <class Reducer>
using lane_type_t = typename lane_type_of<Reducer>::type;

// Whether a row is reduced block after block.
template <class Reducer>
inline constexpr bool in_blocks = !std::same_as<lane_type_t<Reducer>, double>;

}  // namespace detail
}  // namespace LFNC_ABI

// What a reduction accumulates: `fields` numbers a lane. add(x, field, stride) adds element x,
// where field[k * stride] is field k of the lane; merge(k, a, b) is field k of two lanes together,
// where there is a lane_type for that and for doubles. Lanes start at 0.
template <class R, class T>
concept reducer = requires(const R& r, T x, detail::lane_type_t<R>* field,
                           detail::lane_type_t<R> lane, double a, index_t stride, int k) {
  { R::fields } -> std::convertible_to<int>;
  r.add(x, field, stride);
  { r.merge(k, lane, lane) } -> std::same_as<detail::lane_type_t<R>>;
  { r.merge(k, a, a) } -> std::same_as<double>;
};

inline namespace LFNC_ABI {
namespace detail {

// The fields of a reduction of one row.
template <int Fields>
struct reduced {
  double field[Fields] = {};

  template <std::integral Index>
  LFNC_HD constexpr double operator[](Index k) const {
    return field[k];
  }
};

// Where the fields of neighbouring rows go: those of row k to field[f][k].
template <int Fields>
struct field_columns {
  double* field[Fields];

  constexpr field_columns from(index_t row) const {
    field_columns rest = *this;
    for (double*& column : rest.field) column += row;
    return rest;
  }
  constexpr reduced<Fields> of(index_t row) const {
    reduced<Fields> fields;
    for (int f = 0; f < Fields; ++f) fields.field[f] = field[f][row];
    return fields;
  }
};

// Whether rows may be written to a sink's columns.
template <class Sink>
concept has_columns = requires(const Sink& sink) {
  { sink.column(0) } -> std::same_as<double*>;
};

template <class Make, class Sink>
struct reduce_task {
  Make make;
  Sink sink;

  LFNC_CALLS_EITHER
  template <class Reader>
  LFNC_HD void operator()(index_t row, const Reader& reader) const {
    const auto fields = reader.reduce(make(row));
    if (reader.leader()) sink(row, fields);
  }
};

// What a sink of sort_rows works in besides its own variables.
template <class Sink>
struct work_area {
  struct type {};
};
template <class Sink>
  requires requires { typename Sink::work_area; }
struct work_area<Sink> {
  using type = typename Sink::work_area;
};
template <class Sink>
using work_area_t = typename work_area<Sink>::type;

template <class Where, class Make, class Sink>
struct reduce_where_task {
  Where where;
  Make make;
  Sink sink;

  LFNC_CALLS_EITHER
  template <class Reader>
  LFNC_HD void operator()(index_t row, const Reader& reader) const {
    if (!where(row)) return;
    const auto fields = reader.reduce(make(row));
    if (reader.leader()) sink(row, fields);
  }
};

// A sink that passes on the rows of which where(row) holds.
template <class Where, class Sink>
struct sink_where {
  Where where;
  Sink sink;

  template <int Fields>
  LFNC_HD void operator()(index_t row, const reduced<Fields>& fields) const {
    if (where(row)) sink(row, fields);
  }
};

// A maker that gives every row the same function object.
template <class Op>
struct for_all_rows {
  Op op;
  LFNC_HD constexpr const Op& operator()(index_t) const { return op; }
};

// What map() checks on every backend.
template <class In, class Out, class Space>
void check_map(const group_view<In, Space>& in, const group_view<Out, Space>& out) {
  require(in.base.channels == out.base.channels && in.base.row_size() == out.base.row_size() &&
              in.group_size == out.group_size,
          "out", [&] {
            return "its shape (" + number(out.base.channels) + " channels of " +
                   number(out.base.row_size()) + ") is not the input's (" +
                   number(in.base.channels) + " of " + number(in.base.row_size()) + ")";
          });
  if (in.base.size() > 0) require_distinct(out.base, "out");
}

}  // namespace detail

// Calls sink(row, fields) with the reduction of every row by make(row), the rows in any order.
template <class Policy, class T, class Space, class Make, class Sink>
void reduce(const Policy& policy, const group_view<T, Space>& rows, Make make, Sink sink) {
  for_each_row(policy, rows, detail::reduce_task<Make, Sink>{make, sink});
}

// The same for the rows of which where(row) holds. Whether there may have been one.
template <class Policy, class T, class Space, class Where, class Make, class Sink>
bool reduce_where(const Policy& policy, const group_view<T, Space>& rows, Where where, Make make,
                  Sink sink) {
  for_each_row(policy, rows, detail::reduce_where_task<Where, Make, Sink>{where, make, sink});
  return true;
}

}  // namespace LFNC_ABI
}  // namespace lfnc
