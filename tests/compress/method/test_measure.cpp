#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>

#include "../../../examples/compress/method/measure.hpp"
#include "fixtures.hpp"

using namespace compress;
using namespace compress::test;

namespace {

// Measures layer after layer, setting each one to what was measured.
std::vector<layer_moments> measured_in_turn(const image_set& images, std::size_t memory) {
  network net = residual_network();
  engine running(net);
  const std::vector<std::size_t> norms = norm_layers(net);
  std::vector<layer_moments> seen;
  measure_in_turn(running, images, images.size(), 4, memory, *cpu_device(),
                  [&](std::size_t k, const layer_moments& moments) {
                    REQUIRE(k == seen.size());
                    seen.push_back(moments);
                    auto& norm = std::get<batch_norm>(net.layers[norms[k]].op);
                    for (std::size_t c = 0; c < norm.mean.size(); ++c) {
                      norm.mean[c] = static_cast<float>(moments[c].mean());
                      norm.variance[c] = static_cast<float>(moments[c].variance());
                    }
                    running.refresh(norms[k]);
                  });
  return seen;
}

}  // namespace

TEST_CASE("batch-norm layers are found in order") {
  CHECK(norm_layers(residual_network()) == std::vector<std::size_t>{1, 4, 8});
}

TEST_CASE("moments in turn do not depend on the memory") {
  const image_set images = random_images(10).images;
  const auto expected = measured_in_turn(images, std::numeric_limits<std::size_t>::max());
  REQUIRE(expected.size() == 3);
  // An image takes 8 planes of 12 x 12 floats before the first layer, twice that before the second
  // (with the values that go round it), and 12 of 6 x 6 before the third.
  constexpr std::size_t plane = 12 * 12 * sizeof(float);
  for (const std::size_t memory :
       {std::size_t{0}, 10 * 3 * plane, 10 * 8 * plane, 10 * 16 * plane - 1, 10 * 16 * plane}) {
    CAPTURE(memory);
    CHECK(measured_in_turn(images, memory) == expected);
  }
}

TEST_CASE("moments in turn see the layers before as they have become") {
  const image_set images = random_images(10).images;
  const auto in_turn = measured_in_turn(images, 0);
  network net = residual_network();
  engine running(net);
  const auto at_once = measure_all(running, images, images.size(), 4, *cpu_device());
  CHECK(in_turn[0] == at_once[0]);
  CHECK_FALSE(in_turn[1] == at_once[1]);
  CHECK_FALSE(in_turn[2] == at_once[2]);
}

TEST_CASE("moments are those of the values") {
  const image_set images = random_images(6).images;
  network net = residual_network();
  engine running(net);
  const auto moments = measure_all(running, images, 5, 2, *cpu_device());
  REQUIRE(moments.size() == 3);
  batch_state state = running.start(images.batch(0, 5));
  running.run(state, 4);
  const blob seen = running.read(state, net.layers[4].inputs[0]);
  REQUIRE(seen.dims == shape{5, 8, 12, 12});
  for (std::size_t c = 0; c < 8; ++c) {
    double sum = 0;
    double squares = 0;
    for (std::size_t n = 0; n < 5; ++n) {
      for (std::size_t k = 0; k < 144; ++k) {
        const double x = seen.values()[(n * 8 + c) * 144 + k];
        sum += x;
        squares += x * x;
      }
    }
    const double mean = sum / 720;
    CHECK(moments[1][c].count == 720);
    CHECK(moments[1][c].mean() == doctest::Approx(mean).epsilon(1e-5));
    CHECK(moments[1][c].variance() == doctest::Approx(squares / 720 - mean * mean).epsilon(1e-5));
  }
}

TEST_CASE("values that are not finite are refused with the layer") {
  const image_set images = random_images(2).images;
  network net = residual_network();
  std::get<convolution>(net.layers[3].op).bias[5] = std::numeric_limits<float>::quiet_NaN();
  engine running(net);
  CHECK_THROWS_WITH_AS(measure_all(running, images, 2, 2, *cpu_device()),
                       doctest::Contains("layer 'layer 4'"), std::runtime_error);
}
