#include "test_images.hpp"

#include <atomic>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <random>
#include <stdexcept>

namespace compress::test {

namespace {

std::filesystem::path fresh_folder() {
  static std::atomic<int> count{0};
  const std::string name =
      "lfnc-images-" + std::to_string(std::random_device{}()) + "-" + std::to_string(count++);
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / name;
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace

temporary_folder::temporary_folder() : path(fresh_folder()) {}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

std::filesystem::path temporary_folder::write(const std::string& name,
                                              const std::string& content) const {
  std::filesystem::create_directories((path / name).parent_path());
  std::ofstream(path / name, std::ios::binary) << content;
  return path / name;
}

std::filesystem::path temporary_folder::draw(const std::string& name, int height, int width,
                                             const painter& paint) const {
  cv::Mat image(height, width, CV_8UC3);
  for (int i = 0; i < height; ++i) {
    for (int j = 0; j < width; ++j) {
      image.at<cv::Vec3b>(i, j) = {paint(2, i, j), paint(1, i, j), paint(0, i, j)};
    }
  }
  if (!cv::imwrite((path / name).string(), image)) throw std::runtime_error("cannot write " + name);
  return path / name;
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace compress::test
