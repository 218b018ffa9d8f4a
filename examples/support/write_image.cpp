#include "write_image.hpp"

#include <cstddef>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>
#include <string>

namespace support {

void write_image(const std::filesystem::path& file, std::span<const std::uint8_t> rgb, int height,
                 int width) {
  cv::Mat bgr(height, width, CV_8UC3);  // the order of channels that imwrite expects
  std::size_t at = 0;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x, at += 3) {
      bgr.at<cv::Vec3b>(y, x) = {rgb[at + 2], rgb[at + 1], rgb[at]};
    }
  }
  bool written = false;
  try {
    written = cv::imwrite(file.string(), bgr);
  } catch (const cv::Exception& problem) {
    throw std::runtime_error(file.string() + ": cannot be written: " + problem.what());
  }
  if (!written) throw std::runtime_error(file.string() + ": cannot be written");
}

}  // namespace support
