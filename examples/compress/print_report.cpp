#include "print_report.hpp"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <ostream>
#include <string>
#include <variant>

namespace compress {

namespace {

template <class... Values>
std::string format(const char* pattern, Values... values) {
  const int length = std::snprintf(nullptr, 0, pattern, values...);
  std::string text(static_cast<std::size_t>(length) + 1, '\0');
  std::snprintf(text.data(), text.size(), pattern, values...);
  text.pop_back();
  return text;
}

std::string bytes(std::int64_t count) {
  if (count < 10000) return std::to_string(count) + " B";
  if (count < 10000000) return format("%.1f kB", static_cast<double>(count) / 1e3);
  return format("%.2f MB", static_cast<double>(count) / 1e6);
}

// Everything but the quantized weights: biases, batch norm, scales.
std::int64_t other_bytes(const network& net) {
  std::size_t count = 0;
  for (const layer& at : net.layers) {
    if (const auto* conv = std::get_if<convolution>(&at.op)) count += conv->bias.size();
    if (const auto* product = std::get_if<inner_product>(&at.op)) count += product->bias.size();
    if (const auto* norm = std::get_if<batch_norm>(&at.op)) {
      count += norm->mean.size() + norm->variance.size() + norm->gamma.size() + norm->beta.size();
    }
    if (const auto* affine = std::get_if<scale>(&at.op)) {
      count += affine->weight.size() + affine->bias.size();
    }
    if (const auto* slopes = std::get_if<prelu>(&at.op)) count += slopes->slope.size();
  }
  return static_cast<std::int64_t>(count * sizeof(float));
}

std::string clipped(const std::string& text, std::size_t width) {
  return text.size() <= width ? text : text.substr(0, width - 3) + "...";
}

void print_weights(std::ostream& out, const compression& result) {
  out << format("%-28s %-24s %9s %10s %22s %10s %18s  %s\n", "layer", "codebook", "weights",
                "rel. error", "alpha", "saturated", "size", "packed as");
  for (const lfnc::weight_report& row : result.report.weights) {
    out << format("%-28s %-24s %9lld %10.2e %10.3e..%10.3e %8.2f %% %9s > %-7s %s\n",
                  clipped(row.layer, 28).c_str(), row.codebook.c_str(),
                  static_cast<long long>(row.weights), row.relative_error, row.least_alpha,
                  row.greatest_alpha, 100 * row.saturated, bytes(row.bytes_before).c_str(),
                  bytes(row.bytes_after).c_str(), std::string(lfnc::name_of(row.packing)).c_str());
  }
  out << '\n';
}

void print_norms(std::ostream& out, const settings& how, const compression& result) {
  if (how.renormalize == lfnc::renormalization::none) return;
  if (result.report.norms.empty()) {
    out << "no batch norm: nothing to re-normalize\n\n";
    return;
  }
  out << format("%-28s %24s %24s\n", "batch norm", "mean shift / deviation", "variance, new / old");
  for (const lfnc::norm_report& row : result.report.norms) {
    out << format("%-28s %24.4f %24.4f", clipped(row.layer, 28).c_str(), row.mean_shift,
                  row.variance_ratio);
    if (row.kept > 0) out << format("  %zu channels kept (no evidence)", row.kept);
    if (row.bounded > 0) out << format("  %zu channels at the bound", row.bounded);
    out << '\n';
  }
  out << '\n';
}

void print_activations(std::ostream& out, const compression& result) {
  if (result.report.activations.empty()) return;
  out << format("%-28s %12s %12s %12s %10s\n", "activation", "codes", "alpha", "largest",
                "saturated");
  for (const lfnc::activation_report& row : result.report.activations) {
    const std::string codes = std::to_string(row.low) + ".." + std::to_string(row.high);
    out << format("%-28s %12s %12.4e %12.4e %8.4f %%\n", clipped(row.layer, 28).c_str(),
                  codes.c_str(), row.alpha, row.largest, 100 * row.saturated);
  }
  out << '\n';
}

void print_accuracy(std::ostream& out, const char* what,
                    const std::optional<support::accuracy>& measured) {
  if (!measured) return;
  out << format("%-44s %8.2f %% %8.2f %%\n", what, measured->top1, measured->top5);
}

}  // namespace

void print_report(std::ostream& out, const settings& how, const compression& result) {
  print_weights(out, result);
  print_norms(out, how, result);
  print_activations(out, result);

  if (result.original || result.direct || result.renormalized || result.complete) {
    out << format("%-44s %10s %10s\n", "accuracy", "top-1", "top-5");
    print_accuracy(out, "float", result.original);
    print_accuracy(out, "weights quantized", result.direct);
    print_accuracy(out, format("batch norm re-normalized, %zu images", how.images).c_str(),
                   result.renormalized);
    print_accuracy(out, format("activations quantized, %zu images", how.activation_images).c_str(),
                   result.complete);
    out << '\n';
  }

  const std::int64_t rest = other_bytes(result.net);
  const lfnc::weight_totals sums = lfnc::total(result.report);
  const std::int64_t before = rest + sums.bytes_before;
  const std::int64_t after = rest + sums.bytes_after;
  out << "size: " << bytes(before) << " of float parameters, " << bytes(after)
      << " with packed codes ("
      << format("%.2f", static_cast<double>(before) / static_cast<double>(after))
      << " times smaller)\n";
}

void print_written(std::ostream& out, const model_paths& paths) {
  std::uintmax_t size = 0;
  out << "written:";
  for (const std::filesystem::path& path : paths) {
    out << ' ' << path.string();
    size += std::filesystem::file_size(path);
  }
  out << "\nsize written: " << bytes(static_cast<std::int64_t>(size)) << std::endl;
}

}  // namespace compress
