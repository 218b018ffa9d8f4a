// Accuracy of a network on labelled images.
#pragma once

#include <vector>

#include "images.hpp"
#include "network.hpp"

namespace dnn_adapter {

struct accuracy {
  double top1 = 0, top5 = 0;  // percent
};

// By the network's forward(). Throws std::runtime_error for a class that the network does not have.
accuracy evaluate(network& net, const images& set, const std::vector<int>& labels);

}  // namespace dnn_adapter
