// Rows as the search for the best alpha wants them.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <lfnc/fit/search/breakpoints.hpp>
#include <utility>
#include <vector>

#include "brute_force.hpp"
#include "steps.hpp"

// A row as best_alpha wants it: one side, or two where signs meet different levels.
template <class Codebook>
struct sorted_row {
  lfnc::detail::level_steps steps[2];
  std::vector<double> keys;
  std::vector<double> totals{0};
  lfnc::detail::magnitude_side<double> sides[2];
  int side_count;
  double ww = 0;

  sorted_row(std::vector<double> row, const Codebook& book)
      : steps{make_steps(book, false), make_steps(book, true)},
        keys(std::move(row)),
        side_count(book.symmetric() ? 1 : 2) {
    if (book.symmetric()) {
      for (double& key : keys) key = std::abs(key);
    }
    std::sort(keys.begin(), keys.end(), std::greater<>());
    for (const double key : keys) {
      totals.push_back(totals.back() + key);
      ww += key * key;
    }
    const auto positive = std::count_if(keys.begin(), keys.end(), [](double x) { return x >= 0; });
    const auto count = static_cast<lfnc::index_t>(keys.size());
    sides[0] = {&steps[0], keys.data(), totals.data(), nullptr, positive, false};
    sides[1] = {&steps[1], keys.data() + positive, totals.data() + positive,
                nullptr,   count - positive,       true};
  }

  lfnc::detail::range_end end_at(double alpha) const {
    const auto at = lfnc::detail::assign(sides, side_count, ww, alpha, nullptr, nullptr, nullptr);
    return {at, at.sums.error_at(alpha), at.sums.gain()};
  }
};

// Kinds of rows whose errors keep clear of the ends of the range.
inline constexpr row_kind ordinary_kinds[] = {
    row_kind::gaussian, row_kind::laplacian, row_kind::uniform,  row_kind::sparse,
    row_kind::ties,     row_kind::outliers,  row_kind::one_sign, row_kind::on_the_grid};
