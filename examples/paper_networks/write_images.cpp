#include "write_images.hpp"

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>
#include <string>

#include "draw_image.hpp"
#include "images/parallel.hpp"

namespace paper {
namespace {

void write_jpeg(const std::filesystem::path& file, const std::vector<std::uint8_t>& rgb, int side) {
  cv::Mat bgr(side, side, CV_8UC3);  // the order of channels that imwrite expects
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const std::size_t at = 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(side) +
                                  static_cast<std::size_t>(x));
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

}  // namespace

std::vector<std::filesystem::path> write_images(const std::filesystem::path& folder,
                                                std::size_t count, std::uint64_t seed,
                                                std::size_t side) {
  std::filesystem::create_directories(folder);
  std::vector<std::filesystem::path> files(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    files[i] =
        folder / (std::string(number.size() < 6 ? 6 - number.size() : 0, '0') + number + ".jpg");
  }
  compress::parallel_for(count, [&](std::size_t i) {
    write_jpeg(files[i], draw_image(seed, i, side), static_cast<int>(side));
  });
  return files;
}

}  // namespace paper
