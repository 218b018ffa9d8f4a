// lfnc floor 5: compress/calibrate: step 3: activations on a grid of whole numbers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "../../calibrate.hpp"
#include "job.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// The share of values beyond an edge, to half a bin.
inline double share_beyond(const activation_histogram& counts, double edge, bool is_signed) {
  std::uint64_t beyond = 0;
  const auto add = [&](const histogram& side) {
    for (int bin = 0; bin < histogram::bins; ++bin) {
      if (side.count(bin) > 0 && side.center(bin) > edge) beyond += side.count(bin);
    }
  };
  add(counts.positive);
  if (is_signed) add(counts.negative);
  return static_cast<double>(beyond) / static_cast<double>(counts.total());
}

// Counts every point's values over the first options.activation_images images in the network as it
// is, fits alpha, and sets the adapter's quantizers; fills job.report.activations. No quantizer is
// set before all are known.
template <class Job>
void calibrate_all(Job& job) {
  std::vector<activation_histogram> counts(job.points.size());
  std::vector<std::size_t> place(job.layers.size());
  for (std::size_t k = 0; k < job.points.size(); ++k) place[job.points[k]] = k;
  feed_all(job, compress_stage::activations, job.options.activation_images, job.points,
           [&](std::size_t index, const auto& values) {
             job.verbs.accumulate_histogram(values, counts[place[index]]);
           });

  std::vector<activation_report> reports;
  for (std::size_t k = 0; k < job.points.size(); ++k) {
    const bool is_signed = job.layers[job.points[k]].is_signed;
    const int bits = job.options.activation_bits;
    activation_report report;
    report.layer = job.name(job.points[k]);
    report.high = is_signed ? (1 << (bits - 1)) - 1 : (1 << bits) - 1;
    report.low = is_signed ? -report.high : 0;
    in_layer(report.layer, [&] {
      report.alpha = calibrate(counts[k], report.low, report.high, job.options.calibration);
    });
    report.largest =
        std::max(counts[k].positive.largest(), is_signed ? counts[k].negative.largest() : 0.0);
    report.saturated = share_beyond(counts[k], report.alpha * (report.high + 0.5), is_signed);
    reports.push_back(report);
  }
  for (std::size_t k = 0; k < reports.size(); ++k) {
    job.adapter.set_quantizer(job.points[k], {reports[k].alpha, reports[k].low, reports[k].high,
                                              job.options.activation_scaling});
  }
  job.report.activations = std::move(reports);
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
