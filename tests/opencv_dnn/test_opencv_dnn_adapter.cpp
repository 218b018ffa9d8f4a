// The repository's own network, compressed inside OpenCV's DNN module.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <lfnc/compress.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "../../examples/opencv_dnn/adapter.hpp"
#include "../../examples/opencv_dnn/as_mat.hpp"
#include "../../examples/opencv_dnn/mean_file.hpp"
#include "../examples_support/image_folder.hpp"
#include "support/random.hpp"

namespace {

using namespace dnn_adapter;
namespace fs = std::filesystem;

static_assert(lfnc::stateful_adapter<adapter>);

const std::vector<fs::path> figures{fs::path(LFNC_SOURCE_DIR) / "examples/network/figures.onnx"};
constexpr int count = 12;

support::image_set noise() {
  const image_folder folder;
  generator random(7);
  std::vector<fs::path> files;
  for (int k = 0; k < count; ++k) {
    files.push_back(folder.draw(std::to_string(k) + ".png", 32, 32, [&](int, int, int) {
      return static_cast<std::uint8_t>(random.below(256));
    }));
  }
  support::preprocessing steps;
  steps.scale = 1 / 255.0F;
  steps.mean = {0.5F, 0.5F, 0.5F};
  steps.std = {0.25F, 0.25F, 0.25F};
  return {files, steps};
}

lfnc::compress_options few_images() {
  lfnc::compress_options options;
  options.images = count;
  options.activation_images = count;
  return options;
}

bool equal(const cv::Mat& left, const cv::Mat& right) {
  return left.total() == right.total() &&
         std::equal(left.ptr<float>(), left.ptr<float>() + left.total(), right.ptr<float>());
}

// The first weight of a layer, or the first mean.
float& first_value(adapter& inside, std::size_t index) {
  return inside.layers()[index].kind == lfnc::layer_kind::weights
             ? *inside.weights(index).data
             : inside.statistics(index).mean[0];
}

// Values of all images at an activation point, layer by layer.
std::vector<float> values_at(adapter& inside, std::size_t point) {
  adapter::state at = inside.start(0, count);
  inside.advance(at, point);
  const auto view = inside.values(at, point);
  return {view.data, view.data + view.extents[0] * view.strides[0]};
}

// Of all images by OpenCV's own forward(), once the network was compressed with these options.
cv::Mat compressed_scores(const lfnc::compress_options& options) {
  const support::image_set set = noise();
  network net(figures);
  adapter inside(net, set);
  lfnc::compress(inside, options);
  return net.forward(as_mat(set.batch(0, count)));
}

template <class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const std::exception& problem) {
    return problem.what();
  }
  return {};
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what the adapter lists") {
  network net(figures);
  const support::image_set set = noise();
  const adapter inside(net, set);
  std::vector<int> kinds(3);
  for (const lfnc::layer_info& at : inside.layers()) {
    ++kinds[static_cast<std::size_t>(at.kind)];
    CHECK_FALSE(at.is_signed);
  }
  CHECK(kinds == std::vector<int>{36, 35, 35});
}

TEST_CASE("weights change in OpenCV's memory and in what OpenCV computes") {
  const support::image_set set = noise();
  network net(figures);
  adapter inside(net, set);
  const cv::Mat batch = as_mat(set.batch(0, count));
  const cv::Mat before = net.forward(batch);
  for (std::size_t index = 0; index < inside.layers().size(); ++index) {
    const lfnc::layer_info& at = inside.layers()[index];
    if (at.kind == lfnc::layer_kind::activation) continue;
    CAPTURE(at.name);
    const int id = net.net().getLayerId(at.name);
    float& value = first_value(inside, index);
    const float trained = value;
    value += 1;
    inside.changed(index);
    CHECK(*net.net().getParam(id, 0).ptr<float>() == value);
    CHECK_FALSE(equal(net.forward(batch), before));
    value = trained;
    inside.changed(index);
    CHECK(equal(net.forward(batch), before));
  }
}

TEST_CASE("what lfnc is shown follows every change") {
  const support::image_set set = noise();
  network net(figures);
  adapter inside(net, set);
  const std::size_t last = inside.layers().size() - 2;  // the inner product comes after it
  REQUIRE(inside.layers()[last].kind == lfnc::layer_kind::activation);
  const std::vector<float> before = values_at(inside, last);
  for (std::size_t index = 0; index < last; ++index) {
    if (inside.layers()[index].kind == lfnc::layer_kind::activation) continue;
    CAPTURE(inside.layers()[index].name);
    float& value = first_value(inside, index);
    const float trained = value;
    value += 1;
    inside.changed(index);
    CHECK(values_at(inside, last) != before);
    value = trained;
    inside.changed(index);
  }
  CHECK(values_at(inside, last) == before);
}

TEST_CASE("a compressed network") {
  const support::image_set set = noise();
  network net(figures);
  adapter inside(net, set);
  const lfnc::compress_report report = lfnc::compress(inside, few_images());
  const cv::Mat batch = as_mat(set.batch(0, count));

  SUBCASE("has weights on their levels") {
    for (std::size_t index = 0; index < inside.layers().size(); ++index) {
      const lfnc::layer_info& at = inside.layers()[index];
      if (at.kind != lfnc::layer_kind::weights) continue;
      CAPTURE(at.name);
      const cv::Mat weights = net.net().getParam(net.net().getLayerId(at.name), 0);
      const auto* row = weights.ptr<float>();
      const auto rows = static_cast<std::size_t>(weights.size[0]);
      const std::set<float> values(row, row + weights.total() / rows);
      const bool first = at.name == report.weights.front().layer;
      const bool last = at.name == report.weights.back().layer;
      CHECK(values.size() <= (first || last ? 255U : 15U));
    }
  }
  SUBCASE("has activations on their levels, in OpenCV's own forward pass") {
    for (const lfnc::activation_report& at : report.activations) {
      CAPTURE(at.layer);
      net.forward(batch);
      const cv::Mat values = net.net().forward(at.layer).clone();
      const auto alpha = static_cast<float>(at.alpha);
      const auto* row = values.ptr<float>();
      CHECK(std::all_of(row, row + values.total(), [&](float x) {
        const float code = std::round(x / alpha);
        return x == alpha * code && code >= 0 && code <= 255;
      }));
    }
  }
  SUBCASE("has the statistics that the report tells of") {
    REQUIRE(report.norms.size() == 35);
    CHECK(report.norms.back().mean_shift > 0);
  }
  SUBCASE("computes layer by layer what it computes as a whole") {
    network again(figures);
    CHECK_NOTHROW(adapter(net, set));
    CHECK_FALSE(equal(net.forward(batch), again.forward(batch)));
  }
}

TEST_CASE("equal bits whatever the batch, the memory and the threads") {
  const cv::Mat expected = compressed_scores(few_images());
  lfnc::compress_options options = few_images();
  SUBCASE("batch") { options.batch = 1; }
  SUBCASE("uneven batch") { options.batch = 5; }
  SUBCASE("memory") { options.memory = 1; }
  SUBCASE("threads") { cv::setNumThreads(1); }
  CHECK(equal(compressed_scores(options), expected));
  cv::setNumThreads(-1);
}

TEST_CASE("networks that are refused") {
  CHECK(holds(message_of([] { network net({"absent.onnx"}); }), "absent.onnx: no such file"));
  const temporary_folder folder;
  const fs::path text = folder.write("text.onnx", "no network");
  CHECK(holds(message_of([&] { network net({text}); }), "OpenCV cannot read it"));
  CHECK(holds(message_of([&] { read_mean_file(text); }), "is no mean image"));
}
