#include "renormalize.hpp"

#include <cmath>
#include <lfnc/quantize.hpp>

namespace compress {

namespace {

norm_report compare(const batch_norm& before, const batch_norm& after) {
  norm_report report;
  double squares = 0;
  double logs = 0;
  const std::size_t channels = before.mean.size();
  for (std::size_t c = 0; c < channels; ++c) {
    const double old_variance = static_cast<double>(before.variance[c]) + before.epsilon;
    const double new_variance = static_cast<double>(after.variance[c]) + after.epsilon;
    const double shift = static_cast<double>(after.mean[c]) - static_cast<double>(before.mean[c]);
    squares += shift * shift / old_variance;
    logs += std::log(new_variance / old_variance);
  }
  report.mean_shift = std::sqrt(squares / static_cast<double>(channels));
  report.variance_ratio = std::exp(logs / static_cast<double>(channels));
  return report;
}

}  // namespace

std::vector<norm_report> renormalize(network& net, engine& running, const image_set& images,
                                     const network& trained,
                                     const std::vector<layer_moments>& original,
                                     const settings& how) {
  const std::vector<std::size_t> norms = norm_layers(net);
  std::vector<norm_report> reports;
  measure_in_turn(running, images, how.images, how.batch, how.memory, *how.where,
                  [&](std::size_t k, const layer_moments& moments) {
                    layer& at = net.layers[norms[k]];
                    auto& norm = std::get<batch_norm>(at.op);
                    const auto& before = std::get<batch_norm>(trained.layers[norms[k]].op);
                    norm.mean = before.mean;
                    norm.variance = before.variance;
                    const std::span<float> mean(norm.mean);
                    const std::span<float> variance(norm.variance);
                    if (how.renormalize == renormalization::anchored) {
                      lfnc::renormalize_anchored<float>(moments, original[k], mean, variance);
                    } else {
                      lfnc::renormalize<float>(moments, mean, variance);
                    }
                    running.refresh(norms[k]);
                    reports.push_back(compare(before, norm));
                    reports.back().layer = at.name;
                  });
  return reports;
}

}  // namespace compress
