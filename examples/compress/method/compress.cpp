#include "compress.hpp"

#include <stdexcept>
#include <string>

#include "../shapes.hpp"
#include "calibrate.hpp"
#include "measure.hpp"
#include "progress.hpp"
#include "quantize_weights.hpp"
#include "renormalize.hpp"

namespace compress {

namespace {

void check_count(std::size_t wanted, std::size_t there, const char* step) {
  if (wanted >= 1 && wanted <= there) return;
  throw std::invalid_argument(std::string(step) + " with " + std::to_string(wanted) +
                              " calibration images where there are " + std::to_string(there));
}

void check_size(const image_set& images, const network& net, const char* what) {
  if (images.dims() == net.input_dims) return;
  throw std::invalid_argument(std::string("the ") + what + " images are " +
                              to_string(images.dims()) + ", network '" + net.name + "' takes " +
                              to_string(net.input_dims));
}

// Everything that can be known to fail before any work.
void check(const network& net, const image_set& calibration, const labelled_images* labelled,
           const settings& how) {
  if (weight_layers(net).empty()) {
    throw std::invalid_argument("network '" + net.name +
                                "' has no convolution or inner product to compress");
  }
  if (how.batch == 0) throw std::invalid_argument("batches of 0 images");
  check_size(calibration, net, "calibration");
  if (labelled != nullptr) check_size(labelled->images, net, "labelled");
  if (how.renormalize != renormalization::none) {
    check_count(how.images, calibration.size(), "re-normalization");
  }
  if (how.quantize_activations) {
    check_count(how.activation_images, calibration.size(), "calibration of activations");
  }
}

accuracy measure(engine& running, const labelled_images& labelled, std::size_t batch,
                 const char* what) {
  progress shown(std::string("accuracy, ") + what, labelled.images.size());
  return evaluate(running, labelled, batch, [&](std::size_t count) { shown.step(count); });
}

}  // namespace

compression compress_network(const network& original, const image_set& calibration,
                             const labelled_images* labelled, const settings& how) {
  check(original, calibration, labelled, how);
  compression result;
  result.net = original;
  const bool renormalizing =
      how.renormalize != renormalization::none && !norm_layers(original).empty();
  const auto accuracy_of = [&](engine& running, const char* what,
                               bool is_result) -> std::optional<accuracy> {
    if (labelled == nullptr || !(is_result || how.measure_steps)) return std::nullopt;
    return measure(running, *labelled, how.batch, what);
  };

  result.weights = quantize_weights(result.net, how);

  std::vector<layer_moments> moments;
  {
    engine trained(original);
    result.original = accuracy_of(trained, "float", false);
    if (renormalizing && how.renormalize == renormalization::anchored) {
      moments = measure_all(trained, calibration, how.images, how.batch, *how.where);
    }
  }

  engine running(result.net);
  result.direct =
      accuracy_of(running, "weights quantized", !renormalizing && !how.quantize_activations);
  if (renormalizing) {
    result.norms = renormalize(result.net, running, calibration, original, moments, how);
    result.renormalized =
        accuracy_of(running, "batch norm re-normalized", !how.quantize_activations);
  }
  if (how.quantize_activations) {
    result.activations = calibrate(result.net, running, calibration, how);
    // Rounded activations move the statistics once more, by less than the weights did.
    if (renormalizing && how.renormalize_again) {
      result.norms = renormalize(result.net, running, calibration, original, moments, how);
    }
    result.complete = accuracy_of(running, "activations quantized", true);
  }
  return result;
}

}  // namespace compress
