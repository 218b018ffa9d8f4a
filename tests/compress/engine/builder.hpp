// Builds small networks for tests.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "../../../examples/compress/network.hpp"

namespace compress::test {

using generator = std::mt19937_64;

// Independent normal numbers.
std::vector<float> random_values(generator& random, std::int64_t count);
tensor random_tensor(generator& random, const shape& dims);

// Parameters of random values.
convolution random_convolution(generator& random, std::int64_t in, std::int64_t out,
                               const window& area, std::int64_t groups = 1, bool bias = true);
inner_product random_inner_product(generator& random, std::int64_t in, std::int64_t out, bool bias);
batch_norm random_batch_norm(generator& random, std::int64_t count, bool gamma, bool beta);
scale random_scale(generator& random, std::int64_t count, bool bias);
window square(std::int64_t kernel, std::int64_t stride = 1, std::int64_t pad = 0);

class builder {
 public:
  explicit builder(const shape& input_dims);

  // Adds a layer "layer K" and returns the index of its last output.
  std::size_t add(operation op, const std::vector<std::size_t>& inputs, std::size_t outputs = 1);

  // A layer that reads the latest value.
  std::size_t then(operation op) { return add(std::move(op), {net.output}); }

  network net;
};

}  // namespace compress::test
