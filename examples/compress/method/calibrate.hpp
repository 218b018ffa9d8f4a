// Step 3: activations on a grid of whole numbers.
#pragma once

#include <vector>

#include "../engine/engine.hpp"
#include "../images/image_set.hpp"
#include "report.hpp"
#include "settings.hpp"

namespace compress {

struct activation_point {
  std::size_t value = 0;
  bool is_signed = false;
};

// The values that are quantized, in the order they are produced: the outputs of ReLU and clipping
// from 0 (unsigned), and where signed points are wanted those of LeakyReLU, PReLU and other
// clipping, and whatever else a convolution or inner product reads that is neither one of these (be
// it through pooling, reshaping, concatenation, slicing or padding) nor the image itself.
std::vector<activation_point> activation_points(const network& net, bool signed_points);

// Counts every point's values over the first how.activation_images images in the network as it is,
// fits alpha, and sets the quantizers in `net`, on which `running` runs. Throws
// std::invalid_argument for activation bits other than 2..8 and std::runtime_error naming the value
// that is not finite.
std::vector<activation_report> calibrate(network& net, engine& running, const image_set& images,
                                         const settings& how);

}  // namespace compress
