// lfnc floor 3: fit: alpha per row by the solver asked for.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "exec/cursor.hpp"
#include "fit/abs_max.hpp"
#include "fit/exact.hpp"
#include "fit/lloyd.hpp"
#include "fit/row.hpp"

namespace lfnc {

// How alpha is found.
enum class solver {
  exact,    // the global optimum over alpha and codes
  lloyd,    // the alternation of He & Cheng, a local optimum, for parity with published results
  abs_max,  // max |w| / largest level: nothing saturates, the error is not minimized
};

struct fit_options {
  lfnc::solver solver = lfnc::solver::exact;
  lloyd_options lloyd;
};

inline namespace LFNC_ABI {
namespace detail {

// The largest magnitude of every row. Throws argument_error with channel and index of the first
// element that is NaN or infinite.
template <class Policy, class T, class Space>
void measure_rows(const Policy& policy, const group_view<T, Space>& rows,
                  std::span<double> largest) {
  using real = compute_t<T>;
  std::vector<char> poisoned(largest.size());
  reduce(
      policy, rows, [](index_t) { return range_reducer<real>{}; },
      [&](index_t row, const std::array<double, 2>& field) {
        largest[static_cast<std::size_t>(row)] = field[0];
        poisoned[static_cast<std::size_t>(row)] = static_cast<char>(!finite(field[1]));
      });
  for (std::size_t r = 0; r < poisoned.size(); ++r) {
    if (poisoned[r] != 0) refuse_not_finite(policy, rows, static_cast<index_t>(r), "weights");
  }
}

}  // namespace detail

// alpha of every row of `rows` for `codebook`, together with the error that encoding at it gives:
// result[row] for row = channel * groups_per_channel + group. Throws argument_error, before result
// is written, for an empty tensor, a wrong number of results, NaN or infinite elements (with
// channel and index), and what the solver refuses. Cost and memory are the solver's; three more
// passes over the rows; a few numbers a row are allocated.
template <class Policy, class T, class Space, codebook_type Codebook>
void fit(const Policy& policy, const group_view<T, Space>& rows, const Codebook& codebook,
         std::span<row_fit> result, const fit_options& options = {}) {
  using real = compute_t<T>;
  detail::require(rows.base.size() > 0, "weights", "there are no elements");
  detail::require(rows.group_size > 0, "weights", "a group holds at least one element");
  detail::require(static_cast<index_t>(result.size()) == rows.rows(), "result",
                  "holds " + std::to_string(result.size()) + " entries for " +
                      detail::number(rows.rows()) + " rows");
  std::vector<double> largest(result.size());
  std::vector<double> scale(result.size());
  std::vector<double> alpha(result.size());
  detail::measure_rows(policy, rows, std::span<double>(largest));
  for (std::size_t r = 0; r < scale.size(); ++r) scale[r] = detail::row_scale<real>(largest[r]);

  switch (options.solver) {
    case solver::exact:
      fit_exact(policy, rows, codebook, scale, alpha);
      break;
    case solver::lloyd:
      fit_lloyd(policy, rows, codebook, options.lloyd, scale, largest, alpha);
      break;
    case solver::abs_max:
      for (std::size_t r = 0; r < alpha.size(); ++r) {
        alpha[r] = abs_max_alpha(codebook, largest[r] * scale[r]);
      }
      break;
    default:
      detail::refuse("solver", "is none of exact, lloyd and abs_max");
  }
  // What is stored is alpha in the precision of the weights; errors are those of the stored one.
  for (double& a : alpha) a = static_cast<double>(static_cast<real>(a));
  std::vector<projection> sums(result.size());
  detail::project(policy, rows, codebook, scale, alpha, sums);
  for (std::size_t r = 0; r < result.size(); ++r) {
    const double error = sums[r].error_at(alpha[r]);
    result[r].alpha = alpha[r] / scale[r];
    result[r].squared_error = error / scale[r] / scale[r];
    result[r].relative_error = sums[r].ww > 0 ? error / sums[r].ww : 0;
  }
}

}  // namespace LFNC_ABI
}  // namespace lfnc
