// lfnc floor 3: exact: the alpha of least error per row, a global optimum.
#pragma once

#include <cmath>
#include <string>

#include "../exec/cpu/float_lanes.hpp"
#include "../exec/skeletons.hpp"
#include "row.hpp"
#include "search/best_alpha.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Key of an element for the sort: its magnitude, or itself where signs meet different levels.
template <std::floating_point T>
struct scaled_key {
  T scale;
  bool magnitude;

  // Without a branch on the sign of w, which no processor could foretell.
  LFNC_HD T operator()(T w) const { return (magnitude ? std::fabs(w) : w) * scale; }
};

template <std::floating_point T>
struct make_scaled_key {
  const double* scale;
  bool magnitude;

  LFNC_HD scaled_key<T> operator()(index_t row) const {
    return {static_cast<T>(scale[row]), magnitude};
  }
};

template <level_set Codebook>
struct set_both_steps {
  Codebook codebook;
  level_steps* steps;  // of the positive levels, and of the negative ones where they differ

  LFNC_HD void operator()(index_t k) const { fill_steps(codebook, k == 1, steps + k); }
};

// Finds alpha of a row whose keys are sorted.
struct search_row {
  const level_steps* steps;
  bool symmetric;
  double* alpha;

  using work_area = search_area;

  template <class T>
  LFNC_HD void operator()(index_t row, const T* keys, const double* totals, index_t count,
                          search_area& area) const {
    search<float>(row, keys, totals, count, area);
  }

#if LFNC_SHUFFLES
  // The same bits sooner.
  template <int Bytes, class T>
  LFNC_INLINE void on_vectors(index_t row, const T* keys, const double* totals, index_t count,
                              search_area& area) const {
    search<float_vector<Bytes>>(row, keys, totals, count, area);
  }
#endif

 private:
  template <class V, class T>
  LFNC_HD LFNC_INLINE void search(index_t row, const T* keys, const double* totals, index_t count,
                                  search_area& area) const {
    double ww = 0;
    for (index_t k = 0; k < count; ++k) {
      const auto w = static_cast<double>(keys[k]);
      ww += rounded(w * w);
    }
    index_t positive = count;
    if (!symmetric) {
      while (positive > 0 && keys[positive - 1] < T(0)) --positive;
    }
    const magnitude_side<T> sides[2] = {
        {steps, keys, totals, nullptr, positive, false},
        {steps + 1, keys + positive, totals + positive, nullptr, count - positive, true}};
    alpha[row] = best_alpha<V>(sides, symmetric ? 1 : 2, ww, area);
  }
};

// alpha[row] = argmin over alpha > 0 of min over q of |scale[row] * w - alpha q|^2, 0 where no
// alpha helps: the global optimum (best_alpha says how it is found). The elements must be finite;
// both arrays have one entry a row, in the policy's memory; the codebook must encode to the nearest
// level. Throws argument_error for one with more than 256 thresholds (of magnitudes where it is
// symmetric). Costs a sort of every row.
template <class Policy, class T, class Space, level_set Codebook>
void fit_exact(const Policy& policy, const group_view<T, Space>& rows, const Codebook& codebook,
               const double* scale, double* alpha) {
  const bool symmetric = codebook.symmetric();
  const int thresholds =
      count_steps(codebook, false) + (symmetric ? 0 : count_steps(codebook, true));
  require(thresholds <= level_steps::most, "codebook", [&] {
    return sentence(
        {"has ", thresholds, " thresholds; the exact solver holds ", level_steps::most});
  });
  auto scratch = open_scratch(policy);
  level_steps* steps = scratch.template take<level_steps>(2);
  for_each(policy, symmetric ? 1 : 2, set_both_steps<Codebook>{codebook, steps});
  sort_rows(policy, rows, make_scaled_key<compute_t<T>>{scale, symmetric},
            search_row{steps, symmetric, alpha});
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
