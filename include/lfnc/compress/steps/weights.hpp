// lfnc floor 5: compress/weights: step 1: the weights of every listed layer become codes and alpha.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "../../packing.hpp"
#include "../../weights.hpp"
#include "job.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Bytes that pack() makes of `count` codes.
template <codebook_type Codebook>
std::int64_t packed_bytes(const Codebook& codebook, std::int64_t count) {
  return packed_size(packing_of(codebook), count);
}

template <class T, codebook_type Codebook>
weight_report describe(const channel_view<T>& weights, const Codebook& codebook,
                       const std::vector<row_fit>& rows) {
  weight_report report;
  report.codebook = codebook.name();
  report.weights = weights.size();
  report.least_alpha = std::numeric_limits<double>::infinity();
  std::int64_t beyond = 0;
  // With a margin for alpha, which is rounded to float.
  const double last_level =
      std::max(-codebook.level(0), codebook.level(codebook.level_count() - 1)) * (1 + 1e-6);
  for (index_t row = 0; row < weights.channels; ++row) {
    const row_fit& fit = rows[static_cast<std::size_t>(row)];
    report.least_alpha = std::min(report.least_alpha, fit.alpha);
    report.greatest_alpha = std::max(report.greatest_alpha, fit.alpha);
    report.squared_error += fit.squared_error;
    for (index_t k = 0; k < weights.row_size(); ++k) {
      const auto w = static_cast<double>(to_compute(*weights.address(row, 0, k)));
      report.squared_norm += w * w;
      beyond += static_cast<std::int64_t>(std::abs(w) > fit.alpha * last_level);
    }
  }
  if (!finite(report.squared_norm) || !finite(report.squared_error)) {
    raise(overflow_error("lfnc: weights: their sum of squares is beyond the range of double"));
  }
  report.relative_error = report.squared_norm > 0 ? report.squared_error / report.squared_norm : 0;
  report.saturated = static_cast<double>(beyond) / static_cast<double>(report.weights);
  report.packing = packing_of(codebook);
  report.bytes_before = report.weights * static_cast<std::int64_t>(sizeof(float));
  report.bytes_after = packed_bytes(codebook, report.weights) +
                       weights.channels * static_cast<std::int64_t>(sizeof(float));
  return report;
}

// Codes of all layers, in the order of job.weights; fills job.report.weights. Nothing is written to
// the adapter. The first and the last layer take the codebook for those.
template <class Job>
std::vector<layer_codes> fit_codes(Job& job) {
  std::vector<layer_codes> all;
  for (const std::size_t index : job.weights) {
    job.tell(compress_stage::codes, job.name(index), all.size(), job.weights.size());
    const bool edge = index == job.weights.front() || index == job.weights.back();
    layer_codes made;
    made.codebook = edge ? job.options.first_and_last : job.options.weights;
    in_layer(job.name(index), [&] {
      const auto weights = channels(job.adapter.weights(index), 0);
      using T = std::remove_pointer_t<decltype(weights.data)>;
      auto fitted = job.verbs.quantize_weights(channel_view<const T>(weights), made.codebook,
                                               job.options.fit);
      made.codes = std::move(fitted.codes);
      made.rows = std::move(fitted.rows);
      job.report.weights.push_back(std::visit(
          [&](const auto& book) { return describe(weights, book, made.rows); }, made.codebook));
    });
    job.report.weights.back().layer = job.name(index);
    job.code_bytes += made.codes.size() + made.rows.size() * sizeof(row_fit);
    all.push_back(std::move(made));
  }
  job.tell(compress_stage::codes, {}, all.size(), job.weights.size());
  return all;
}

// Writes alpha * level in place of every weight, by the verbs, whose threads are the caller's
// choice.
template <class Job>
void write_codes(Job& job, std::vector<layer_codes> all) {
  for (std::size_t k = 0; k < all.size(); ++k) {
    const std::size_t index = job.weights[k];
    const auto weights = channels(job.adapter.weights(index), 0);
    job.verbs.dequantize_weights(std::span<const std::int8_t>(all[k].codes), all[k].codebook,
                                 std::span<const row_fit>(all[k].rows), weights);
    if constexpr (requires { job.adapter.set_codes(index, std::move(all[k])); }) {
      job.adapter.set_codes(index, std::move(all[k]));
    }
    job.adapter.changed(index);
    all[k] = {};
  }
  job.code_bytes = 0;
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
