#include "../../examples/support/preprocessing_options.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

using namespace support;

namespace {

preprocessing parsed(const std::string& words,
                     const preprocessing_options::mean_file_reader& reader = {}) {
  CLI::App app;
  const preprocessing_options options(app, reader);
  app.parse(words);
  return options.steps();
}

void check_refused(const std::string& words, const char* reason) {
  CHECK_THROWS_WITH_AS(parsed(words), doctest::Contains(reason), CLI::ParseError);
}

}  // namespace

TEST_CASE("without options nothing is done to pixels") {
  const preprocessing steps = parsed("");
  CHECK(steps.shorter_side == 0);
  CHECK(steps.height == 0);
  CHECK(steps.crop_width == 0);
  CHECK(steps.scale == 1);
  CHECK(steps.mean.empty());
  CHECK(steps.std.empty());
  CHECK(steps.order == color_order::rgb);
  CHECK(steps.mean_image.dims.empty());
}

TEST_CASE("extents of one number, or of height and width") {
  const preprocessing both = parsed("--size 256 --crop 224x320");
  CHECK(both.height == 256);
  CHECK(both.width == 256);
  CHECK(both.crop_height == 224);
  CHECK(both.crop_width == 320);
  CHECK(parsed("--resize 100").shorter_side == 100);
  for (const char* extent : {"0", "a", "3x", "x3", "3x0", "1234567", "3.5"}) {
    CAPTURE(extent);
    check_refused(std::string("--size ") + extent, "--size");
    check_refused(std::string("--crop ") + extent, "is not an extent such as 224 or 224x320");
  }
  check_refused("--resize 0", "--resize");
}

TEST_CASE("one value stands for all channels") {
  const preprocessing steps = parsed("--mean 0.5 --std .2 .3 .4 --scale 0.25");
  CHECK(steps.mean == std::vector<float>{0.5F, 0.5F, 0.5F});
  CHECK(steps.std == std::vector<float>{0.2F, 0.3F, 0.4F});
  CHECK(steps.scale == 0.25F);
  CHECK(parsed("--color gray --mean 2").mean == std::vector<float>{2});
  CHECK(parsed("--color bgr").order == color_order::bgr);
  check_refused("--color cmyk", "--color");
}

TEST_CASE("a mean image is read where there is a reader") {
  const temporary_folder folder;
  const auto file = folder.write("mean.binaryproto", "mean");
  std::filesystem::path asked;
  const auto reader = [&](const std::filesystem::path& path) {
    asked = path;
    return tensor{{3, 1, 1}, {1, 2, 3}};
  };
  const preprocessing steps = parsed("--mean-file " + file.string(), reader);
  CHECK(asked == file);
  CHECK(steps.mean_image.values == std::vector<float>{1, 2, 3});
  check_refused("--mean-file " + file.string(), "--mean-file");
  const auto failing = [](const std::filesystem::path&) -> tensor {
    throw std::runtime_error("no mean image");
  };
  CHECK_THROWS_WITH_AS(parsed("--mean-file " + file.string(), failing), "no mean image",
                       std::runtime_error);
}
