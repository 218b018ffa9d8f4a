// What a compressor changed in a network.
#pragma once

#include <cstddef>
#include <vector>

#include "../network.hpp"

namespace compress {

// Indices of what is not as it was read.
struct network_changes {
  std::vector<std::size_t> coded;      // layers with new codes
  std::vector<std::size_t> measured;   // batch_norm layers with another mean or variance
  std::vector<std::size_t> quantized;  // values with a quantizer
};

// Throws std::invalid_argument, naming the layer or value, where `changed` differs from `read` in
// anything else, where codes do not fit the weight or weight != alpha * codes, where statistics are
// not finite, and where a quantizer's alpha or codes are out of range.
network_changes find_changes(const network& read, const network& changed);

}  // namespace compress
