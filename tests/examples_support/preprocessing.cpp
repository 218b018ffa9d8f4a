// Pixels from file to network input.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "../../examples/support/image_set.hpp"
#include "../../examples/support/load_image.hpp"
#include "image_folder.hpp"

using namespace support;

namespace {

std::uint8_t paint(int channel, int row, int column) {
  return static_cast<std::uint8_t>((80 * channel + 16 * row + column) % 256);
}

float at(const tensor& x, std::int64_t channel, std::int64_t row, std::int64_t column) {
  return x.values[static_cast<std::size_t>((channel * x.dims[1] + row) * x.dims[2] + column)];
}

}  // namespace

TEST_CASE("colour orders") {
  const image_folder folder;
  const auto file = folder.draw("a.png", 4, 5, paint);
  preprocessing steps;
  const tensor rgb = load_image(file, steps);
  CHECK(rgb.dims == shape{3, 4, 5});
  steps.order = color_order::bgr;
  const tensor bgr = load_image(file, steps);
  steps.order = color_order::gray;
  const tensor gray = load_image(file, steps);
  CHECK(gray.dims == shape{1, 4, 5});
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 5; ++j) {
      for (int c = 0; c < 3; ++c) {
        CHECK(at(rgb, c, i, j) == paint(c, i, j));
        CHECK(at(bgr, 2 - c, i, j) == paint(c, i, j));
      }
      // ITU-R BT.601 luma, within the decoder's rounding.
      const double luma = 0.299 * paint(0, i, j) + 0.587 * paint(1, i, j) + 0.114 * paint(2, i, j);
      CHECK(std::abs(static_cast<double>(at(gray, 0, i, j)) - luma) <= 1.5);
    }
  }
}

TEST_CASE("x = (p scale - mean) / std") {
  const image_folder folder;
  const auto file = folder.draw("a.png", 4, 5, paint);
  preprocessing steps;
  steps.scale = 1.0F / 255;
  steps.mean = {0.485F, 0.456F, 0.406F};
  steps.std = {0.229F, 0.224F, 0.225F};
  const tensor image = load_image(file, steps);
  for (int c = 0; c < 3; ++c) {
    const auto k = static_cast<std::size_t>(c);
    const double expected = (paint(c, 2, 3) / 255.0 - static_cast<double>(steps.mean[k])) /
                            static_cast<double>(steps.std[k]);
    CHECK(at(image, c, 2, 3) == doctest::Approx(expected).epsilon(1e-5));
  }
}

TEST_CASE("a mean image is subtracted pixel by pixel, in the network's order of colours") {
  const image_folder folder;
  const auto file = folder.draw("a.png", 4, 5, paint);
  preprocessing steps;
  steps.order = color_order::bgr;
  steps.std = {2, 4, 8};
  steps.mean_image.dims = {3, 4, 5};
  for (int k = 0; k < 60; ++k) steps.mean_image.values.push_back(static_cast<float>(k) / 4);
  const tensor image = load_image(file, steps);
  for (int c = 0; c < 3; ++c) {
    const auto mean = static_cast<float>((c * 4 + 1) * 5 + 2) / 4;
    CHECK(at(image, c, 1, 2) ==
          (static_cast<float>(paint(2 - c, 1, 2)) - mean) / static_cast<float>(2 << c));
  }
  steps.mean_image.dims = {3, 5, 4};
  CHECK_THROWS_WITH_AS(load_image(file, steps), doctest::Contains("5 by 4, the images are 4 by 5"),
                       std::invalid_argument);
  CHECK_THROWS_AS(image_set({file}, steps), std::invalid_argument);
}

TEST_CASE("the centre is cropped; an odd margin is smaller above and on the left") {
  const image_folder folder;
  const auto file = folder.draw("a.png", 9, 10, paint);
  preprocessing steps;
  steps.crop_height = 4;
  steps.crop_width = 7;
  const tensor image = load_image(file, steps);
  CHECK(image.dims == shape{3, 4, 7});
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 7; ++j) CHECK(at(image, 1, i, j) == paint(1, i + 2, j + 1));
  }
}

TEST_CASE("resizing the shorter side, or both") {
  const image_folder folder;
  const auto wide = folder.draw("wide.png", 20, 31, paint);
  const auto high = folder.draw("high.png", 31, 20, paint);
  preprocessing steps;
  steps.shorter_side = 10;
  CHECK(load_pixels(wide, steps).dims == shape{3, 10, 15});
  CHECK(load_pixels(high, steps).dims == shape{3, 15, 10});
  steps.shorter_side = 20;
  CHECK(load_pixels(wide, steps).values == load_pixels(wide, {}).values);
  steps.shorter_side = 40;
  CHECK(load_pixels(wide, steps).dims == shape{3, 40, 62});
  steps.crop_height = steps.crop_width = 40;
  CHECK(load_pixels(wide, steps).dims == shape{3, 40, 40});
  preprocessing exact;
  exact.height = 7;
  exact.width = 50;
  CHECK(load_pixels(wide, exact).dims == shape{3, 7, 50});
}

