#include "compress.hpp"

#include <stdexcept>
#include <string>

#include "calibrate.hpp"
#include "measure.hpp"
#include "progress.hpp"
#include "quantize_weights.hpp"
#include "renormalize.hpp"

namespace compress {

compression compress_network(const network& original, const image_set& calibration,
                             const labelled_images* labelled, const settings& how) {
  for (const std::size_t wanted : {how.images, how.activation_images}) {
    if (wanted == 0 || wanted > calibration.size()) {
      throw std::invalid_argument(std::to_string(wanted) + " images are to be used, there are " +
                                  std::to_string(calibration.size()));
    }
  }
  compression result;
  result.net = original;
  const auto accuracy_of = [&](engine& running) -> std::optional<accuracy> {
    if (labelled == nullptr) return std::nullopt;
    return evaluate(running, *labelled, how.batch);
  };

  result.weights = quantize_weights(result.net, how);

  const bool renormalizing =
      how.renormalize != renormalization::none && !norm_layers(original).empty();
  std::vector<layer_moments> moments;
  {
    engine trained(original);
    result.original = accuracy_of(trained);
    if (renormalizing && how.renormalize == renormalization::anchored) {
      moments = measure_all(trained, calibration, how.images, how.batch);
    }
  }

  engine running(result.net);
  result.direct = accuracy_of(running);
  if (renormalizing) {
    result.norms = renormalize(result.net, running, calibration, moments, how);
    result.renormalized = accuracy_of(running);
  }
  if (how.quantize_activations) {
    result.activations = calibrate(result.net, running, calibration, how);
    result.complete = accuracy_of(running);
  }
  return result;
}

}  // namespace compress
