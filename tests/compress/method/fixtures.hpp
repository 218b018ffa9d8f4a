// A small network and images for the tests of the method.
#pragma once

#include <string>

#include "../../../examples/compress/method/compress.hpp"
#include "../../../examples/support/image_set.hpp"
#include "../engine/builder.hpp"

namespace compress::test {

// Three convolutions with batch norm and ReLU, the second one around which the values go straight
// to a sum, then the mean of each plane and an inner product with four classes. Takes (3, 12, 12).
inline network residual_network() {
  generator random(7);
  builder build({3, 12, 12});
  build.then(random_convolution(random, 3, 8, square(3, 1, 1)));
  build.then(random_batch_norm(random, 8, true, true));
  const std::size_t skipped = build.then(relu{});
  build.then(random_convolution(random, 8, 8, square(3, 1, 1)));
  const std::size_t branch = build.then(random_batch_norm(random, 8, true, true));
  build.add(eltwise{}, {branch, skipped});
  build.then(relu{});
  build.then(random_convolution(random, 8, 12, square(3, 2, 1)));
  build.then(random_batch_norm(random, 12, true, true));
  build.then(relu{});
  pool mean;
  mean.what = pool::kind::average;
  mean.global = true;
  build.then(mean);
  build.then(reshape{{0, -1}});
  build.then(random_inner_product(random, 12, 4, true));
  build.net.name = "residual";
  return build.net;
}

// `count` images of random pixels, with classes 0..3 in turn.
support::labelled_images random_images(std::size_t count, int side = 12);

// Such that a handful of images do.
inline settings quick_settings(std::size_t images) {
  settings how;
  how.images = how.activation_images = images;
  how.batch = 4;
  return how;
}

}  // namespace compress::test
