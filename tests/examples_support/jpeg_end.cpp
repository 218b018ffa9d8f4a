// JPEG files with something behind their end, inside their headers, or with their end missing.
#include "../../examples/support/jpeg_end.hpp"

#include <doctest/doctest.h>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "../../examples/support/load_image.hpp"
#include "image_folder.hpp"

using namespace support;

namespace {

std::string jpeg(int height, int width, const std::vector<int>& options = {}) {
  cv::Mat image(height, width, CV_8UC3);
  for (int i = 0; i < height; ++i) {
    for (int j = 0; j < width; ++j) {
      image.at<cv::Vec3b>(i, j) = {static_cast<std::uint8_t>(17 * i + 5 * j),
                                   static_cast<std::uint8_t>(3 * i * j),
                                   static_cast<std::uint8_t>(11 * j)};
    }
  }
  std::vector<std::uint8_t> bytes;
  cv::imencode(".jpg", image, bytes, options);
  return {bytes.begin(), bytes.end()};
}

bool is_cut_off(const std::string& bytes) {
  return is_cut_off_jpeg({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

// A marker segment: FF, code, length, content.
std::string segment(char code, const std::string& content) {
  const std::size_t length = content.size() + 2;
  return std::string{'\xFF', code, static_cast<char>(length / 256),
                     static_cast<char>(length % 256)} +
         content;
}

// With a segment behind the start of the image, where Exif data are.
std::string with_segment(const std::string& image, const std::string& added) {
  return image.substr(0, 2) + added + image.substr(2);
}

// Read as the image whose bytes they begin with; cut off wherever that is.
void check_reads_as(const std::string& bytes, const std::string& plain) {
  const image_folder folder;
  const auto read = [&](const std::string& content) {
    return load_pixels(folder.write("image.jpg", content), {});
  };
  CHECK_FALSE(is_cut_off(bytes));
  const pixels wanted = read(plain);
  const pixels found = read(bytes);
  CHECK(found.dims == wanted.dims);
  CHECK(found.values == wanted.values);
}

// However much of the end is missing.
void check_refuses_parts(const std::string& bytes) {
  for (std::size_t kept = 2; kept < bytes.size(); ++kept) {
    CAPTURE(kept);
    CHECK(is_cut_off(bytes.substr(0, kept)));
  }
  const image_folder folder;
  const auto cut = folder.write("part.jpg", bytes.substr(0, bytes.size() / 2));
  CHECK_THROWS_WITH_AS(load_pixels(cut, {}),
                       doctest::Contains((cut.string() + ": is cut off").c_str()),
                       std::runtime_error);
}

}  // namespace

TEST_CASE("every kind of JPEG file is read whole and refused in part") {
  const std::vector<std::vector<int>> kinds = {
      {}, {cv::IMWRITE_JPEG_PROGRESSIVE, 1}, {cv::IMWRITE_JPEG_RST_INTERVAL, 2}};
  for (const std::vector<int>& options : kinds) {
    CAPTURE(options.size());
    const std::string image = jpeg(40, 50, options);
    check_reads_as(image, image);
    check_refuses_parts(image);
  }
  // Restart markers are what the third kind is about.
  CHECK(jpeg(40, 50, kinds[2]).find("\xFF\xD1") != std::string::npos);
}

TEST_CASE("bytes behind the end of a JPEG file are passed over") {
  const std::string image = jpeg(40, 50);
  const std::string other = jpeg(24, 24);
  const std::vector<std::string> behind = {
      "film",
      std::string(5, '\0'),
      "\xFF",
      "\xFF\xDA",
      "mp4 \xFF\xDA and \xFF\xDA more",
      "\xFF\xD8",
      other,
      other.substr(0, other.size() / 2),
  };
  for (const std::string& bytes : behind) {
    CAPTURE(bytes.size());
    check_reads_as(image + bytes, image);
  }
}

TEST_CASE("a thumbnail or other segments say nothing about the end") {
  const std::string image = jpeg(40, 50);
  const std::string thumbnail = segment('\xE1', "Exif: " + jpeg(8, 8));
  const std::string comment = segment('\xFE', "\xFF\xD9 \xFF\xDA \xFF\xD9");
  for (const std::string& added : {thumbnail, comment, thumbnail + comment}) {
    const std::string with = with_segment(image, added);
    check_reads_as(with, image);
    check_reads_as(with + "film \xFF\xDA", image);
    check_refuses_parts(with);
  }
}

TEST_CASE("a marker may be written with more than one FF") {
  const std::string image = jpeg(40, 50);
  std::string padded = image.substr(0, image.size() - 2) + "\xFF\xFF\xFF\xD9";
  check_reads_as(padded, image);
  padded = with_segment(padded, "\xFF\xFF" + segment('\xFE', "comment"));
  check_reads_as(padded, image);
  check_refuses_parts(padded);
}

TEST_CASE("what is no JPEG file is left to the decoder") {
  for (const std::string& bytes :
       {std::string(), std::string("\xFF"), std::string("\x89PNG\r\n"), std::string("\xFF\xDA")}) {
    CHECK_FALSE(is_cut_off(bytes));
  }
}
