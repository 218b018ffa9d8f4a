#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../../examples/support/evaluate.hpp"
#include "image_folder.hpp"

using namespace support;

namespace {

// Six scores: the pixels of a row of six in one gray plane.
std::vector<float> pixels_of(tensor images) { return std::move(images.values); }

// Seven images: in image k, class (k + c) mod 6 has the score 10 (6 - c), so class k mod 6 wins.
labelled_images seven(const image_folder& folder, const std::vector<std::int64_t>& labels) {
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
  const image_folder folder;
  // Ranks of the labels: 0, 0, 1, 4, 5, 5, 0.
  const labelled_images set = seven(folder, {0, 1, 3, 1, 3, 4, 0});
  for (const std::size_t batch : {1U, 2U, 3U, 7U, 100U}) {
    const accuracy result = evaluate(pixels_of, set, batch);
    CHECK(result.top1 == doctest::Approx(100.0 * 3 / 7));
    CHECK(result.top5 == doctest::Approx(100.0 * 5 / 7));
    CHECK(result.predictions == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 0});
  }
  CHECK_THROWS_AS(evaluate(pixels_of, set, 0), std::invalid_argument);
}

TEST_CASE("of equal scores the lower class comes first") {
  const image_folder folder;
  const auto flat = folder.draw("flat.png", 1, 6, [](int, int, int) { return std::uint8_t{9}; });
  preprocessing steps;
  steps.order = color_order::gray;
  const labelled_images set = load_labelled({{flat, 0}, {flat, 4}, {flat, 5}}, steps);
  const accuracy result = evaluate(pixels_of, set, 2);
  CHECK(result.top1 == doctest::Approx(100.0 / 3));
  CHECK(result.top5 == doctest::Approx(200.0 / 3));
  CHECK(result.predictions == std::vector<std::int64_t>{0, 0, 0});
}

TEST_CASE("a class that the network does not have names its image") {
  const image_folder folder;
  const labelled_images set = seven(folder, {0, 1, 6, 1, 3, 4, 0});
  CHECK_THROWS_WITH_AS(evaluate(pixels_of, set, 2),
                       doctest::Contains("i2.png: class 6 of a network with 6"),
                       std::runtime_error);
}

TEST_CASE("a score that is not finite names its image") {
  const image_folder folder;
  // No number for scores above 20.
  const auto roots = [](tensor images) {
    for (float& x : images.values) x = std::sqrt(20 - x);
    return std::move(images.values);
  };
  const labelled_images set = seven(folder, {0, 1, 2, 1, 3, 4, 0});
  CHECK_THROWS_WITH_AS(evaluate(roots, set, 2), doctest::Contains("i0.png: the score of class 0"),
                       std::runtime_error);
}

TEST_CASE("what the network throws passes through, and steps are told") {
  const image_folder folder;
  const labelled_images set = seven(folder, {0, 1, 2, 3, 4, 5, 0});
  const auto refusing = [](const tensor& images) -> std::vector<float> {
    throw std::invalid_argument("no images of " + std::to_string(images.dims[3]) + " columns");
  };
  CHECK_THROWS_WITH_AS(evaluate(refusing, set, 1), "no images of 6 columns", std::invalid_argument);
  std::vector<std::size_t> steps;
  evaluate(pixels_of, set, 3, [&](std::size_t count) { steps.push_back(count); });
  CHECK(steps == std::vector<std::size_t>{3, 3, 1});
}
