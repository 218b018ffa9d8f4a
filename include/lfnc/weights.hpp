// lfnc floor 4: quantize_weights: W -> codes and alpha per row, and back.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
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

// Channels, elements of one and of a group.
using code_shape = std::array<index_t, 3>;

[[noreturn]] LFNC_COLD inline void refuse_codes(const code_shape& codes,
                                                const code_shape& weights) {
  refuse("codes", sentence({"their shape (", codes[0], " channels of ", codes[1], ", groups of ",
                            codes[2], ") is not that of the weights (", weights[0], " of ",
                            weights[1], ", groups of ", weights[2], ")"}));
}

template <class T, class Code, class Space>
void check_codes(const group_view<T, Space>& weights, const group_view<Code, Space>& codes) {
  require(codes.base.data != nullptr, "codes", "null data");
  const code_shape wanted{weights.base.channels, weights.base.row_size(), weights.group_size};
  const code_shape shape{codes.base.channels, codes.base.row_size(), codes.group_size};
  if (shape != wanted) refuse_codes(shape, wanted);
}

// The codes of all rows; alpha is that of the scaled ones.
template <class Policy, class T, class Space, level_set Codebook, class Code>
void write_row_codes(const Policy& policy, const group_view<T, Space>& weights,
                     const Codebook& codebook, const double* alpha, const double* scale,
                     const group_view<Code, Space>& codes) {
  map(policy, weights, codes, make_row_encoder<Codebook, compute_t<T>>{codebook, scale, alpha});
}

// A vector of codes as rows like those of the weights. Throws where its length is not theirs.
template <class Codes, class T>
auto dense_codes(Codes& codes, const group_view<T>& weights) {
  const auto& base = weights.base;
  require(codes.size() == static_cast<std::size_t>(base.size()), "codes", [&] {
    return sentence({"holds ", codes.size(), " codes for ", base.size(), " weights"});
  });
  return group_view<std::remove_pointer_t<decltype(codes.data())>>{
      dense_rows<host_space>(codes.data(), base.channels, base.row_size()), weights.group_size};
}

struct scale_alpha {
  const double* alpha;
  const double* scale;
  double* scaled;

  LFNC_HD void operator()(index_t row) const { scaled[row] = alpha[row] * scale[row]; }
};

template <level_set Codebook, std::floating_point T>
struct row_decoder {
  Codebook codebook;
  double alpha;

  LFNC_HD T operator()(typename Codebook::code_type code) const {
    return static_cast<T>(alpha * codebook.decode(code));
  }
};

template <level_set Codebook, std::floating_point T>
struct make_row_decoder {
  Codebook codebook;
  const row_fit* rows;

  LFNC_HD row_decoder<Codebook, T> operator()(index_t row) const {
    return {codebook, rows[row].alpha};
  }
};

}  // namespace detail

// codes[i] = the code of weights[i] / alpha, at the given alpha >= 0 of its row (0: all codes are
// that of 0): exactly encode(w * s * (1 / (alpha s))) with s the row's power-of-two scale, 1 for
// ordinary rows, in float (double for double weights). Every backend gives the same codes. Throws
// argument_error before anything is written for a shape that does not fit, NaN or infinite weights
// and, on the host, a negative, NaN or infinite alpha (with its row). Two passes; allocates three
// numbers a row.
template <class Policy, class T, class Space, codebook_type Codebook>
void encode_weights(const Policy& policy, const group_view<T, Space>& weights,
                    const Codebook& codebook,
                    std::type_identity_t<list_view<const double, Space>> alpha,
                    const group_view<typename Codebook::code_type, Space>& codes) {
  detail::check_codes(weights, codes);
  detail::require_distinct(codes.base, "codes");
  detail::require_apart(weights.base, codes.base, "codes", "the weights");
  detail::check_list(alpha, weights.rows(), "alpha", "rows");
  if constexpr (std::same_as<Space, host_space>) {
    for (index_t row = 0; row < alpha.size; ++row) {
      detail::require(alpha.data[row] >= 0 && detail::finite(alpha.data[row]), "alpha", [&] {
        return detail::sentence({"entry ", row, " is ", detail::shortest(alpha.data[row])});
      });
    }
  }
  auto scratch = open_scratch(policy);
  double* largest = scratch.template take<double>(alpha.size);
  double* scale = scratch.template take<double>(alpha.size);
  double* scaled = scratch.template take<double>(alpha.size);
  detail::measure_rows(policy, weights, largest, scale);
  for_each(policy, alpha.size, detail::scale_alpha{alpha.data, scale, scaled});
  detail::write_row_codes(policy, weights, detail::levels_of(codebook), scaled, scale, codes);
}

