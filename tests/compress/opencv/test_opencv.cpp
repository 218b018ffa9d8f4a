// The Caffe network that lfnc-compress wrote, in OpenCV's DNN module: its predictions are those of
// lfnc-compress. LFNC_COMPRESSED is the folder where the test of the compression left the network.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <opencv2/dnn.hpp>

#include "../../../examples/compress/engine/engine.hpp"
#include "../../../examples/compress/evaluate.hpp"
#include "../../../examples/compress/files/mean_file.hpp"
#include "../../../examples/compress/files/model_file.hpp"
#include "quant_layer.hpp"

using namespace compress;

namespace {

std::filesystem::path shared() {
  const char* named = std::getenv("LFNC_SHARED");
  return named != nullptr ? std::filesystem::path(named)
                          : std::filesystem::path(LFNC_SOURCE_DIR).parent_path() / "shared";
}

bool is_absent(const std::filesystem::path& file) {
  if (std::filesystem::exists(file)) return false;
  std::cout << "skipped: compressed network in OpenCV: no " << file.string() << std::endl;
  return true;
}

std::vector<std::int64_t> predictions_of(cv::dnn::Net& net, const support::labelled_images& set) {
  const auto scores = [&](tensor images) {
    const std::vector<int> dims(images.dims.begin(), images.dims.end());
    net.setInput(cv::Mat(dims, CV_32F, images.values.data()));
    const cv::Mat made = net.forward();
    return std::vector<float>(made.ptr<float>(), made.ptr<float>() + made.total());
  };
  return support::evaluate(scores, set, 50).predictions;
}

template <class Left, class Right>
std::size_t equal_count(const Left& left, const Right& right) {
  std::size_t count = 0;
  for (std::size_t k = 0; k < left.size(); ++k) count += left[k] == right[k] ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("compressed Caffe ResNet-20") {
  const std::filesystem::path folder(LFNC_COMPRESSED);
  const model_paths files = {folder / "resnet20-cifar10.prototxt",
                             folder / "resnet20-cifar10.caffemodel"};
  const std::filesystem::path mean = shared() / "models/cifar10-mean.binaryproto";
  const std::filesystem::path labels = shared() / "data/cifar10-test-a/labels.txt";
  if (is_absent(mean) || is_absent(labels) || is_absent(files[0]) || is_absent(files[1])) return;

  support::preprocessing steps;
  steps.mean_image = read_mean_file(mean);
  const support::labelled_images set = support::load_labelled(support::read_labels(labels), steps);

  const auto written = read_model(files);
  engine running(written->net());
  const support::accuracy ours = evaluate(running, set, 50);

  cv::dnn::LayerFactory::registerLayer("Quant", quant_layer::create);
  cv::dnn::Net net = cv::dnn::readNetFromCaffe(files[0].string(), files[1].string());
  const std::vector<std::int64_t> theirs = predictions_of(net, set);
  cv::dnn::LayerFactory::unregisterLayer("Quant");

  REQUIRE(theirs.size() == ours.predictions.size());
  const auto right_here = static_cast<std::int64_t>(equal_count(ours.predictions, set.labels));
  const auto right_there = static_cast<std::int64_t>(equal_count(theirs, set.labels));
  const std::size_t agreed = equal_count(theirs, ours.predictions);
  std::cout << "of " << theirs.size() << " images lfnc-compress classifies " << right_here
            << " rightly, OpenCV " << CV_VERSION << " " << right_there << "; " << agreed
            << " predictions agree" << std::endl;
  CHECK(std::abs(right_here - right_there) <= 2);
  CHECK(static_cast<double>(agreed) >= 0.998 * static_cast<double>(theirs.size()));
}
