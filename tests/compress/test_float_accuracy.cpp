// The float accuracy of real networks on real images, as measured with another engine. The networks
// and images are not in the repository: LFNC_SHARED names their folder, ../shared beside the
// sources is the default, and without it the test is skipped.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "../../examples/compress/engine/engine.hpp"
#include "../../examples/compress/files/caffe/blobs.hpp"
#include "../../examples/compress/files/model_file.hpp"
#include "../../examples/compress/images/evaluate.hpp"

using namespace compress;

namespace {

std::filesystem::path shared() {
  const char* named = std::getenv("LFNC_SHARED");
  return named != nullptr ? std::filesystem::path(named)
                          : std::filesystem::path(LFNC_SOURCE_DIR).parent_path() / "shared";
}

bool is_absent(const std::filesystem::path& part) {
  if (std::filesystem::exists(shared() / part)) return false;
  std::cout << "skipped: float accuracy: no " << (shared() / part).string() << '\n';
  return true;
}

accuracy measure(const model_paths& model, const preprocessing& steps, const char* images,
                 std::size_t batch) {
  const auto begin = std::chrono::steady_clock::now();
  const auto file = read_model(model);
  const labelled_images set =
      load_labelled(read_labels(shared() / "data" / images / "labels.txt"), steps);
  const auto loaded = std::chrono::steady_clock::now();
  engine run(file->net());
  const accuracy result = evaluate(run, set, batch);
  const auto end = std::chrono::steady_clock::now();
  const auto seconds = [](auto from, auto to) {
    return std::chrono::duration<double>(to - from).count();
  };
  std::cout << file->net().name << " on " << images << ": top-1 " << result.top1 << ", top-5 "
            << result.top5 << " of " << set.images.size() << " images (reading "
            << seconds(begin, loaded) << " s, running " << seconds(loaded, end) << " s)\n";
  return result;
}

tensor mean_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  BlobProto blob;
  REQUIRE(blob.ParseFromString(bytes));
  tensor mean = decode(blob, "mean");
  if (mean.dims.size() == 4) mean.dims.erase(mean.dims.begin());
  return mean;
}

}  // namespace

TEST_CASE("ONNX ResNet-20 on CIFAR-10") {
  if (is_absent("models/resnet20-cifar10.onnx") || is_absent("data/cifar10-test-a")) return;
  preprocessing steps;
  steps.scale = 1.0F / 255;
  steps.mean = {0.485F, 0.456F, 0.406F};
  steps.std = {0.229F, 0.224F, 0.225F};
  const accuracy result =
      measure({shared() / "models/resnet20-cifar10.onnx"}, steps, "cifar10-test-a", 250);
  CHECK(result.top1 == doctest::Approx(81.00).epsilon(0.1 / 81));
  CHECK(result.top5 == doctest::Approx(98.88).epsilon(0.1 / 98));
}

TEST_CASE("Caffe ResNet-20 on CIFAR-10") {
  if (is_absent("models/resnet20-cifar10.caffemodel") || is_absent("data/cifar10-test-a")) return;
  preprocessing steps;
  steps.mean_image = mean_file(shared() / "models/cifar10-mean.binaryproto");
  const accuracy result = measure({shared() / "models/resnet20-cifar10.prototxt",
                                   shared() / "models/resnet20-cifar10.caffemodel"},
                                  steps, "cifar10-test-a", 250);
  CHECK(result.top1 == doctest::Approx(79.26).epsilon(0.1 / 79));
  CHECK(result.top5 == doctest::Approx(98.88).epsilon(0.1 / 98));
}

TEST_CASE("ONNX Tiny-Darknet on ImageNet") {
  if (is_absent("models/tiny-darknet-imagenet.onnx") || is_absent("data/imagenet-val-a")) return;
  preprocessing steps;
  steps.crop_height = steps.crop_width = 224;
  steps.scale = 1.0F / 255;
  const accuracy result =
      measure({shared() / "models/tiny-darknet-imagenet.onnx"}, steps, "imagenet-val-a", 32);
  CHECK(result.top1 == doctest::Approx(71.08).epsilon(0.3 / 71));
  CHECK(result.top5 == doctest::Approx(91.08).epsilon(0.3 / 91));
}
