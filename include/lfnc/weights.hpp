// lfnc floor 4: quantize_weights: W -> codes and alpha per row, and back.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "exec/cpu.hpp"
#include "fit.hpp"

namespace lfnc {

// What quantize_weights returns where the caller brings no memory.
template <class Code>
struct weight_quantization {
  std::vector<Code> codes;    // row-major in (row, element of the row)
  std::vector<row_fit> rows;  // channel * groups_per_channel + group
};

inline namespace LFNC_ABI {
namespace detail {

template <class T, class Code, class Space>
void check_codes(const group_view<T, Space>& weights, const group_view<Code, Space>& codes) {
  require(codes.base.data != nullptr, "codes", "null data");
  require(codes.base.channels == weights.base.channels &&
              codes.base.row_size() == weights.base.row_size() &&
              codes.group_size == weights.group_size,
          "codes",
          "their shape (" + number(codes.base.channels) + " channels of " +
              number(codes.base.row_size()) + ", groups of " + number(codes.group_size) +
              ") is not that of the weights (" + number(weights.base.channels) + " of " +
              number(weights.base.row_size()) + ", groups of " + number(weights.group_size) + ")");
}

}  // namespace detail

// codes[i] = the code of weights[i] / alpha, at the given alpha > 0 (or 0: all codes 0) per row:
// exactly encode(w * s * (1 / (alpha s))) with s the row's power-of-two scale, 1 for ordinary rows,
// in float (double for double weights). Every backend gives the same codes. Throws argument_error
// before anything is written for a shape that does not fit, a negative, NaN or infinite alpha (with
// its row), and NaN or infinite weights. Two passes; allocates a few numbers a row.
template <class Policy, class T, class Space, codebook_type Codebook>
void encode_weights(const Policy& policy, const group_view<T, Space>& weights,
                    const Codebook& codebook, std::span<const double> alpha,
                    const group_view<typename Codebook::code_type, Space>& codes) {
  using real = compute_t<T>;
  detail::check_codes(weights, codes);
  detail::require_distinct(codes.base, "codes");
  detail::require(static_cast<index_t>(alpha.size()) == weights.rows(), "alpha",
                  "holds " + std::to_string(alpha.size()) + " entries for " +
                      detail::number(weights.rows()) + " rows");
  for (std::size_t r = 0; r < alpha.size(); ++r) {
    detail::require(alpha[r] >= 0 && detail::finite(alpha[r]), "alpha",
                    "entry " + std::to_string(r) + " is " + std::to_string(alpha[r]));
  }
  std::vector<double> largest(alpha.size());
  detail::measure_rows(policy, weights, std::span<double>(largest));
  map(policy, weights, codes, [&](index_t row) {
    const auto r = static_cast<std::size_t>(row);
    const double scale = detail::row_scale<real>(largest[r]);
    return detail::make_encoder<real>(codebook, alpha[r] * scale, scale);
  });
}

// Quantizes weights to codes and one alpha a row: min over alpha, q of |w - alpha q|^2, rows and
// codes in the caller's memory.
//
//   weights  any strides; groups(view, axis, size) for one scale a group, channels(view, axis) a
//            channel, whole(view) in all; float, double or 16-bit
//   codebook ternary, uniform(b), power_of_two(b), fixed_point, levels(...)
//   codes    the same shape, any strides; written last
//   rows     one entry a row: alpha, squared and relative error
//
// An all-zero row gives alpha 0 and the codes of 0. Throws argument_error, before anything is
// written, for mismatched shapes, empty or null tensors, NaN or infinite weights (with channel and
// index) and options out of range. Cost: solver::exact sorts every row (about 100 ns a weight on
// one core), solver::lloyd takes some 50 passes; memory: one row a thread and a few numbers a row.
// Source: He & Cheng, ECCV 2018, section 3.1.
template <class Policy, class T, class Space, codebook_type Codebook>
void quantize_weights(const Policy& policy, const group_view<T, Space>& weights,
                      const Codebook& codebook,
                      const group_view<typename Codebook::code_type, Space>& codes,
                      std::span<row_fit> rows, const fit_options& options = {}) {
  detail::check_codes(weights, codes);
  detail::require_distinct(codes.base, "codes");
  fit(policy, weights, codebook, rows, options);
  std::vector<double> alpha(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) alpha[r] = rows[r].alpha;
  encode_weights(policy, weights, codebook, alpha, codes);
}

// The same for one scale a channel (or one in all).
template <class Policy, class T, class Space, codebook_type Codebook>
void quantize_weights(const Policy& policy, const channel_view<T, Space>& weights,
                      const Codebook& codebook,
                      const channel_view<typename Codebook::code_type, Space>& codes,
                      std::span<row_fit> rows, const fit_options& options = {}) {
  quantize_weights(policy, groups(weights), codebook, groups(codes), rows, options);
}

// The same on host memory with all cores, into new vectors.
template <class T, codebook_type Codebook>
weight_quantization<typename Codebook::code_type> quantize_weights(
    const group_view<T, host_space>& weights, const Codebook& codebook,
    const fit_options& options = {}) {
  using code = typename Codebook::code_type;
  weight_quantization<code> result;
  result.codes.resize(static_cast<std::size_t>(weights.base.size()));
  result.rows.resize(static_cast<std::size_t>(weights.rows()));
  detail::require(!result.codes.empty(), "weights", "there are no elements");
  const auto codes = as_view(result.codes.data(), {weights.base.channels, weights.base.row_size()});
  quantize_weights(cpu{}, weights, codebook, groups(codes, 0, weights.group_size), result.rows,
                   options);
  return result;
}
template <class T, codebook_type Codebook>
weight_quantization<typename Codebook::code_type> quantize_weights(
    const channel_view<T, host_space>& weights, const Codebook& codebook,
    const fit_options& options = {}) {
  return quantize_weights(groups(weights), codebook, options);
}

// weights[i] = alpha[row] * decode(codes[i]): what an engine computes with. Throws argument_error
// for shapes that do not fit. One pass; allocates nothing.
template <class Policy, class Code, class T, class Space, codebook_type Codebook>
void dequantize_weights(const Policy& policy, const group_view<Code, Space>& codes,
                        const Codebook& codebook, std::span<const row_fit> rows,
                        const group_view<T, Space>& weights) {
  static_assert(std::same_as<std::remove_const_t<Code>, typename Codebook::code_type>);
  detail::check_codes(weights, codes);
  detail::require_distinct(weights.base, "weights");
  detail::require(static_cast<index_t>(rows.size()) == codes.rows(), "rows",
                  "holds " + std::to_string(rows.size()) + " entries for " +
                      detail::number(codes.rows()) + " rows");
  map(policy, codes, weights, [&](index_t row) {
    const double alpha = rows[static_cast<std::size_t>(row)].alpha;
    return [alpha, codebook](std::remove_const_t<Code> c) {
      return static_cast<compute_t<T>>(alpha * codebook.decode(c));
    };
  });
}
template <class Policy, class Code, class T, class Space, codebook_type Codebook>
void dequantize_weights(const Policy& policy, const channel_view<Code, Space>& codes,
                        const Codebook& codebook, std::span<const row_fit> rows,
                        const channel_view<T, Space>& weights) {
  dequantize_weights(policy, groups(codes), codebook, rows, groups(weights));
}

}  // namespace LFNC_ABI
}  // namespace lfnc
