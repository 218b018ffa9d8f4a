#include "write_folder.hpp"

#include <fstream>
#include <iomanip>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

namespace drawn {
namespace {

namespace fs = std::filesystem;

std::string file_name(std::uint64_t index) {
  std::ostringstream name;
  name << std::setw(6) << std::setfill('0') << index << ".png";
  return name.str();
}

void write_png(const picture& drawing, const fs::path& file) {
  constexpr int extent = static_cast<int>(side);
  cv::Mat bgr(extent, extent, CV_8UC3);  // the order of channels that imwrite expects
  for (int y = 0; y < extent; ++y)
    for (int x = 0; x < extent; ++x) {
      const std::size_t at = static_cast<std::size_t>(y * extent + x) * channels;
      bgr.at<cv::Vec3b>(y, x) = {drawing.rgb[at + 2], drawing.rgb[at + 1], drawing.rgb[at]};
    }
  bool written = false;
  try {
    written = cv::imwrite(file.string(), bgr);
  } catch (const cv::Exception& e) {
    throw std::runtime_error(file.string() + ": cannot be written: " + e.what());
  }
  if (!written) throw std::runtime_error(file.string() + ": cannot be written");
}

void write_pictures(const fs::path& folder, const folder_options& options) {
  std::ostringstream labels;
  for (std::uint64_t i = 0; i < options.count; ++i) {
    const picture drawing = draw_picture(options.seed, options.which, i);
    write_png(drawing, folder / file_name(i));
    labels << file_name(i) << ' ' << drawing.label << '\n';
  }
  if (!options.labelled) return;
  const fs::path file = folder / "labels.txt";
  std::ofstream out(file);
  out << labels.str();
  out.close();
  if (!out) throw std::runtime_error(file.string() + ": cannot be written");
}

}  // namespace

void write_folder(const fs::path& folder, const folder_options& options) {
  constexpr std::uint64_t most = 1000000;
  if (options.count < 1 || options.count > most)
    throw std::invalid_argument("count is " + std::to_string(options.count) + ", must be 1 .. " +
                                std::to_string(most));
  const fs::path target = (folder / "").parent_path();  // without a trailing slash
  if (target.empty()) throw std::invalid_argument("the folder has no name");
  if (fs::exists(target) && !(fs::is_directory(target) && fs::is_empty(target)))
    throw std::invalid_argument(target.string() + ": exists and is not an empty folder");

  fs::path part = target;
  part += ".part";
  fs::remove_all(part);
  fs::create_directories(part);
  try {
    write_pictures(part, options);
    fs::rename(part, target);
  } catch (...) {
    std::error_code ignored;  // the first error is the one to report
    fs::remove_all(part, ignored);
    throw;
  }
}

}  // namespace drawn
