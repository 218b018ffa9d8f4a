// Moments of what goes into each batch-norm layer.
#pragma once

#include <functional>
#include <lfnc/moments.hpp>
#include <vector>

#include "../engine/engine.hpp"
#include "../images/image_set.hpp"
#include "device.hpp"

namespace compress {

// Indices of the batch-norm layers, in order.
std::vector<std::size_t> norm_layers(const network& net);

// The moments of one batch-norm layer's input, one entry a channel.
using layer_moments = std::vector<lfnc::channel_moments>;

// One pass over the first `count` images through the network as it is: the moments of every
// batch-norm layer's input, in the order of norm_layers, taken on `where`. Throws
// std::runtime_error naming the layer whose input is not finite.
std::vector<layer_moments> measure_all(engine& net, const image_set& images, std::size_t count,
                                       std::size_t batch, device& where);

// The same layer after layer: update(k, moments) is called with those of the k-th batch-norm layer
// before anything behind it has run, and may change the layer, after which the images go on from
// there. Batches wait between two layers in at most `memory` bytes; where they do not fit, they are
// computed again from the last place where they did. The moments are the same whatever `memory` is.
// Throws as measure_all does.
void measure_in_turn(engine& net, const image_set& images, std::size_t count, std::size_t batch,
                     std::size_t memory, device& where,
                     const std::function<void(std::size_t, const layer_moments&)>& update);

}  // namespace compress