// The same of channels and of tensors, a row an index of the first dimension; without a policy, on
// all cores of the host.
template <class Policy, detail::has_rows Weights, codebook_type Codebook, detail::has_rows Codes>
  requires(!(detail::are_groups<Weights> && detail::are_groups<Codes>))
void encode_weights(const Policy& policy, const Weights& weights, const Codebook& codebook,
                    std::type_identity_t<list_view<const double, detail::space_of<Weights>>> alpha,
                    const Codes& codes) {
  encode_weights(policy, detail::rows_of(weights), codebook, alpha, detail::rows_of(codes));
}
template <detail::has_rows Weights, codebook_type Codebook, detail::has_rows Codes>
void encode_weights(const Weights& weights, const Codebook& codebook, list_view<const double> alpha,
                    const Codes& codes) {
  detail::require_host<detail::space_of<Weights>>();
  encode_weights(cpu{}, detail::rows_of(weights), codebook, alpha, detail::rows_of(codes));
}

// Quantizes weights to codes and one alpha a row: min over alpha, q of |w - alpha q|^2, rows and
// codes in the caller's memory.
//
//   weights  any strides; groups(view, axis, size) for one scale a group, channels(view, axis) a
//            channel, whole(view) in all; float, double or 16-bit
//   codebook ternary, uniform(b), power_of_two(b), fixed_point, levels(...)
//   codes    the same shape, any strides; written last
//   rows     one entry a row: alpha, squared and relative error; a span or vector on the host
//
// An all-zero row gives alpha 0 and the codes of 0. Throws argument_error, before anything is
// written, for mismatched shapes, empty or null tensors, NaN or infinite weights (with channel and
// index) and options out of range. Cost: solver::exact sorts every row (10 to 100 ns a weight on
// one core), solver::lloyd groups it, or takes some 35 passes where it is short or has many levels
// (3 to 20 ns for 4 bits); memory: one row a thread and a few numbers a row. Source: He & Cheng,
// ECCV 2018, section 3.1.
template <class Policy, class T, class Space, codebook_type Codebook>
void quantize_weights(const Policy& policy, const group_view<T, Space>& weights,
                      const Codebook& codebook,
                      const group_view<typename Codebook::code_type, Space>& codes,
                      std::type_identity_t<list_view<row_fit, Space>> rows,
                      const fit_options& options = {}) {
  detail::check_weights(weights);
  detail::check_codes(weights, codes);
  detail::require_distinct(codes.base, "codes");
  detail::require_apart(weights.base, codes.base, "codes", "the weights");
  detail::check_list(rows, weights.rows(), "rows", "rows");
  detail::require_apart(weights.base, rows, "rows", "the weights");
  detail::require_apart(codes.base, rows, "rows", "the codes");
  auto scratch = open_scratch(policy);
  double* scale = scratch.template take<double>(rows.size);
  double* alpha = scratch.template take<double>(rows.size);
  detail::fit_rows(policy, weights, codebook, rows.data, scale, alpha, options);
  detail::write_row_codes(policy, weights, detail::levels_of(codebook), alpha, scale, codes);
}

// The same of channels and of tensors, a row an index of the first dimension; without a policy, on
// all cores of the host.
template <class Policy, detail::has_rows Weights, codebook_type Codebook, detail::has_rows Codes>
  requires(!(detail::are_groups<Weights> && detail::are_groups<Codes>))
void quantize_weights(const Policy& policy, const Weights& weights, const Codebook& codebook,
                      const Codes& codes,
                      std::type_identity_t<list_view<row_fit, detail::space_of<Weights>>> rows,
                      const fit_options& options = {}) {
  quantize_weights(policy, detail::rows_of(weights), codebook, detail::rows_of(codes), rows,
                   options);
}
template <detail::has_rows Weights, codebook_type Codebook, detail::has_rows Codes>
void quantize_weights(const Weights& weights, const Codebook& codebook, const Codes& codes,
                      list_view<row_fit> rows, const fit_options& options = {}) {
  detail::require_host<detail::space_of<Weights>>();
  quantize_weights(cpu{}, detail::rows_of(weights), codebook, detail::rows_of(codes), rows,
                   options);
}

