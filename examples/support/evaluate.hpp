// Accuracy of a network on labelled images.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "image_set.hpp"
#include "tensor.hpp"

namespace support {

struct accuracy {
  double top1 = 0, top5 = 0;              // percent
  std::vector<std::int64_t> predictions;  // the class of greatest score, one per image
};

// What a network makes of a batch (N, C, H, W): the scores of image 0, then those of image 1 and so
// on, as many for each.
using scores_of = std::function<std::vector<float>(tensor batch)>;

// Runs all images in batches of at most that many. Of equal scores the lower class comes first.
// Throws std::invalid_argument where the batch is 0, and std::runtime_error naming the image whose
// class the network does not have (after the first batch), or with a score that is not finite; what
// `network` throws passes through. step(count) is called after every batch of that many images.
accuracy evaluate(
    const scores_of& network, const labelled_images& set, std::size_t batch,
    const std::function<void(std::size_t)>& step = [](std::size_t) {});

}  // namespace support
