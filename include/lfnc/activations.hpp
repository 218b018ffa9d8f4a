// lfnc floor 4: activations: quantize, dequantize, fake_quantize.
#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>

#include "calibrate.hpp"
#include "detail/rounding.hpp"
#include "exec/cpu.hpp"

namespace lfnc {

// How x / alpha is computed before rounding. Both are defined to the last bit; they differ in the
// last bit of x / alpha, and so in the code of a few values in a million.
enum class scaling {
  inverse,   // x * (1 / alpha), 1 / alpha rounded once; the default, and the faster
  division,  // x / alpha, as published and as ONNX QuantizeLinear has it
};

// The grid of an activation point: alpha * {low, ..., high}. low = 0 holds a ReLU as well, since
// negative values are encoded as 0.
struct activation_grid {
  double alpha = 0;                                // the step between two levels
  int low = 0;                                     // the first level, in steps
  int high = 255;                                  // the last one
  lfnc::scaling scaling = lfnc::scaling::inverse;  // how a value is divided by alpha
};

inline namespace LFNC_ABI {
namespace detail {

template <std::floating_point T>
T checked_alpha(const activation_grid& grid) {
  check_grid(grid.low, grid.high);
  const T alpha = static_cast<T>(grid.alpha);
  require(alpha > 0 && finite(alpha) && finite(1 / alpha), "alpha", [&] {
    return sentence({shortest(grid.alpha), " is not a positive number whose inverse is finite"});
  });
  return alpha;
}

// code of x, and alpha * code of x. `Signed` where low is below 0.
template <std::floating_point T, bool Division, bool Signed>
struct grid_encoder {
  static constexpr bool divides = Division;
  static constexpr bool saturates = !Signed;  // saturating_op of exec/skeletons.hpp

  T factor;  // alpha or 1 / alpha
  T low;
  T high;

  LFNC_HD constexpr int operator()(T x) const {
    const T scaled = Division ? x / factor : x * factor;
    return Signed ? round_clamped(scaled, low, high) : round_clamped_unsigned(scaled, low, high);
  }
};

template <std::floating_point T, bool Division, bool Signed>
struct grid_projector {
  grid_encoder<T, Division, Signed> encode;
  T alpha;

  LFNC_HD constexpr T operator()(T x) const { return alpha * static_cast<T>(encode(x)); }
};

template <std::floating_point T>
struct code_scaler {
  static constexpr bool scales = true;  // scaling_op of exec/skeletons.hpp

  T alpha;

  template <std::integral Code>
  LFNC_HD constexpr T operator()(Code code) const {
    return alpha * static_cast<T>(code);
  }
};

// Calls run(encoder) with the encoder of a grid.
template <std::floating_point T, class Run>
void with_encoder(const activation_grid& grid, Run run) {
  const T alpha = checked_alpha<T>(grid);
  const T low = static_cast<T>(grid.low);
  const T high = static_cast<T>(grid.high);
  const auto with_sign = [&]<bool Signed>() {
    if (grid.scaling == scaling::division) {
      run(grid_encoder<T, true, Signed>{alpha, low, high});
    } else {
      run(grid_encoder<T, false, Signed>{1 / alpha, low, high});
    }
  };
  if (grid.low < 0) {
    with_sign.template operator()<true>();
  } else {
    with_sign.template operator()<false>();
  }
}

template <class A, class B, int Rank, class Space>
void check_extents(const tensor_view<A, Rank, Space>& in, const tensor_view<B, Rank, Space>& out) {
  check_view(in, "in");
  check_view(out, "out");
  for (std::size_t d = 0; d < static_cast<std::size_t>(Rank); ++d) {
    require(in.extents[d] == out.extents[d], "out", [&] {
      return sentence({"extent ", d, " is ", out.extents[d], ", the input's is ", in.extents[d]});
    });
  }
}

}  // namespace detail

// out[i] = clamp(floor(in[i] / alpha + 0.5), low, high) as an 8-bit code, ReLU fused where low is
// 0. in: float, double or 16-bit; out: std::uint8_t where low >= 0, std::int8_t otherwise; same
// extents, any strides. NaN gives low; infinities saturate. Throws argument_error, before anything
// is written, for extents that differ, an alpha that is not positive, levels that do not fit the
// type, and an out that shares memory with in. One pass; allocates nothing.
template <class Policy, class T, class Code, int Rank, class Space>
void quantize(const Policy& policy, const tensor_view<T, Rank, Space>& in,
              const tensor_view<Code, Rank, Space>& out, const activation_grid& grid) {
  static_assert(sizeof(Code) == 1 && std::is_integral_v<Code>);
  detail::check_extents(in, out);
  detail::require(
      grid.low >= std::numeric_limits<Code>::min() && grid.high <= std::numeric_limits<Code>::max(),
      "grid", [&] {
        return detail::sentence(
            {"levels ", grid.low, "..", grid.high, " do not fit the codes' type"});
      });
  detail::with_encoder<compute_t<T>>(grid, [&](auto encoder) {
    map(policy, detail::one_row(in), detail::one_row(out),
        for_all_rows<decltype(encoder)>{encoder});
  });
}

// out[i] = alpha * in[i] for codes of quantize. Throws argument_error as quantize does. One pass;
// allocates nothing.
template <class Policy, class Code, class T, int Rank, class Space>
void dequantize(const Policy& policy, const tensor_view<Code, Rank, Space>& in,
                const tensor_view<T, Rank, Space>& out, const activation_grid& grid) {
  static_assert(sizeof(Code) == 1);
  detail::check_extents(in, out);
  using real = compute_t<T>;
  const real alpha = detail::checked_alpha<real>(grid);
  map(policy, detail::one_row(in), detail::one_row(out),
      for_all_rows<detail::code_scaler<real>>{{alpha}});
}

// out[i] = alpha * clamp(floor(in[i] / alpha + 0.5), low, high): what an integer engine would
// compute with, in floating point. out may be the very view that in is. With scaling::division, low
// = 0 and high = 127 this is the published activation layer. Throws argument_error as quantize
// does. One pass; allocates nothing. Source: He & Cheng, ECCV 2018, section 3.3.
template <class Policy, class T, class U, int Rank, class Space>
void fake_quantize(const Policy& policy, const tensor_view<T, Rank, Space>& in,
                   const tensor_view<U, Rank, Space>& out, const activation_grid& grid) {
  detail::check_extents(in, out);
  using real = compute_t<T>;
  const real alpha = detail::checked_alpha<real>(grid);
  detail::with_encoder<real>(
      grid, [&]<bool Division, bool Signed>(detail::grid_encoder<real, Division, Signed> encoder) {
        map(policy, detail::one_row(in), detail::one_row(out),
            for_all_rows<detail::grid_projector<real, Division, Signed>>{{encoder, alpha}});
      });
}

// The same without a policy: on all cores of the host.
template <class T, class Code, int Rank, class Space>
void quantize(const tensor_view<T, Rank, Space>& in, const tensor_view<Code, Rank, Space>& out,
              const activation_grid& grid) {
  detail::require_host<Space>();
  quantize(cpu{}, in, out, grid);
}
template <class Code, class T, int Rank, class Space>
void dequantize(const tensor_view<Code, Rank, Space>& in, const tensor_view<T, Rank, Space>& out,
                const activation_grid& grid) {
  detail::require_host<Space>();
  dequantize(cpu{}, in, out, grid);
}
template <class T, class U, int Rank, class Space>
void fake_quantize(const tensor_view<T, Rank, Space>& in, const tensor_view<U, Rank, Space>& out,
                   const activation_grid& grid) {
  detail::require_host<Space>();
  fake_quantize(cpu{}, in, out, grid);
}

}  // namespace LFNC_ABI
}  // namespace lfnc
