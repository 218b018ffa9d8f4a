// Which values of a network are quantized.
#pragma once

#include <cstddef>
#include <vector>

#include "../network.hpp"

namespace compress {

struct activation_point {
  std::size_t value = 0;
  bool is_signed = false;
};

// The values that can be quantized, in the order they are produced: the outputs of ReLU and
// clipping from 0 (unsigned); signed, those of LeakyReLU, PReLU and other clipping, and whatever
// else a convolution or inner product reads that is neither one of these (be it through pooling,
// reshaping, concatenation, slicing or padding) nor the image itself. Values that nothing reads are
// left out.
std::vector<activation_point> activation_points(const network& net);

}  // namespace compress
