#include "load_image.hpp"

#include <algorithm>
#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "jpeg_end.hpp"

namespace support {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& reason) {
  throw std::runtime_error("image " + file.string() + ": " + reason);
}

std::vector<std::uint8_t> read_bytes(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) refuse(file, "no such file");
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  if (!stream) refuse(file, "cannot be opened");
  constexpr std::streamoff most = std::streamoff{1} << 30;
  const std::streamoff size = stream.tellg();
  if (size <= 0 || size > most) refuse(file, "is empty or over 1 GiB");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  stream.seekg(0);
  if (!stream.read(reinterpret_cast<char*>(bytes.data()), size)) refuse(file, "cannot be read");
  return bytes;
}

cv::Mat decode(const std::filesystem::path& file, color_order order) {
  const std::vector<std::uint8_t> bytes = read_bytes(file);
  if (is_cut_off_jpeg(bytes)) refuse(file, "is cut off");
  const int mode = order == color_order::gray ? cv::IMREAD_GRAYSCALE : cv::IMREAD_COLOR;
  cv::Mat image;
  try {
    image = cv::imdecode(bytes, mode | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& failure) {
    refuse(file, "cannot be decoded: " + failure.err);
  }
  if (image.empty()) refuse(file, "is no image that can be decoded");
  return image;
}

cv::Size resized(const cv::Size& from, const preprocessing& steps) {
  if (steps.height != 0) return {static_cast<int>(steps.width), static_cast<int>(steps.height)};
  const std::int64_t shorter = std::min(from.width, from.height);
  const auto scaled = [&](int side) {
    return static_cast<int>(steps.shorter_side * side / shorter);
  };
  return {scaled(from.width), scaled(from.height)};
}

cv::Mat resize(const std::filesystem::path& file, const cv::Mat& image,
               const preprocessing& steps) {
  if (steps.height == 0 && steps.shorter_side == 0) return image;
  const cv::Size to = resized(image.size(), steps);
  constexpr int most = 1 << 18;
  if (to.width > most || to.height > most) refuse(file, "is too oblong to be resized");
  if (to == image.size()) return image;
  const bool shrinks = to.width < image.cols || to.height < image.rows;
  cv::Mat out;
  cv::resize(image, out, to, 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  return out;
}

cv::Mat crop(const std::filesystem::path& file, const cv::Mat& image, const preprocessing& steps) {
  if (steps.crop_height == 0) return image;
  const auto height = static_cast<int>(steps.crop_height);
  const auto width = static_cast<int>(steps.crop_width);
  if (image.rows < height || image.cols < width) {
    refuse(file, "is " + std::to_string(image.rows) + " by " + std::to_string(image.cols) +
                     ", too small for a crop of " + std::to_string(height) + " by " +
                     std::to_string(width));
  }
  return image(cv::Rect((image.cols - width) / 2, (image.rows - height) / 2, width, height));
}

// From interleaved BGR, as OpenCV decodes, to planes in the network's order.
std::vector<std::uint8_t> planes(const cv::Mat& image, color_order order) {
  const auto count = static_cast<std::size_t>(image.channels());
  const std::size_t plane = image.total();
  std::vector<std::uint8_t> out(count * plane);
  std::vector<cv::Mat> targets;
  for (std::size_t channel = 0; channel < count; ++channel) {
    const std::size_t position = order == color_order::rgb ? count - 1 - channel : channel;
    targets.emplace_back(image.rows, image.cols, CV_8U, out.data() + position * plane);
  }
  cv::split(image, targets);
  return out;
}

}  // namespace

pixels load_pixels(const std::filesystem::path& file, const preprocessing& steps) {
  const cv::Mat image = crop(file, resize(file, decode(file, steps.order), steps), steps);
  return {{image.channels(), image.rows, image.cols}, planes(image, steps.order)};
}

tensor load_image(const std::filesystem::path& file, const preprocessing& steps) {
  check(steps);
  const pixels image = load_pixels(file, steps);
  tensor out{image.dims, std::vector<float>(image.values.size())};
  normalize(image.values, image.dims, steps, out.values);
  return out;
}

}  // namespace support
