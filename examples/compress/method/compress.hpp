// The whole method on one network.
#pragma once

#include <lfnc/compress/report.hpp>
#include <optional>

#include "../../support/evaluate.hpp"
#include "../../support/image_set.hpp"
#include "../network.hpp"
#include "settings.hpp"

namespace compress {

// Accuracies are there where labelled images were given and the step was taken; without
// settings::measure_steps only that of the last step.
struct compression {
  network net;
  lfnc::compress_report report;
  std::optional<support::accuracy> original;  // the float network
  std::optional<support::accuracy> direct;    // quantized weights, trained statistics
  std::optional<support::accuracy> renormalized;
  std::optional<support::accuracy> complete;  // with quantized activations
};

// Compresses `net`: weights, then batch norm, then activations, as `how` says. calibration are
// the unlabelled images, of which the first how.images and how.activation_images are used;
// labelled, where not null, only measures. Throws std::invalid_argument before any work where there
// are fewer images or none are to be used, images do not have the size that the network takes, or
// it has nothing to quantize, and what lfnc::compress throws.
compression compress_network(network net, const support::image_set& calibration,
                             const support::labelled_images* labelled, const settings& how);

}  // namespace compress
