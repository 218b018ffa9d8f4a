#include "preprocessing_options.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace support {

namespace {

constexpr const char* group = "Preprocessing: x = (pixel * scale - mean) / std";

// "224" or "224x320" as height and width.
void parse_extent(const std::string& text, const std::string& option, std::int64_t& height,
                  std::int64_t& width) {
  if (text.empty()) return;
  const std::size_t cross = text.find('x');
  const auto number = [&](const std::string& part) {
    const bool digits = !part.empty() && part.size() <= 6 &&
                        std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || std::stoll(part) == 0) {
      throw CLI::ValidationError(option, "'" + text + "' is not an extent such as 224 or 224x320");
    }
    return std::stoll(part);
  };
  height = number(text.substr(0, cross));
  width = cross == std::string::npos ? height : number(text.substr(cross + 1));
}

}  // namespace

preprocessing_options::preprocessing_options(CLI::App& app, mean_file_reader read_mean_file)
    : read_mean_file_(std::move(read_mean_file)) {
  app.add_option("--resize", steps_.shorter_side,
                 "Scale the shorter side of every image to this many pixels")
      ->group(group)
      ->check(CLI::Range(1, 65535));
  app.add_option("--size", size_, "Scale every image to exactly N or HxW")->group(group);
  app.add_option("--crop", crop_, "Cut N or HxW out of the middle, after scaling")->group(group);
  app.add_option("--scale", steps_.scale, "Factor on pixels 0..255; default 1")->group(group);
  app.add_option("--mean", steps_.mean, "One value per channel, or one in all")
      ->group(group)
      ->expected(1, 3);
  if (read_mean_file_) {
    app.add_option("--mean-file", mean_file_, "Mean image (.binaryproto), instead of --mean")
        ->group(group)
        ->check(CLI::ExistingFile);
  }
  app.add_option("--std", steps_.std, "One value per channel, or one in all")
      ->group(group)
      ->expected(1, 3);
  const std::map<std::string, color_order> orders = {
      {"rgb", color_order::rgb}, {"bgr", color_order::bgr}, {"gray", color_order::gray}};
  app.add_option_function<std::string>(
         "--color", [this, orders](const std::string& word) { steps_.order = orders.at(word); },
         "rgb (default), bgr or gray")
      ->group(group)
      ->check(CLI::IsMember(orders));
}

preprocessing preprocessing_options::steps() const {
  preprocessing out = steps_;
  parse_extent(size_, "--size", out.height, out.width);
  parse_extent(crop_, "--crop", out.crop_height, out.crop_width);
  const auto channel_count = static_cast<std::size_t>(channels(out));
  for (std::vector<float>* values : {&out.mean, &out.std}) {
    if (values->size() == 1) values->resize(channel_count, values->front());
  }
  if (!mean_file_.empty()) out.mean_image = read_mean_file_(mean_file_);
  return out;
}

}  // namespace support
