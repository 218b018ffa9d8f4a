#include "quantize_weights.hpp"

#include <algorithm>
#include <cmath>
#include <lfnc/quantize.hpp>
#include <limits>
#include <stdexcept>
#include <string>

#include "codebook_by_name.hpp"
#include "progress.hpp"

namespace compress {

namespace {

// Bytes of the codes as an engine would store them.
std::int64_t packed_bytes(int bits, bool is_ternary, std::int64_t count) {
  if (is_ternary) return lfnc::packed_size(lfnc::packing::base3, count);
  if (bits == 4) return lfnc::packed_size(lfnc::packing::int4, count);
  return (count * bits + 7) / 8;
}

template <class Codebook>
weight_report quantize(tensor& weight, std::optional<weight_codes>& codes, const Codebook& codebook,
                       const settings& how) {
  const std::int64_t rows = weight.dims[0];
  const auto view = lfnc::channels(
      lfnc::as_view(weight.values, {rows, static_cast<std::int64_t>(weight.values.size()) / rows}),
      0);
  auto result = how.where->quantize_weights(weight.values, rows, codebook.name(), how.solver);

  weight_report report;
  report.codebook = codebook.name();
  report.weights = view.size();
  report.least_alpha = std::numeric_limits<double>::infinity();
  double error = 0;
  double energy = 0;
  std::int64_t beyond = 0;
  // With a margin for alpha, which is rounded to float.
  const double last_level =
      std::max(-codebook.level(0), codebook.level(codebook.level_count() - 1)) * (1 + 1e-6);
  weight_codes kept;
  for (std::int64_t row = 0; row < rows; ++row) {
    const lfnc::row_fit& fit = result.rows[static_cast<std::size_t>(row)];
    kept.alpha.push_back(static_cast<float>(fit.alpha));
    report.least_alpha = std::min(report.least_alpha, fit.alpha);
    report.greatest_alpha = std::max(report.greatest_alpha, fit.alpha);
    error += fit.squared_error;
    for (std::int64_t k = 0; k < view.row_size(); ++k) {
      const auto w = static_cast<double>(*view.address(row, 0, k));
      energy += w * w;
      beyond += static_cast<std::int64_t>(std::abs(w) > fit.alpha * last_level);
    }
  }
  report.relative_error = energy > 0 ? error / energy : 0;
  report.saturated = static_cast<double>(beyond) / static_cast<double>(report.weights);
  report.bytes_before = report.weights * static_cast<std::int64_t>(sizeof(float));
  report.bytes_after = packed_bytes(codebook.bits(), codebook.level_count() == 3, report.weights) +
                       rows * static_cast<std::int64_t>(sizeof(float));

  kept.codebook = codebook.name();
  kept.bits = codebook.bits();
  kept.codes = std::move(result.codes);
  const lfnc::channel_view<const std::int8_t> code_rows =
      lfnc::channels(lfnc::as_view(std::as_const(kept.codes), {rows, view.row_size()}), 0);
  lfnc::dequantize_weights(lfnc::cpu{}, code_rows, codebook,
                           std::span<const lfnc::row_fit>(result.rows), view);
  codes = std::move(kept);
  return report;
}

}  // namespace

std::vector<std::size_t> weight_layers(const network& net) {
  std::vector<std::size_t> found;
  for (std::size_t k = 0; k < net.layers.size(); ++k) {
    const operation& op = net.layers[k].op;
    if (std::holds_alternative<convolution>(op) || std::holds_alternative<inner_product>(op)) {
      found.push_back(k);
    }
  }
  return found;
}

std::vector<weight_report> quantize_weights(network& net, const settings& how) {
  for (const std::string& name : {how.weights, how.first_and_last}) {
    with_codebook(name, [](const auto&) {});
  }
  const std::vector<std::size_t> layers = weight_layers(net);
  progress shown("weights", layers.size());
  std::vector<weight_report> reports;
  for (const std::size_t index : layers) {
    layer& at = net.layers[index];
    const bool edge = index == layers.front() || index == layers.back();
    const auto quantize_one = [&](auto& op) {
      with_codebook(edge ? how.first_and_last : how.weights, [&](const auto& codebook) {
        reports.push_back(quantize(op.weight, op.codes, codebook, how));
      });
    };
    try {
      if (auto* conv = std::get_if<convolution>(&at.op)) quantize_one(*conv);
      if (auto* product = std::get_if<inner_product>(&at.op)) quantize_one(*product);
    } catch (const lfnc::error& problem) {
      throw std::runtime_error("layer '" + at.name + "': " + problem.what());
    }
    reports.back().layer = at.name;
    shown.step();
  }
  return reports;
}

}  // namespace compress
