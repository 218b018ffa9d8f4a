// Accuracy of a network of lfnc-compress.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "../support/evaluate.hpp"
#include "engine/engine.hpp"

namespace compress {

// support::evaluate with the engine's forward passes, which refuse images that do not fit the
// network's input (std::invalid_argument).
inline support::accuracy evaluate(
    engine& network, const support::labelled_images& set, std::size_t batch,
    const std::function<void(std::size_t)>& step = [](std::size_t) {}) {
  const auto scores = [&network](tensor images) {
    const blob output = network.forward(std::move(images));
    return std::vector<float>(output.values().begin(), output.values().end());
  };
  return support::evaluate(scores, set, batch, step);
}

}  // namespace compress
