// A run of the method over the small adapter, taken step by step, with verbs that cost little to
// compile: weights by the largest magnitude.
#pragma once

#include <lfnc/compress/steps/job.hpp>

#include <cmath>
#include <cstddef>
#include <span>

#include "small_adapter.hpp"

namespace small {

struct plain_verbs {
  lfnc::weight_quantization<std::int8_t> quantize_weights(
      const lfnc::channel_view<const float>& weights, const lfnc::codebook_choice&,
      const lfnc::fit_options&) const {
    lfnc::weight_quantization<std::int8_t> made;
    for (lfnc::index_t c = 0; c < weights.channels; ++c) {
      double largest = 0;
      for (lfnc::index_t k = 0; k < weights.row_size(); ++k) {
        largest = std::max(largest, std::abs(static_cast<double>(*weights.address(c, k))));
      }
      const double alpha = static_cast<double>(static_cast<float>(largest / 7));
      lfnc::row_fit fit{alpha, 0, 0};
      for (lfnc::index_t k = 0; k < weights.row_size(); ++k) {
        const auto w = static_cast<double>(*weights.address(c, k));
        const double code = std::floor(w / alpha + 0.5);
        made.codes.push_back(static_cast<std::int8_t>(code));
        fit.squared_error += (w - alpha * code) * (w - alpha * code);
      }
      made.rows.push_back(fit);
    }
    return made;
  }
  void dequantize_weights(std::span<const std::int8_t> codes, const lfnc::codebook_choice&,
                          std::span<const lfnc::row_fit> rows,
                          const lfnc::channel_view<float>& weights) const {
    for (lfnc::index_t i = 0; i < weights.size(); ++i) {
      const double alpha = rows[static_cast<std::size_t>(i / weights.row_size())].alpha;
      *weights.address(i) = static_cast<float>(alpha * codes[static_cast<std::size_t>(i)]);
    }
  }
  template <class Values>
  void accumulate_moments(const Values& batch, std::span<lfnc::channel_moments> moments) const {
    lfnc::accumulate_moments(lfnc::cpu{1}, lfnc::channels(batch, 1), moments);
  }
  template <class Values>
  void accumulate_histogram(const Values& batch, lfnc::activation_histogram& counts) const {
    lfnc::accumulate_histogram(lfnc::cpu{1}, batch, counts);
  }
};

// The adapter, its options and the job that knows both, at one place in memory.
template <class Adapter = stateful>
struct run {
  Adapter adapter;
  lfnc::compress_options options;
  plain_verbs verbs;
  lfnc::detail::compress_job<Adapter, plain_verbs> job{adapter, verbs, options};

  explicit run(std::size_t batch = 4) {
    options.images = 10;
    options.activation_images = 7;
    options.batch = batch;
    job.layers = adapter.layers();
    job.weights = {conv1, conv2, conv3, scores};
    job.norms = {norm1, norm2, norm3};
    job.points = {relu1, sum, relu3};
  }
  run(const run&) = delete;
  run& operator=(const run&) = delete;
};

}  // namespace small
