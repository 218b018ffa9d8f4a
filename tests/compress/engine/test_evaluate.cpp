// Accuracy by the engine's forward passes.
#include <doctest/doctest.h>

#include <stdexcept>
#include <vector>

#include "../../../examples/compress/evaluate.hpp"
#include "../../examples_support/image_folder.hpp"

using namespace compress;

namespace {

// Six scores: pixel k of a row of six in one gray plane.
network scores_of_pixels() {
  network net;
  net.name = "pixels";
  net.values = {{"input", {}}, {"scores", {}}};
  net.input_dims = {1, 1, 6};
  net.layers = {{"flatten", reshape{{0, -1}}, {0}, {1}, 0}};
  net.output = 1;
  return net;
}

support::labelled_images two_of(int height, const image_folder& folder) {
  const auto paint = [](int, int, int column) { return static_cast<std::uint8_t>(9 * column); };
  const auto file = folder.draw("a.png", height, 6, paint);
  support::preprocessing steps;
  steps.order = support::color_order::gray;
  return support::load_labelled({{file, 5}, {file, 0}}, steps);
}

}  // namespace

TEST_CASE("accuracy is of what the engine computes") {
  const image_folder folder;
  const network net = scores_of_pixels();
  engine run(net);
  const support::accuracy result = evaluate(run, two_of(1, folder), 1);
  CHECK(result.top1 == 50);
  CHECK(result.top5 == 50);
  CHECK(result.predictions == std::vector<std::int64_t>{5, 5});
}

TEST_CASE("images that do not fit the network are refused") {
  const image_folder folder;
  const network net = scores_of_pixels();
  engine run(net);
  CHECK_THROWS_AS(evaluate(run, two_of(2, folder), 1), std::invalid_argument);
}
