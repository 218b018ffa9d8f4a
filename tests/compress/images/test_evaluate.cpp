#include <doctest/doctest.h>

#include <string>

#include "../../../examples/compress/images/evaluate.hpp"
#include "test_images.hpp"

using namespace compress;
using namespace compress::test;

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

// Seven images: in image k, class (k + c) mod 6 has the score 10 (6 - c), so class k mod 6 wins.
labelled_images seven(const temporary_folder& folder, const std::vector<std::int64_t>& labels) {
  std::vector<labelled_file> list;
  for (int k = 0; k < 7; ++k) {
    const auto file =
        folder.draw("i" + std::to_string(k) + ".png", 1, 6, [k](int, int, int column) {
          return static_cast<std::uint8_t>(10 * (6 - (column - k + 12) % 6));
        });
    list.push_back({file, labels[static_cast<std::size_t>(k)]});
  }
  preprocessing steps;
  steps.order = color_order::gray;
  return load_labelled(list, steps);
}

}  // namespace

TEST_CASE("top-1, top-5 and predictions, whatever the batch") {
  const temporary_folder folder;
  const network net = scores_of_pixels();
  engine run(net);
  // Ranks of the labels: 0, 0, 1, 4, 5, 5, 0.
  const labelled_images set = seven(folder, {0, 1, 3, 1, 3, 4, 0});
  for (const std::size_t batch : {1U, 2U, 3U, 7U, 100U}) {
    const accuracy result = evaluate(run, set, batch);
    CHECK(result.top1 == doctest::Approx(100.0 * 3 / 7));
    CHECK(result.top5 == doctest::Approx(100.0 * 5 / 7));
    CHECK(result.predictions == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 0});
  }
  CHECK_THROWS_AS(evaluate(run, set, 0), std::invalid_argument);
}

TEST_CASE("of equal scores the lower class comes first") {
  const temporary_folder folder;
  const network net = scores_of_pixels();
  engine run(net);
  const auto flat = folder.draw("flat.png", 1, 6, [](int, int, int) { return std::uint8_t{9}; });
  preprocessing steps;
  steps.order = color_order::gray;
  const labelled_images set = load_labelled({{flat, 0}, {flat, 4}, {flat, 5}}, steps);
  const accuracy result = evaluate(run, set, 2);
  CHECK(result.top1 == doctest::Approx(100.0 / 3));
  CHECK(result.top5 == doctest::Approx(200.0 / 3));
  CHECK(result.predictions == std::vector<std::int64_t>{0, 0, 0});
}

TEST_CASE("a class that the network does not have names its image") {
  const temporary_folder folder;
  const network net = scores_of_pixels();
  engine run(net);
  const labelled_images set = seven(folder, {0, 1, 6, 1, 3, 4, 0});
  CHECK_THROWS_WITH_AS(evaluate(run, set, 2),
                       doctest::Contains("i2.png: class 6 of a network with 6"),
                       std::runtime_error);
}

TEST_CASE("a score that is not finite names its image") {
  const temporary_folder folder;
  network net = scores_of_pixels();
  net.values.push_back({"logarithm", {}});
  // (20 - x)^0.5 is no number for scores above 20.
  net.layers.push_back({"root", power{0.5F, -1, 20}, {1}, {2}, 0});
  net.output = 2;
  engine run(net);
  const labelled_images set = seven(folder, {0, 1, 2, 1, 3, 4, 0});
  CHECK_THROWS_WITH_AS(evaluate(run, set, 2), doctest::Contains("i0.png: the score of class 0"),
                       std::runtime_error);
}

TEST_CASE("images that do not fit the network") {
  const temporary_folder folder;
  const network net = scores_of_pixels();
  engine run(net);
  const auto file = folder.draw("a.png", 2, 6, [](int, int, int) { return std::uint8_t{9}; });
  preprocessing steps;
  steps.order = color_order::gray;
  CHECK_THROWS_AS(evaluate(run, load_labelled({{file, 0}}, steps), 1), std::invalid_argument);
}
