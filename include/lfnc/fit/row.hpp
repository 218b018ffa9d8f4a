// lfnc floor 3: row: what the solvers share: a row's scale, its encoder and its sums.
#pragma once

#include <cmath>
#include <concepts>

#include "../codebook.hpp"
#include "../detail/projection.hpp"
#include "../detail/rounding.hpp"
#include "../fit_options.hpp"
#include "../scalar.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// A row is worked on after multiplication by a power of two, which is exact: 1 unless its
// magnitudes lie so far from 1 that squares or 1 / alpha would leave the range of the type.
template <std::floating_point T>
LFNC_HD double row_scale(double largest) {
  constexpr int reach = std::same_as<T, double> ? 300 : 60;
  constexpr int most = std::same_as<T, double> ? 1000 : 120;  // 2^+-most are normal numbers
  if (largest == 0) return 1;
  const int exponent = ::ilogb(largest);
  if (exponent >= -reach && exponent <= reach) return 1;
  const int wanted = exponent > most ? -most : -exponent;
  return ::ldexp(1.0, wanted < most ? wanted : most);
}

// code = encode(w * scale * inverse) in the compute type of w. Both factors are rounded to that
// type once, so that equal alpha gives equal codes on every backend.
template <level_set Codebook, std::floating_point T>
struct row_encoder {
  Codebook codebook;
  T scale;
  T inverse;

  LFNC_HD constexpr auto operator()(T w) const { return codebook.encode(w * scale * inverse); }

  // The level of that code.
  LFNC_HD constexpr double level(T w) const {
    if constexpr (requires { codebook.nearest_level(w); }) {
      return static_cast<double>(codebook.nearest_level(w * scale * inverse));
    } else {
      return codebook.decode(codebook.encode(w * scale * inverse));
    }
  }
};

// alpha is that of the scaled row; 0 encodes every element as 0.
template <std::floating_point T, level_set Codebook>
LFNC_HD row_encoder<Codebook, T> make_encoder(const Codebook& codebook, double alpha,
                                              double scale) {
  constexpr double most = static_cast<double>(highest<T>);
  const double inverse = alpha > 0 ? 1 / alpha : 0;
  return {codebook, static_cast<T>(scale), static_cast<T>(inverse < most ? inverse : most)};
}

// The encoder of each row, from its scale and the alpha of the scaled row.
template <level_set Codebook, std::floating_point T>
struct make_row_encoder {
  Codebook codebook;
  const double* scale;
  const double* alpha;

  LFNC_HD row_encoder<Codebook, T> operator()(index_t row) const {
    return make_encoder<T>(codebook, alpha[row], scale[row]);
  }
};

// a * b as it was rounded. Of numbers that are float it is exact in double.
template <std::floating_point T>
LFNC_HD constexpr double product(double a, double b) {
  if constexpr (std::same_as<T, float>) {
    return a * b;
  } else {
    return rounded(a * b);
  }
}

// Field 0: the largest magnitude of a row; field 1: 0, or NaN where an element is not finite.
template <std::floating_point T>
struct range_reducer {
  static constexpr int fields = 2;
  static constexpr bool zero_is_neutral = true;

  LFNC_HD void add(T x, double* field, index_t stride) const {
    const auto magnitude = static_cast<double>(x < 0 ? -x : x);
    field[0] = magnitude > field[0] ? magnitude : field[0];
    field[stride] += static_cast<double>(x - x);
  }
  LFNC_HD double merge(int k, double a, double b) const { return k > 0 ? a + b : a > b ? a : b; }
};

// <w,w> of a scaled row w.
template <std::floating_point T>
struct energy_reducer {
  static constexpr int fields = 1;
  static constexpr bool zero_is_neutral = true;
  T scale;

  LFNC_HD void add(T x, double* field, index_t) const {
    const auto w = static_cast<double>(x * scale);
    field[0] += product<T>(w, w);
  }
  LFNC_HD double merge(int, double a, double b) const { return a + b; }
};

// <w,q> and <q,q> of a scaled row w under an encoder.
template <level_set Codebook, std::floating_point T>
struct cross_reducer {
  static constexpr int fields = 2;
  static constexpr bool zero_is_neutral = false;  // 0 need not be a level
  row_encoder<Codebook, T> encoder;

  LFNC_HD void add(T x, double* field, index_t stride) const {
    const auto w = static_cast<double>(x * encoder.scale);
    const double q = encoder.level(x);
    field[0] += product<T>(w, q);
    field[stride] += product<T>(q, q);
  }
  LFNC_HD double merge(int, double a, double b) const { return a + b; }
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
