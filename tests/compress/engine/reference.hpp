// The operations of network.hpp by definition: plain loops in double precision over row-major
// tensors. Slow, and written without a look at the engine.
#pragma once

#include <vector>

#include "../../../examples/compress/network.hpp"

namespace compress::test {

struct exact {
  shape dims;
  std::vector<double> values;
};

exact widen(const tensor& from);

// All values of the network for one batch, by index.
std::vector<exact> reference_values(const network& net, const tensor& images);

}  // namespace compress::test
