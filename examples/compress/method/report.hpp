// What a compression run found out, layer by layer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace compress {

// One quantized layer.
struct weight_report {
  std::string layer;
  std::string codebook;
  std::int64_t weights = 0;
  double relative_error = 0;  // |W - alpha Q|^2 / |W|^2 of the whole layer
  double least_alpha = 0;
  double greatest_alpha = 0;
  double saturated = 0;  // share of weights beyond the last level
  std::int64_t bytes_before = 0;
  std::int64_t bytes_after = 0;  // packed codes and one float a channel
};

// One activation point.
struct activation_report {
  std::string value;
  int low = 0;
  int high = 0;
  double alpha = 0;
  double largest = 0;    // largest magnitude seen
  double saturated = 0;  // share of values beyond the last level
};

// One batch-norm layer: how far re-normalization moved it, in units of what was there.
struct norm_report {
  std::string layer;
  double mean_shift = 0;      // root mean square over channels of |new - old mean| / old deviation
  double variance_ratio = 1;  // geometric mean over channels of new / old variance
};

}  // namespace compress
