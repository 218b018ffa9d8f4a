// Accuracy of a network on labelled images.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "../engine/engine.hpp"
#include "image_set.hpp"

namespace compress {

struct accuracy {
  double top1 = 0, top5 = 0;              // percent
  std::vector<std::int64_t> predictions;  // the class of greatest score, one per image
};

// Runs all images in batches of at most that many. Scores are the network's output of one image,
// flattened; of equal scores the lower class comes first. Throws std::invalid_argument where the
// batch is 0 or the images do not fit the network's input, and std::runtime_error naming the image
// whose class the network does not have (before any is run), or with a score that is not finite.
// step(count) is called after every batch of that many images.
accuracy evaluate(
    engine& network, const labelled_images& set, std::size_t batch,
    const std::function<void(std::size_t)>& step = [](std::size_t) {});

}  // namespace compress
