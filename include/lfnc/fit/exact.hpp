// lfnc floor 3: exact: the alpha of least error per row, a global optimum.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "../breakpoints.hpp"
#include "../exec/skeletons.hpp"
#include "row.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Running totals of a descending list and, as the return value, its sum of squares.
template <class T>
double running_totals(const T* magnitude, index_t count, std::vector<double>& total) {
  total.resize(static_cast<std::size_t>(count) + 1);
  total[0] = 0;
  double squares = 0;
  for (index_t k = 0; k < count; ++k) {
    const auto m = static_cast<double>(magnitude[k]);
    total[static_cast<std::size_t>(k) + 1] = total[static_cast<std::size_t>(k)] + m;
    squares += rounded(m * m);
  }
  return squares;
}

// Best alpha of a row given in descending order, for a codebook that is not symmetric: positive and
// negative elements meet different levels.
template <class T>
double best_alpha_of_signed(const level_steps& up, const level_steps& down, const T* keys,
                            index_t count) {
  index_t positive = 0;
  while (positive < count && !(keys[positive] < T(0))) ++positive;
  std::vector<T> mirrored(static_cast<std::size_t>(count - positive));
  for (index_t k = positive; k < count; ++k) {
    mirrored[static_cast<std::size_t>(count - 1 - k)] = -keys[k];
  }
  std::vector<double> total_up;
  std::vector<double> total_down;
  const double ww = running_totals(keys, positive, total_up) +
                    running_totals(mirrored.data(), count - positive, total_down);
  return best_alpha(
      std::array<magnitude_side<T>, 2>{
          {{&up, keys, total_up.data(), nullptr, positive},
           {&down, mirrored.data(), total_down.data(), nullptr, count - positive}}},
      ww);
}

}  // namespace detail

// alpha[row] = argmin over alpha > 0 of min over q of |scale[row] * w - alpha q|^2, 0 where no
// alpha helps: the global optimum (best_alpha says how it is found). The elements must be finite;
// both spans have one entry a row. Throws argument_error for a codebook whose encoder does not cut
// midway between levels. Costs a sort of every row; allocates a few times the longest row a thread.
template <class Policy, class T, class Space, codebook_type Codebook>
void fit_exact(const Policy& policy, const group_view<T, Space>& rows, const Codebook& codebook,
               std::span<const double> scale, std::span<double> alpha) {
  using real = compute_t<T>;
  detail::require(
      codebook.nearest(), "codebook",
      codebook.name() + " does not encode to the nearest level; the exact solver needs it");
  const level_steps up = make_steps(codebook, false);
  if (codebook.symmetric()) {
    sort_rows(
        policy, rows,
        [&](index_t row) {
          const auto factor = static_cast<real>(scale[static_cast<std::size_t>(row)]);
          return [factor](real w) { return (w < 0 ? -w : w) * factor; };
        },
        [&](index_t row, const real* keys, index_t count) {
          std::vector<double> total;
          const double ww = detail::running_totals(keys, count, total);
          alpha[static_cast<std::size_t>(row)] = best_alpha(
              std::array<magnitude_side<real>, 1>{{{&up, keys, total.data(), nullptr, count}}}, ww);
        });
  } else {
    const level_steps down = make_steps(codebook, true);
    sort_rows(
        policy, rows,
        [&](index_t row) {
          const auto factor = static_cast<real>(scale[static_cast<std::size_t>(row)]);
          return [factor](real w) { return w * factor; };
        },
        [&](index_t row, const real* keys, index_t count) {
          alpha[static_cast<std::size_t>(row)] =
              detail::best_alpha_of_signed(up, down, keys, count);
        });
  }
}

}  // namespace LFNC_ABI
}  // namespace lfnc
