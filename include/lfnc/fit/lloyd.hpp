// lfnc floor 3: lloyd: the published alternation between codes and alpha, a local optimum.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "../exec/skeletons.hpp"
#include "abs_max.hpp"
#include "row.hpp"

namespace lfnc {

// When the alternation stops, and the constant that keeps its division defined.
struct lloyd_options {
  double epsilon = 1e-7;      // alpha = <w,q> / (<q,q> + epsilon)
  double tolerance = 1e-7;    // on the change of the vector of all alpha, relative to its norm
  int max_iterations = 1000;  // the published code has no such bound
};

inline namespace LFNC_ABI {

// How large the codes' unit is in the published levels: its power-of-two levels are 2^e .. 2^(e+6)
// for an offset e, its fixed-point levels multiples of 2^-f. alpha is free, so the unit only
// decides where the alternation starts; it is run for each, and the one of least error is kept.
template <codebook_type Codebook>
std::vector<double> published_units(const Codebook&) {
  return {1};
}
inline std::vector<double> published_units(const power_of_two&) { return {1, 2, 4, 8}; }
inline std::vector<double> published_units(const fixed_point&) {
  return {0x1p-7, 0x1p-6, 0x1p-5, 0x1p-4, 0x1p-3, 0x1p-2, 0x1p-1, 1};
}

namespace detail {

// The sums of every row at the given alpha (of scaled rows).
template <class Policy, class T, class Space, codebook_type Codebook>
void project(const Policy& policy, const group_view<T, Space>& rows, const Codebook& codebook,
             std::span<const double> scale, std::span<const double> alpha,
             std::span<projection> sums) {
  using real = compute_t<T>;
  reduce(
      policy, rows,
      [&](index_t row) {
        const auto r = static_cast<std::size_t>(row);
        return projection_reducer<Codebook, real>{make_encoder<real>(codebook, alpha[r], scale[r])};
      },
      [&](index_t row, const std::array<double, 3>& field) {
        sums[static_cast<std::size_t>(row)] = {field[0], field[1], field[2]};
      });
}

}  // namespace detail

// alpha[row] of scale[row] * w by the alternation q = encode(w / alpha), alpha = <w,q> / <q,q> of
// He & Cheng (ECCV 2018, eq. 4), for the layer as a whole: every row starts at its mean of w^2, all
// stop together, and of the codebook's units the one of least error of the layer is kept. largest
// holds the largest magnitude of every (unscaled) row; a row whose codes all fall to 0, which the
// published formula cannot leave, is started again from its abs-max alpha. The elements must be
// finite. Costs a pass over the rows an iteration, typically 20 to 60 a unit; allocates per row.
template <class Policy, class T, class Space, codebook_type Codebook>
void fit_lloyd(const Policy& policy, const group_view<T, Space>& rows, const Codebook& codebook,
               const lloyd_options& options, std::span<const double> scale,
               std::span<const double> largest, std::span<double> alpha) {
  detail::require(options.epsilon >= 0, "epsilon", "is negative or NaN");
  detail::require(options.tolerance >= 0, "tolerance", "is negative or NaN");
  detail::require(options.max_iterations > 0, "max_iterations", "is not above 0");
  const std::size_t count = alpha.size();
  std::vector<projection> sums(count);
  std::vector<double> now(count);
  double least = std::numeric_limits<double>::infinity();
  for (const double unit : published_units(codebook)) {
    const double epsilon = options.epsilon / (unit * unit);
    std::ranges::fill(now, 0.0);
    detail::project(policy, rows, codebook, scale, now, sums);
    for (std::size_t r = 0; r < count; ++r) {
      const double length = static_cast<double>(rows.row_length(static_cast<index_t>(r)));
      now[r] = sums[r].ww / length / scale[r] * unit;
    }
    for (int iteration = 0; iteration < options.max_iterations; ++iteration) {
      detail::project(policy, rows, codebook, scale, now, sums);
      double change = 0;
      double norm = 0;
      for (std::size_t r = 0; r < count; ++r) {
        double next = sums[r].wq / (sums[r].qq + epsilon);
        if (!(next > 0)) next = abs_max_alpha(codebook, largest[r] * scale[r]);
        const double before = now[r] / scale[r];
        const double after = next / scale[r];
        change += (after - before) * (after - before);
        norm += after * after;
        now[r] = next;
      }
      if (std::sqrt(change) <= options.tolerance * std::sqrt(norm)) break;
    }
    detail::project(policy, rows, codebook, scale, now, sums);
    double error = 0;
    for (std::size_t r = 0; r < count; ++r) {
      error += sums[r].error_at(now[r]) / scale[r] / scale[r];
    }
    if (error < least) {
      least = error;
      std::ranges::copy(now, alpha.begin());
    }
  }
}

}  // namespace LFNC_ABI
}  // namespace lfnc
