// lfnc floor 5: compress/report: what the whole method found out, layer by layer and in all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../packing.hpp"
#include "options.hpp"

namespace lfnc {

// One layer with weights.
struct weight_report {
  std::string layer;                            // the adapter's name of it
  std::string codebook;                         // name() of it
  std::int64_t weights = 0;                     // how many
  double squared_error = 0;                     // |W - alpha Q|^2
  double squared_norm = 0;                      // |W|^2
  double relative_error = 0;                    // the quotient; 0 for a layer of zeros
  double least_alpha = 0;                       // over the output channels
  double greatest_alpha = 0;                    // likewise
  double saturated = 0;                         // share of weights beyond the last level
  std::int64_t bytes_before = 0;                // of the weights as they were
  lfnc::packing packing = lfnc::packing::int8;  // the smallest layout for the codes
  std::int64_t bytes_after = 0;                 // what pack() makes of them, and a float a channel
};

// One batch-norm layer: how far re-normalization moved it, in units of what was trained.
struct norm_report {
  std::string layer;          // the adapter's name of it
  double mean_shift = 0;      // root mean square over channels of |new - old mean| / old deviation
  double variance_ratio = 1;  // geometric mean over channels of new / old variance
  std::size_t kept = 0;       // channels without evidence, whose trained variance stayed
  std::size_t bounded = 0;    // channels whose new variance is the bound (renormalize_options)
};

// One activation point.
struct activation_report {
  std::string layer;     // the adapter's name of it
  int low = 0;           // levels alpha * {low, ..., high}
  int high = 0;          // likewise
  double alpha = 0;      // the step between two levels
  double largest = 0;    // largest magnitude seen
  double saturated = 0;  // share of values beyond the last level by more than half a step
};

// What it took.
struct cost_report {
  std::uint64_t images = 0;     // fed, every time that one was
  std::size_t state_bytes = 0;  // kept between two layers, at the most
};

// All of it. Empty lists stand for steps that were not taken.
struct compress_report {
  std::vector<weight_report> weights;          // one a layer with weights
  std::vector<norm_report> norms;              // one a batch norm
  std::vector<activation_report> activations;  // one an activation point

  renormalization renormalized = renormalization::none;  // how it was done
  std::size_t images = 0;                                // that statistics were taken of
  std::size_t activation_images = 0;                     // that activations were counted of
  cost_report cost;                                      // of the run
};

// Sums over the layers with weights; relative_error is that of all of them as one.
struct weight_totals {
  std::int64_t weights = 0;       // how many
  double relative_error = 0;      // |W - alpha Q|^2 over |W|^2
  std::int64_t bytes_before = 0;  // of the weights as they were
  std::int64_t bytes_after = 0;   // of their codes, packed, and alpha
};

inline namespace LFNC_ABI {

// The sums of report.weights.
inline weight_totals total(const compress_report& report) {
  weight_totals sums;
  double error = 0;
  double norm = 0;
  for (const weight_report& layer : report.weights) {
    sums.weights += layer.weights;
    sums.bytes_before += layer.bytes_before;
    sums.bytes_after += layer.bytes_after;
    // Scaled, so that the sum of what double just holds does not leave its range.
    error += layer.squared_error * 0x1p-60;
    norm += layer.squared_norm * 0x1p-60;
  }
  sums.relative_error = norm > 0 ? error / norm : 0;
  return sums;
}

}  // namespace LFNC_ABI
}  // namespace lfnc
