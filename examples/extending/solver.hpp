// A solver: alpha[row] = factor * the mean of |w| in that row, on any backend.
#pragma once

#include <lfnc/exec/skeletons.hpp>

// What a row is reduced to: one number, the sum of |w|.
struct magnitudes {
  static constexpr int fields = 1;
  template <class T>
  LFNC_HD void add(T w, double* field, lfnc::index_t) const {
    field[0] += static_cast<double>(w < 0 ? -w : w);
  }
  LFNC_HD double merge(int, double a, double b) const { return a + b; }
};

template <class Policy, class T, class Space>
void fit_mean(const Policy& policy, const lfnc::group_view<T, Space>& rows, double factor,
              double* alpha) {
  const auto store = [=](lfnc::index_t row, const auto& sum) {
    alpha[row] = factor * sum[0] / static_cast<double>(rows.row_length(row));
  };
  reduce(policy, rows, lfnc::for_all_rows<magnitudes>{}, store);
}
