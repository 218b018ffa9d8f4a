// lfnc floor 3: lloyd: the published alternation between codes and alpha, a local optimum.
#pragma once

#include "../exec/skeletons.hpp"
#include "abs_max.hpp"
#include "row.hpp"

namespace lfnc {

// When the alternation stops, and the constant that keeps its division defined.
struct lloyd_options {
  double epsilon = 1e-7;      // alpha = <w,q> / (<q,q> + epsilon)
  double tolerance = 1e-7;    // on the change of alpha, relative to alpha
  int max_iterations = 1000;  // the published code has no such bound
};

inline namespace LFNC_ABI {

// How large the codes' unit is in the published levels, as powers of two: its power-of-two levels
// are 2^e .. 2^(e+6) for an offset e in 0..3, its fixed-point levels multiples of 2^-f for f in
// 0..7. alpha is free, so the unit only decides where the alternation starts; it is run for each,
// and the one of least error of the layer is kept.
struct unit_range {
  int first = 0;
  int count = 1;
};
template <codebook_type Codebook>
constexpr unit_range published_units(const Codebook&) {
  return {0, 1};
}
constexpr unit_range published_units(const power_of_two&) { return {0, 4}; }
constexpr unit_range published_units(const fixed_point&) { return {-7, 8}; }

namespace detail {

// The alternation on one row, for every unit.
template <codebook_type Codebook, std::floating_point T>
struct alternate_row {
  Codebook codebook;
  lloyd_options options;
  unit_range units;
  index_t rows;
  const double* scale;
  const double* largest;
  double* alpha;  // of row r and unit u at u * rows + r
  double* error;  // likewise, of the scaled row

  // The sums over the row of which <w,w> is `energy`.
  LFNC_CALLS_EITHER
  template <class Reader>
  LFNC_HD_ONCE projection project(const Reader& reader, double at, double factor,
                                  double energy) const {
    const auto sums =
        reader.reduce(cross_reducer<Codebook, T>{make_encoder<T>(codebook, at, factor)});
    return {sums[0], sums[1], energy};
  }

  LFNC_CALLS_EITHER
  template <class Reader>
  LFNC_HD void operator()(index_t row, const Reader& reader) const {
    const double factor = scale[row];
    const double length = static_cast<double>(reader.rows.row_length(row));
    const double energy = reader.reduce(energy_reducer<T>{static_cast<T>(factor)})[0];
    for (int u = 0; u < units.count; ++u) {
      const double unit = ::ldexp(1.0, units.first + u);
      const double epsilon = options.epsilon / (unit * unit);
      // The mean of w^2, in units and of the scaled row.
      double now = energy / length / factor * unit;
      projection sums;
      for (int iteration = 0; iteration < options.max_iterations; ++iteration) {
        sums = project(reader, now, factor, energy);
        double next = sums.wq / (sums.qq + epsilon);
        if (!(next > 0)) next = abs_max_alpha(codebook, largest[row] * factor);
        const double change = next > now ? next - now : now - next;
        now = next;
        if (change <= options.tolerance * now) break;
      }
      sums = project(reader, now, factor, energy);
      if (reader.leader()) {
        alpha[u * rows + row] = now;
        error[u * rows + row] = sums.error_at(now);
      }
    }
  }
};

// The unit of least error of the layer; of equal ones the first.
struct choose_unit {
  int units;
  index_t rows;
  const double* scale;
  const double* error;
  int* chosen;

  LFNC_HD void operator()(index_t) const {
    // Sums over rows are taken in the scale of the largest row, where none overflows.
    double common = scale[0];
    for (index_t row = 1; row < rows; ++row) common = scale[row] < common ? scale[row] : common;
    double least = 0;
    for (int u = 0; u < units; ++u) {
      double sum = 0;
      for (index_t row = 0; row < rows; ++row) {
        const double ratio = common / scale[row];
        sum += rounded(error[u * rows + row] * ratio * ratio);
      }
      if (u == 0 || sum < least) {
        least = sum;
        *chosen = u;
      }
    }
  }
};

struct take_unit {
  index_t rows;
  const int* chosen;
  const double* from;
  double* alpha;

  LFNC_HD void operator()(index_t row) const { alpha[row] = from[*chosen * rows + row]; }
};

}  // namespace detail

// alpha[row] of scale[row] * w by the alternation q = encode(w / alpha), alpha = <w,q> / <q,q> of
// He & Cheng (ECCV 2018, eq. 4): every row starts at its mean of w^2, and of the codebook's units
// the one of least error of the layer is kept. The published code stops all rows together, when the
// vector of all alpha has settled; here each goes on until its own has, which is no sooner. largest
// holds the largest magnitude of every (unscaled) row: a row whose codes all fall to 0, which the
// published formula cannot leave, goes on from its abs-max alpha. The elements must be finite; the
// arrays have one entry a row, in the policy's memory. Throws argument_error for options out of
// range. Costs a pass over a row an iteration, typically 20 to 60 a unit.
template <class Policy, class T, class Space, codebook_type Codebook>
void fit_lloyd(const Policy& policy, const group_view<T, Space>& rows, const Codebook& codebook,
               const lloyd_options& options, const double* scale, const double* largest,
               double* alpha) {
  detail::require(options.epsilon >= 0, "epsilon", "is negative or NaN");
  detail::require(options.tolerance >= 0, "tolerance", "is negative or NaN");
  detail::require(options.max_iterations > 0, "max_iterations", "is not above 0");
  const index_t count = rows.rows();
  const unit_range units = published_units(codebook);
  auto scratch = open_scratch(policy);
  double* error = scratch.template take<double>(count * units.count);
  if (units.count == 1) {
    for_each_row(policy, rows,
                 detail::alternate_row<Codebook, compute_t<T>>{codebook, options, units, count,
                                                               scale, largest, alpha, error});
    return;
  }
  double* each = scratch.template take<double>(count * units.count);
  int* chosen = scratch.template take<int>(1);
  for_each_row(policy, rows,
               detail::alternate_row<Codebook, compute_t<T>>{codebook, options, units, count, scale,
                                                             largest, each, error});
  for_each(policy, 1, detail::choose_unit{units.count, count, scale, error, chosen});
  for_each(policy, count, detail::take_unit{count, chosen, each, alpha});
}

}  // namespace LFNC_ABI
}  // namespace lfnc
