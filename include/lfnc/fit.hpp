// lfnc floor 3: fit: alpha per row by the solver asked for.
#pragma once

#include <string>
#include <type_traits>

#include "exec/cpu.hpp"
#include "fit/abs_max.hpp"
#include "fit/exact.hpp"
#include "fit/lloyd.hpp"
#include "fit/row.hpp"
#include "fit_options.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Stores what a range_reducer found of a row, and the scale that it is worked on with.
template <std::floating_point T>
struct store_range {
  double* largest;
  double* scale;
  double* bad;

  LFNC_HD void operator()(index_t row, const reduced<2>& field) const {
    largest[row] = field[0];
    scale[row] = row_scale<T>(field[0]);
    bad[row] = field[1];
  }
};

template <level_set Codebook>
struct fit_abs_max {
  Codebook codebook;
  const double* largest;
  const double* scale;
  double* alpha;

  LFNC_HD void operator()(index_t row) const {
    alpha[row] = abs_max_alpha(codebook, largest[row] * scale[row]);
  }
};

// alpha of the scaled row becomes what is left of it once it is stored: it is rounded to the
// precision of the weights, and for double weights may leave the range of normal numbers.
template <std::floating_point T>
struct round_alpha {
  const double* scale;
  double* alpha;

  LFNC_HD void operator()(index_t row) const {
    const auto nearest = static_cast<double>(static_cast<T>(alpha[row]));
    double stored = nearest / scale[row];
    // The last alpha before 0 is still better than 0.
    if (nearest > 0 && stored == 0) stored = least_above_zero<double>;
    alpha[row] = stored * scale[row];
  }
};

// alpha and what is lost at it, of a row.
template <level_set Codebook, std::floating_point T>
struct measure_fit {
  Codebook codebook;
  const double* scale;
  const double* alpha;
  row_fit* result;

  LFNC_CALLS_EITHER
  template <class Reader>
  LFNC_HD void operator()(index_t row, const Reader& reader) const {
    const auto encoder = make_encoder<T>(codebook, alpha[row], scale[row]);
    const auto energy = reader.reduce(energy_reducer<T>{encoder.scale});
    const auto cross = reader.reduce(cross_reducer<Codebook, T>{encoder});
    if (!reader.leader()) return;
    const projection sums{cross[0], cross[1], energy[0]};
    const double error = sums.error_at(alpha[row]);
    const double squared = error / scale[row] / scale[row];
    result[row] = {alpha[row] / scale[row], squared < highest<double> ? squared : highest<double>,
                   sums.ww > 0 ? error / sums.ww : 0};
  }
};

// Scale of every row. Throws argument_error with channel and index of the first element that is NaN
// or infinite. largest and scale have one entry a row.
template <class Policy, class T, class Space>
void measure_rows(const Policy& policy, const group_view<T, Space>& rows, double* largest,
                  double* scale) {
  using real = compute_t<T>;
  auto scratch = open_scratch(policy);
  double* bad = scratch.template take<double>(rows.rows());
  reduce(policy, rows, for_all_rows<range_reducer<real>>{}, store_range<real>{largest, scale, bad});
  reject(policy, rows, bad, "weights");
}

template <class T, class Space>
void check_weights(const group_view<T, Space>& weights) {
  require(weights.base.size() > 0, "weights", "there are no elements");
  require(weights.group_size > 0, "weights", "a group holds at least one element");
}

template <level_set Codebook>
void check_levels(const Codebook& codebook) {
  require(codebook.level_count() > 0, "codebook", "has no levels");
  for (int k = 0; k < codebook.level_count(); ++k) {
    const double level = codebook.level(k);
    require(level == static_cast<double>(static_cast<float>(level)), "codebook", [&] {
      return sentence({"level ", k, " is ", shortest(level), ", which no float is equal to"});
    });
  }
}

// What fit does; it leaves in scale[row] the power of two that the row is to be encoded with, and
// in alpha[row] the alpha of the scaled row.
template <class Policy, class T, class Space, codebook_type Codebook>
void fit_rows(const Policy& policy, const group_view<T, Space>& weights, const Codebook& codebook,
              row_fit* result, double* scale, double* alpha, const fit_options& options) {
  using real = compute_t<T>;
  const auto& book = levels_of(codebook);
  using levels = std::remove_cvref_t<decltype(book)>;
  check_levels(book);
  const index_t count = weights.rows();
  auto scratch = open_scratch(policy);
  double* largest = scratch.template take<double>(count);
  measure_rows(policy, weights, largest, scale);
  switch (options.solver) {
    case solver::exact:
      require(codebook.nearest(), "codebook", [&] {
        return sentence(
            {codebook.name(), " does not encode to the nearest level; the exact solver needs it"});
      });
      fit_exact(policy, weights, book, scale, alpha);
      break;
    case solver::lloyd:
      fit_lloyd(policy, weights, book, published_units(codebook), options.lloyd, scale, largest,
                alpha);
      break;
    case solver::abs_max:
      for_each(policy, count, fit_abs_max<levels>{book, largest, scale, alpha});
      break;
    default:
      refuse("solver", "is none of exact, lloyd and abs_max");
  }
  for_each(policy, count, round_alpha<real>{scale, alpha});
  if constexpr (std::same_as<Space, host_space>) {
    for (index_t row = 0; row < count; ++row) {
      if (!finite(alpha[row] / scale[row])) {
        raise(overflow_error("lfnc: weights: alpha of row " + number(row) +
                             " is beyond the range of double"));
      }
    }
  }
  for_each_row(policy, weights, measure_fit<levels, real>{book, scale, alpha, result});
}

}  // namespace detail

// alpha of every row of `weights` for `codebook`, together with the error that encoding at it
// gives: rows[r] for row r = channel * groups_per_channel + group, in the weights' memory space.
// Throws argument_error, before rows is written, for an empty tensor, a wrong number of rows, NaN
// or infinite elements (with channel and index), a codebook with levels that are no floats and what
// the solver refuses, and on the host
// overflow_error for an alpha beyond the range of double. Cost and memory are the solver's; three
// more passes over the rows; a few numbers a row are allocated.
template <class Policy, class T, class Space, codebook_type Codebook>
void fit(const Policy& policy, const group_view<T, Space>& weights, const Codebook& codebook,
         std::type_identity_t<list_view<row_fit, Space>> rows, const fit_options& options = {}) {
  detail::check_weights(weights);
  detail::check_list(rows, weights.rows(), "rows", "rows");
  auto scratch = open_scratch(policy);
  double* scale = scratch.template take<double>(rows.size);
  double* alpha = scratch.template take<double>(rows.size);
  detail::fit_rows(policy, weights, codebook, rows.data, scale, alpha, options);
}

// The same of channels and of a tensor, a row an index of its first dimension; without a policy, on
// all cores of the host.
template <class Policy, detail::has_rows Weights, codebook_type Codebook>
  requires(!detail::are_groups<Weights>)
void fit(const Policy& policy, const Weights& weights, const Codebook& codebook,
         std::type_identity_t<list_view<row_fit, detail::space_of<Weights>>> rows,
         const fit_options& options = {}) {
  fit(policy, detail::rows_of(weights), codebook, rows, options);
}
template <detail::has_rows Weights, codebook_type Codebook>
void fit(const Weights& weights, const Codebook& codebook, list_view<row_fit> rows,
         const fit_options& options = {}) {
  detail::require_host<detail::space_of<Weights>>();
  fit(cpu{}, detail::rows_of(weights), codebook, rows, options);
}

}  // namespace LFNC_ABI
}  // namespace lfnc