TEST_CASE("shrinking by a whole factor averages areas") {
  const image_folder folder;
  const auto file = folder.draw("a.png", 4, 4, [](int, int row, int column) {
    return static_cast<std::uint8_t>(40 * (row / 2) + 20 * (column / 2));
  });
  preprocessing steps;
  steps.height = steps.width = 2;
  steps.order = color_order::gray;
  CHECK(load_pixels(file, steps).values == std::vector<std::uint8_t>{0, 20, 40, 60});
}

TEST_CASE("batches of a set are its images one by one") {
  const image_folder folder;
  std::vector<std::filesystem::path> files;
  for (int k = 0; k < 11; ++k) {
    files.push_back(folder.draw("image-" + std::to_string(k) + ".png", 6, 5,
                                [k](int c, int i, int j) { return paint(c, i + k, j); }));
  }
  preprocessing steps;
  steps.mean = {1, 2, 3};
  steps.std = {3, 2, 1};
  const image_set set(files, steps);
  CHECK(set.size() == 11);
  CHECK(set.dims() == shape{3, 6, 5});
  const tensor batch = set.batch(4, 7);
  CHECK(batch.dims == shape{7, 3, 6, 5});
  std::vector<float> expected;
  for (std::size_t k = 4; k < 11; ++k) {
    const tensor image = load_image(files[k], steps);
    expected.insert(expected.end(), image.values.begin(), image.values.end());
  }
  CHECK(batch.values == expected);
  CHECK(set.bytes() == 11 * 90);
  CHECK(image_set(files, steps, 11 * 90).bytes() == 11 * 90);
  // Where they may not be kept they are decoded anew, with the same result.
  const image_set again(files, steps, 11 * 90 - 1);
  CHECK(again.bytes() == 0);
  CHECK(again.size() == 11);
  CHECK(again.batch(4, 7).values == expected);
  std::filesystem::remove(files[5]);
  CHECK_THROWS_WITH_AS(again.batch(4, 7), doctest::Contains("image-5.png"), std::runtime_error);
  CHECK(set.batch(4, 7).values == expected);
  CHECK_THROWS_AS(set.batch(4, 8), std::invalid_argument);
  CHECK_THROWS_AS(set.batch(12, 1), std::invalid_argument);
  CHECK_THROWS_AS(set.batch(0, 0), std::invalid_argument);
}

TEST_CASE("preprocessing that contradicts itself") {
  const auto refused = [](const std::function<void(preprocessing&)>& change, const char* reason) {
    preprocessing steps;
    change(steps);
    CHECK_THROWS_WITH_AS(check(steps), doctest::Contains(reason), std::invalid_argument);
  };
  CHECK_NOTHROW(check({}));
  refused([](auto& s) { s.shorter_side = -1; }, "shorter side -1");
  refused([](auto& s) { s.crop_height = 1 << 20; }, "crop height 1048576");
  refused([](auto& s) { s.height = 5; }, "resizing needs both");
  refused([](auto& s) { s.crop_width = 5; }, "cropping needs both");
  refused([](auto& s) { s.height = s.width = s.shorter_side = 5; }, "not both");
  refused([](auto& s) { s.scale = 0; }, "scale");
  refused([](auto& s) { s.scale = std::numeric_limits<float>::infinity(); }, "scale");
  refused([](auto& s) { s.mean = {1, 2}; }, "mean has 2 values for 3 channels");
  refused([](auto& s) { s.std = {1}; }, "std has 1 values for 3 channels");
  refused([](auto& s) { s.order = color_order::gray, s.std = {1, 1, 1}; }, "for 1 channels");
  refused([](auto& s) { s.std = {1, 0, 1}; }, "std of channel 1 is not positive");
  refused([](auto& s) { s.mean = {0, std::nanf(""), 0}; }, "mean value 1 is not finite");
  refused([](auto& s) { s.mean_image.dims = {3, 2}; }, "not of shape (3, height, width)");
  refused([](auto& s) { s.mean_image = {{3, 1, 1}, {1, 2}}; }, "not of shape");
  refused([](auto& s) { s.mean_image = {{3, 1, 1}, {1, 2, 3}}, s.mean = {1, 2, 3}; }, "not both");
}
