// What training would have fitted to the images, in a network that was never trained.
#pragma once

#include "network.hpp"

namespace paper {

// Gives each batch norm the mean and variance that its inputs have on these images (N, C, H, W),
// layer after layer, so that values keep their range however deep the network is; and moves the
// scores of the last inner product to mean 0, so that no class is everybody's. Throws
// std::invalid_argument where the images do not fit the network.
void set_statistics(compress::network& net, compress::tensor images);

}  // namespace paper