// The same on host memory, into new vectors.
template <class Policy, detail::has_rows Weights, codebook_type Codebook>
weight_quantization<typename Codebook::code_type> quantize_weights(
    const Policy& policy, const Weights& weights, const Codebook& codebook,
    const fit_options& options = {}) {
  detail::require_host<detail::space_of<Weights>>();
  const auto all = detail::rows_of(weights);
  detail::check_weights(all);
  weight_quantization<typename Codebook::code_type> result;
  result.codes.resize(static_cast<std::size_t>(all.base.size()));
  result.rows.resize(static_cast<std::size_t>(all.rows()));
  quantize_weights(policy, all, codebook, detail::dense_codes(result.codes, all), result.rows,
                   options);
  return result;
}
template <detail::has_rows Weights, codebook_type Codebook>
weight_quantization<typename Codebook::code_type> quantize_weights(
    const Weights& weights, const Codebook& codebook, const fit_options& options = {}) {
  return quantize_weights(cpu{}, detail::rows_of(weights), codebook, options);
}

// weights[i] = alpha[row] * decode(codes[i]): what an engine computes with. Throws argument_error
// for shapes that do not fit. One pass; allocates nothing.
template <class Policy, class Code, class T, class Space, codebook_type Codebook>
void dequantize_weights(const Policy& policy, const group_view<Code, Space>& codes,
                        const Codebook& codebook,
                        std::type_identity_t<list_view<const row_fit, Space>> rows,
                        const group_view<T, Space>& weights) {
  static_assert(std::same_as<std::remove_const_t<Code>, typename Codebook::code_type>);
  detail::check_codes(weights, codes);
  detail::require_distinct(weights.base, "weights");
  detail::require_apart(codes.base, weights.base, "weights", "the codes");
  detail::check_list(rows, codes.rows(), "rows", "rows");
  if (rows.size > 0) detail::require_apart(weights.base, rows, "rows", "the weights");
  const auto& book = detail::levels_of(codebook);
  map(policy, codes, weights,
      detail::make_row_decoder<std::remove_cvref_t<decltype(book)>, compute_t<T>>{book, rows.data});
}

// The same of channels and of tensors, a row an index of the first dimension; without a policy, on
// all cores of the host.
template <class Policy, detail::has_rows Codes, codebook_type Codebook, detail::has_rows Weights>
  requires(!(detail::are_groups<Codes> && detail::are_groups<Weights>))
void dequantize_weights(
    const Policy& policy, const Codes& codes, const Codebook& codebook,
    std::type_identity_t<list_view<const row_fit, detail::space_of<Codes>>> rows,
    const Weights& weights) {
  dequantize_weights(policy, detail::rows_of(codes), codebook, rows, detail::rows_of(weights));
}
template <detail::has_rows Codes, codebook_type Codebook, detail::has_rows Weights>
void dequantize_weights(const Codes& codes, const Codebook& codebook, list_view<const row_fit> rows,
                        const Weights& weights) {
  detail::require_host<detail::space_of<Codes>>();
  dequantize_weights(cpu{}, detail::rows_of(codes), codebook, rows, detail::rows_of(weights));
}

// The same of what quantize_weights returned, for host memory of the shape that it was made of.
template <class Policy, class Code, codebook_type Codebook, detail::has_rows Weights>
void dequantize_weights(const Policy& policy, const weight_quantization<Code>& from,
                        const Codebook& codebook, const Weights& weights) {
  detail::require_host<detail::space_of<Weights>>();
  const auto all = detail::rows_of(weights);
  dequantize_weights(policy, detail::dense_codes(from.codes, all), codebook, from.rows, all);
}
template <class Code, codebook_type Codebook, detail::has_rows Weights>
void dequantize_weights(const weight_quantization<Code>& from, const Codebook& codebook,
                        const Weights& weights) {
  dequantize_weights(cpu{}, from, codebook, weights);
}

}  // namespace LFNC_ABI
}  // namespace lfnc
