// lfnc floor 1: projection: <w,q>, <q,q> and <w,w> of a row, and the alpha and error they give.
#pragma once

#include "rounding.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// A row w and its levels q. For fixed q the error |w - alpha q|^2 is least at alpha = <w,q>/<q,q>,
// where it is <w,w> - <w,q>^2/<q,q>.
struct projection {
  double wq = 0;
  double qq = 0;
  double ww = 0;

  // The best alpha for these levels, 0 where none above 0 helps.
  LFNC_HD constexpr double alpha() const { return wq > 0 && qq > 0 ? wq / qq : 0; }

  // What the best alpha takes off <w,w>; the exact fit maximizes it over q.
  LFNC_HD constexpr double gain() const { return wq > 0 && qq > 0 ? rounded(wq / qq * wq) : 0; }

  // |w - alpha q|^2 for any alpha, at least 0.
  LFNC_HD constexpr double error_at(double alpha) const {
    const double cross = rounded(alpha * wq);
    const double square = rounded(alpha * rounded(alpha * qq));
    const double error = ww - cross - cross + square;
    return error > 0 ? error : 0;
  }
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
