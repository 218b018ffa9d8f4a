// The networks that the paper reports on, with random weights.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "network.hpp"

namespace paper {

struct network_options {
  std::uint64_t seed = 1;
  // Height and width of the input, a multiple of 32 from 64 up.
  std::int64_t side = 224;
  // All numbers of channels and classes are divided by it: 1, 2, 4 or 8. Beyond 1 it is no network
  // of the paper, but one of its form that tests can afford.
  std::int64_t narrow = 1;
};

// "alexnet-bn", "resnet-18", "resnet-50", "vgg16-bn".
const std::vector<std::string>& network_names();

// Weights are normal with deviation sqrt(2 / fan-in) (He et al. 2015), and rows of one layer differ
// in scale as those of trained networks do; gamma is around 1, and smaller at the end of a residual
// branch; batch-norm statistics are 0 and 1 until set_statistics. Throws std::invalid_argument
// where the name or an option is none of the above.
compress::network build_network(const std::string& name, const network_options& options);

}  // namespace paper
