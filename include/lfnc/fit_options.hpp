// lfnc floor 1: fit_options: how alpha is found, and what was reached.
#pragma once

namespace lfnc {

// When the alternation stops, and the constant that keeps its division defined.
struct lloyd_options {
  double epsilon = 1e-7;      // alpha = <w,q> / (<q,q> + epsilon)
  double tolerance = 1e-7;    // on the change of alpha, relative to alpha
  int max_iterations = 1000;  // the published code has no such bound
};

// How alpha is found.
enum class solver {
  exact,    // the global optimum over alpha and codes
  lloyd,    // the alternation of He & Cheng, a local optimum, for parity with published results
  abs_max,  // max |w| / largest level: nothing saturates, the error is not minimized
};

// How fit and the verbs over it find alpha.
struct fit_options {
  lfnc::solver solver = lfnc::solver::exact;  // exact, unless parity with others is wanted
  lloyd_options lloyd;                        // for solver::lloyd alone
};

// What was reached on one row.
struct row_fit {
  double alpha = 0;           // 0 where all codes mean 0; a float unless the weights are double
  double squared_error = 0;   // |w - alpha q|^2; the largest double beyond its range
  double relative_error = 0;  // of |w|^2; 0 for an all-zero row
};

}  // namespace lfnc
