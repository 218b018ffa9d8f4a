// Folders, label lists and image files, good and bad.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "../../examples/support/image_set.hpp"
#include "../../examples/support/list_images.hpp"
#include "../../examples/support/load_image.hpp"
#include "image_folder.hpp"

using namespace support;

namespace {

const auto gray = [](int, int, int) { return std::uint8_t{128}; };
const auto waves = [](int channel, int row, int column) {
  return static_cast<std::uint8_t>(17 * row + 5 * column + 60 * channel);
};

template <class Call>
void check_fails(const Call& call, const std::filesystem::path& named, const char* reason) {
  CHECK_THROWS_WITH_AS(call(), doctest::Contains(named.string().c_str()), std::runtime_error);
  CHECK_THROWS_WITH_AS(call(), doctest::Contains(reason), std::runtime_error);
}

}  // namespace

TEST_CASE("a folder's images, sorted, by extension in any case, nothing else") {
  const image_folder folder;
  for (const char* name : {"b.JPG", "a.png", "c.jpeg", "labels.txt", "d", "inner/e.png"}) {
    folder.write(name, "");
  }
  const std::vector<std::filesystem::path> expected = {folder.path / "a.png", folder.path / "b.JPG",
                                                       folder.path / "c.jpeg"};
  CHECK(list_images(folder.path) == expected);
}

TEST_CASE("a folder that is missing, a file, or without images") {
  const image_folder folder;
  const auto file = folder.write("labels.txt", "");
  check_fails([&] { list_images(folder.path); }, folder.path, "no images");
  check_fails([&] { list_images(folder.path / "none"); }, folder.path / "none", "no such folder");
  check_fails([&] { list_images(file); }, file, "no such folder");
}

TEST_CASE("labels") {
  const image_folder folder;
  const auto list = folder.write("labels.txt", "a.png 3\r\nwith blank.png\t0\nin/c.png  999");
  const std::vector<labelled_file> read = read_labels(list);
  REQUIRE(read.size() == 3);
  CHECK(read[0].file == folder.path / "a.png");
  CHECK(read[0].label == 3);
  CHECK(read[1].file == folder.path / "with blank.png");
  CHECK(read[1].label == 0);
  CHECK(read[2].file == folder.path / "in/c.png");
  CHECK(read[2].label == 999);
  // labels.txt of a folder.
  const std::vector<labelled_file> of_folder = read_labels(folder.path);
  REQUIRE(of_folder.size() == 3);
  CHECK(of_folder[2].file == folder.path / "in/c.png");
}

TEST_CASE("malformed labels") {
  const image_folder folder;
  for (const char* line : {"a.png", "a.png x", "a.png 1x", "a.png -1", "a.png 1.5", "", " 7",
                           "a.png 99999999999999999999", "a.png "}) {
    CAPTURE(line);
    const auto list = folder.write("labels.txt", std::string("a.png 0\n") + line + "\nb.png 1\n");
    check_fails([&] { read_labels(list); }, list, "line 2");
  }
  check_fails([&] { read_labels(folder.path / "none.txt"); }, folder.path / "none.txt",
              "cannot be opened");
  const image_folder without;
  check_fails([&] { read_labels(without.path); }, without.path, "cannot be opened");
  const auto empty = folder.write("empty.txt", "");
  check_fails([&] { read_labels(empty); }, empty, "is empty");
}

TEST_CASE("image files that are missing, empty, no images, or cut off") {
  const image_folder folder;
  const preprocessing steps;
  const auto load = [&](const std::filesystem::path& file) {
    return [&steps, file] { load_image(file, steps); };
  };
  check_fails(load(folder.path / "none.png"), folder.path / "none.png", "no such file");
  check_fails(load(folder.path), folder.path, "no such file");
  const auto empty = folder.write("empty.jpg", "");
  check_fails(load(empty), empty, "is empty");
  const auto text = folder.write("text.jpg", "not an image at all");
  check_fails(load(text), text, "no image");
  for (const char* name : {"whole.jpg", "whole.png"}) {
    CAPTURE(name);
    const std::string bytes = content_of(folder.draw(name, 40, 50, waves));
    CHECK_NOTHROW(load_image(folder.path / name, steps));
    for (const std::size_t kept : {std::size_t{2}, std::size_t{30}, bytes.size() / 2,
                                   bytes.size() * 9 / 10, bytes.size() - 12}) {
      CAPTURE(kept);
      const auto cut = folder.write(std::string("cut-") + name, bytes.substr(0, kept));
      check_fails(load(cut), cut, "is ");
    }
  }
}

TEST_CASE("images too small for the crop, or of different sizes") {
  const image_folder folder;
  const auto small = folder.draw("small.png", 20, 31, gray);
  const auto large = folder.draw("large.png", 40, 50, gray);
  preprocessing steps;
  steps.crop_height = 21;
  steps.crop_width = 21;
  check_fails([&] { load_image(small, steps); }, small, "20 by 31, too small for a crop of 21");
  check_fails([&] { image_set({large, small}, steps); }, small, "too small");
  CHECK_NOTHROW(image_set({large, large}, steps));
  check_fails([&] { image_set({large, small}, {}); }, small,
              "is 20 by 31, the others are 40 by 50");
  CHECK_THROWS_AS(image_set({}, {}), std::runtime_error);
}

TEST_CASE("of several bad images the first is named") {
  const image_folder folder;
  std::vector<std::filesystem::path> files(60, folder.draw("good.png", 8, 8, gray));
  for (const std::size_t bad : {17U, 18U, 44U}) {
    files[bad] = folder.path / ("missing-" + std::to_string(bad) + ".png");
  }
  for (int trial = 0; trial < 20; ++trial) {
    check_fails([&] { image_set(files, {}); }, files[17], "no such file");
  }
}
