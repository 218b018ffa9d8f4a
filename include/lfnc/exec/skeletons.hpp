// lfnc floor 2: skeletons: what a backend must offer, and in which order reductions add up.
#pragma once

#include <concepts>

#include "../channels.hpp"
#include "../detail/overlap.hpp"

// A backend is a policy type (lfnc::cpu, lfnc::thrust_policy, lfnc::cuda) and these function
// templates, found by the type of their first argument:
//
//   map(policy, in, out, make)            out[i] = make(row)(in[i]) for every element of every row
//   for_each_row(policy, rows, task)      task(row, reader) for every row. reader.reduce(reducer)
//                                         reduces the row in the order below, any number of times;
//                                         reader.length() is its number of elements; several
//                                         threads may run one row's task side by side, and
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
// What these function objects must have stands with each skeleton; what they may have besides are
// the concepts below. A backend asks for those that make it faster, and for no other: each leaves
// every bit of the result as it is, so a backend may also ask for none. All are small enough to
// become part of a loop, and written so that fused multiply-add changes nothing in them
// (rounding.hpp), since a backend compiles them for CPUs that have it.
//
//   what          may have                              which is named
//   a maker       one object for all rows               for_all_rows
//   a reducer     lane_type                             block_reducer
//                 zero_is_neutral                       vector_reducer
//                 add_vector                            whole_vector_reducer
//   reduce's sink column                                column_sink
//   sort_rows's   work_area                             working_sink
//                 on_vectors                            vector_sink
//   a task        on_vectors                            vector_task
//   a reader      place, set                            memory_reader
//   map's op      saturates, divides, factor, high      saturating_op
//                 scales, alpha                         scaling_op
//   tally's bin   loaded                                loading_bin
//
// The order of a reduction is part of the contract, so that every backend, instruction set and
// thread count gives the same bits: element i of a row is added to lane i % lanes, in ascending
// order of i, and the lanes are then merged pairwise: lane j takes lane j + 8, then j + 4, j + 2,
// j + 1. Lanes are doubles, unless the reducer has a lane_type (float): such a row is reduced in
// blocks of lane_block elements, each in that order with lanes of that type, and the blocks' fields
// are merged in ascending order as doubles.
namespace lfnc {

// Lanes of a reduction.
inline constexpr int lanes = 16;

// Elements that lanes of a reducer's own type take before they are merged into doubles: few enough
// that 64 additions a lane keep what is lost near one rounding to that type.
inline constexpr index_t lane_block = 64 * lanes;

// A reducer whose lanes are not doubles but of its lane_type, float, and whose rows are reduced
// block after block (see above). Every backend asks: it is the one member that decides bits.
template <class R>
concept block_reducer = requires { typename R::lane_type; };

inline namespace LFNC_ABI {
namespace detail {

template <class Reducer>
struct lane_type_of {
  using type = double;
};
template <block_reducer Reducer>
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

inline namespace LFNC_ABI {

// A maker that gives every row the same function object. Backends look for it: what is the same for
// all rows need not be made for each, and many rows may be done at a time.
template <class Op>
struct for_all_rows {
  // What every row gets.
  Op op;
  // That, whatever the row.
  LFNC_HD constexpr const Op& operator()(index_t) const { return op; }
};

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

// A reducer that says whether an element 0 leaves a lane as it is, in any field. The CPU reduces
// rows of such a reducer on vectors of elements; where zero_is_neutral is true, it fills what a row
// lacks to whole vectors with zeros, and may do many rows at a time. What must hold: add() is
// inline and small, and an added 0 (or -0) changes no lane, but for the sign of a lane that is 0.
template <class R>
concept vector_reducer = requires {
  { R::zero_is_neutral } -> std::convertible_to<bool>;
};

inline namespace LFNC_ABI {
namespace detail {

// What add_vector of a reducer is handed besides the elements, as far as a concept needs it.
struct any_lanes {
  void add(int k, float x);                   // lane k of the field += x
  void add_product(int k, float x, float y);  // += x * y, the product rounded first
};

}  // namespace detail
}  // namespace LFNC_ABI

// A reducer of float lanes that can add a whole vector of elements at once: add_vector(x, field, k)
// calls field[f].add(k, x) or field[f].add_product(k, x, y) once for every field f, in place of
// add() for each element. The CPU's loops over vectors of floats ask for it. What must hold: it
// does to every lane what add() does, products rounded before they are added; 0 is neutral.
template <class R>
concept whole_vector_reducer =
    block_reducer<R> && vector_reducer<R> &&
    requires(const R& r, float x, detail::any_lanes* field, int k) { r.add_vector(x, field, k); };

// A sink of reduce() whose fields go to arrays: column(f) is where field f of row 0 goes, and those
// of the next rows behind it. The CPU then writes there, and does not call the sink. What must
// hold: calling it would store the same, and nothing else; it is so for all of its fields.
template <class S>
concept column_sink = requires(const S& sink) {
  { sink.column(0) } -> std::same_as<double*>;
};

// A sink of sort_rows() that works in more than a few variables: every backend hands it a
// work_area, not set, that nobody else uses meanwhile. Others are handed an empty one.
template <class S>
concept working_sink = requires { typename S::work_area; };

// A sink of sort_rows() with a form for vectors of `Bytes` bytes, on_vectors<Bytes>, which the CPU
// calls instead, compiled for the instruction set. What must hold: it stores the same bits.
template <class S, class Key, class Area>
concept vector_sink =
    requires(const S& sink, index_t row, const Key* keys, const double* totals, Area& area) {
      sink.template on_vectors<16>(row, keys, totals, row, area);
    };

// A reader of a backend whose rows are in memory (rows_in_memory below): the row's elements, of the
// compute type, from `place` on, and the instruction set for loops over them. The alternation of
// lloyd asks for it, and then groups a row's elements by size once instead of passing over all of
// them in each step. What must hold: reduce() of such a reader sees these elements in this order.
template <class R>
concept memory_reader = requires(const R& reader) {
  reader.place[0];
  reader.set;
};

// A task of for_each() with a form for a range, on_vectors<Bytes>(begin, end), in which the tasks
// of neighbours share vectors of `Bytes` bytes. The CPU calls it instead, compiled for the
// instruction set. What must hold: it does what task(begin) .. task(end - 1) do, to the bit.
template <class Task>
concept vector_task = requires(const Task& task, index_t i) { task.template on_vectors<16>(i, i); };

// An operator of map() that is clamp(floor(x * factor + 0.5), 0, high), where `saturates` is true;
// with x / factor where `divides` is. high is a whole number in 0 .. 255. For floats to bytes the
// CPU does that by the instructions that pack with saturation.
template <class Op>
concept saturating_op = requires(const Op& op) {
  requires Op::saturates;
  { Op::divides } -> std::convertible_to<bool>;
  { op.factor - op.high } -> std::same_as<float>;
};

// An operator of map() that is alpha * x, where `scales` is true. For bytes to floats the CPU does
// that by the instructions that widen as they load.
template <class Op>
concept scaling_op = requires(const Op& op) {
  requires Op::scales;
  { op.alpha + op.alpha } -> std::same_as<float>;
};

// A bin of tally() that reads memory: loaded<T>() is a bin that does the same for elements computed
// in T and holds what was read, so that a loop around it has nothing in it but arithmetic. The CPU
// asks once a run of elements. What must hold: what was read does not change during the verb.
template <class Bin, class T>
concept loading_bin = requires(const Bin& bin) { bin.template loaded<T>(); };

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
template <working_sink Sink>
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

[[noreturn]] LFNC_COLD inline void refuse_shape(index_t channels, index_t row_size,
                                                index_t in_channels, index_t in_row_size) {
  refuse("out", sentence({"its shape (", channels, " channels of ", row_size,
                          ") is not the input's (", in_channels, " of ", in_row_size, ")"}));
}

// What map() checks on every backend.
template <class In, class Out, class Space>
void check_map(const group_view<In, Space>& in, const group_view<Out, Space>& out) {
  if (in.base.channels != out.base.channels || in.base.row_size() != out.base.row_size() ||
      in.group_size != out.group_size) {
    refuse_shape(out.base.channels, out.base.row_size(), in.base.channels, in.base.row_size());
  }
  if (in.base.size() == 0) return;
  require_distinct(out.base, "out");
  require_apart(in.base, out.base, "out", "in");
}

}  // namespace detail

// A capability that a backend may have: its readers hand out a row as neighbours of the compute
// type in memory that the task's thread may read (memory_reader). A task can then look at the
// elements in an order of its own, and at some of them alone.
template <class Policy>
inline constexpr bool rows_in_memory = false;

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
