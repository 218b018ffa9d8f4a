// Real networks, where they are at hand: the folder named by LFNC_SHARED, else ../shared beside the
// source tree.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "caffe_model.hpp"
#include "onnx_model.hpp"
#include "shapes.hpp"

namespace compress::test {
namespace {

// The folder with the models, or empty after saying why the test is skipped.
std::filesystem::path models_folder() {
  const char* given = std::getenv("LFNC_SHARED");
  const std::filesystem::path shared =
      given != nullptr ? std::filesystem::path(given)
                       : std::filesystem::path(LFNC_SOURCE_DIR) / ".." / "shared";
  if (std::filesystem::is_directory(shared / "models")) return shared / "models";
  MESSAGE("skipped: there is no folder ", (shared / "models").string());
  return {};
}

template <typename Operation>
std::size_t count(const network& net) {
  std::size_t found = 0;
  for (const layer& at : net.layers) found += std::holds_alternative<Operation>(at.op);
  return found;
}

// Quantizes everything that can be, writes, reads, and compares.
template <typename Compare>
void compress_and_compare(const model_file& file, const model_paths& out, Compare compare) {
  network changed = file.net();
  for (layer& at : changed.layers) {
    if (auto* conv = std::get_if<convolution>(&at.op)) set_codes(*conv);
    if (auto* product = std::get_if<inner_product>(&at.op)) set_codes(*product);
    if (auto* norm = std::get_if<batch_norm>(&at.op)) norm->mean[0] += 1;
    auto& quantizer = changed.values[at.outputs[0]].quantizer;
    if (std::holds_alternative<relu>(at.op)) quantizer = {0.1F, 0, 255};
    if (std::holds_alternative<leaky_relu>(at.op)) quantizer = {0.1F, -127, 127};
  }
  file.write(out, changed);
  compare(changed, read_model(out)->net());
}

void expect_same(const network& a, const network& b) {
  REQUIRE(names_of(a) == names_of(b));
  for (std::size_t i = 0; i < a.layers.size(); ++i) {
    if (const auto* conv = std::get_if<convolution>(&a.layers[i].op)) {
      CHECK(conv->codes->codes == std::get<convolution>(b.layers[i].op).codes->codes);
      CHECK(conv->weight.values == std::get<convolution>(b.layers[i].op).weight.values);
    }
    if (const auto* norm = std::get_if<batch_norm>(&a.layers[i].op)) {
      CHECK(norm->mean == std::get<batch_norm>(b.layers[i].op).mean);
    }
  }
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    REQUIRE(a.values[i].quantizer.has_value() == b.values[i].quantizer.has_value());
    if (a.values[i].quantizer) CHECK(a.values[i].quantizer->low == b.values[i].quantizer->low);
  }
}

TEST_CASE("ResNet-20 in ONNX") {
  const auto models = models_folder();
  if (models.empty()) return;
  const auto file = read_model({models / "resnet20-cifar10.onnx"});
  const network& net = file->net();
  CHECK(count<convolution>(net) == 19);
  CHECK(count<batch_norm>(net) == 19);
  CHECK(count<relu>(net) == 19);
  CHECK(count<eltwise>(net) == 9);
  CHECK(count<pad>(net) == 2);
  CHECK(count<pool>(net) == 3);  // the global one, and two that take every other pixel
  CHECK(count<inner_product>(net) == 1);
  CHECK(net.layers.size() == 73);
  CHECK(net.input_dims == shape{3, 32, 32});
  CHECK(infer_shapes(net, 7)[net.output] == shape{7, 10});
  const temporary_folder folder;
  compress_and_compare(*file, {folder / "out.onnx"}, expect_same);
}

TEST_CASE("Tiny-Darknet in ONNX") {
  const auto models = models_folder();
  if (models.empty()) return;
  const auto file = read_model({models / "tiny-darknet-imagenet.onnx"});
  const network& net = file->net();
  CHECK(count<convolution>(net) == 16);
  CHECK(count<batch_norm>(net) == 15);
  CHECK(count<leaky_relu>(net) == 15);
  CHECK(count<pool>(net) == 5);
  CHECK(op_of<leaky_relu>(net, "act1").slope == 0.1F);
  CHECK(infer_shapes(net, 1)[net.output] == shape{1, 1000});
  const temporary_folder folder;
  compress_and_compare(*file, {folder / "out.onnx"}, expect_same);
}

TEST_CASE("ResNet-20 in Caffe") {
  const auto models = models_folder();
  if (models.empty()) return;
  const auto path = models / "resnet20-cifar10.caffemodel";
  const auto file = read_model({models / "resnet20-cifar10.prototxt", path});
  const network& net = file->net();
  CHECK(count<convolution>(net) == 21);
  CHECK(count<batch_norm>(net) == 21);
  CHECK(count<scale>(net) == 21);
  CHECK(count<relu>(net) == 19);
  CHECK(count<eltwise>(net) == 9);
  CHECK(infer_shapes(net, 1)[net.output] == shape{1, 10});

  std::ifstream stream(path, std::ios::binary);
  const NetParameter weights =
      parse_caffemodel(std::string(std::istreambuf_iterator<char>(stream), {}));
  const LayerParameter* stored = nullptr;
  for (const LayerParameter& at : weights.layer()) {
    if (at.name() == "BatchNorm1") stored = &at;
  }
  REQUIRE(stored != nullptr);
  const float factor = stored->blobs(2).data(0);
  CHECK(factor == doctest::Approx(999.98).epsilon(1e-4));
  const auto& norm = op_of<batch_norm>(net, "BatchNorm1");
  for (std::size_t c = 0; c < norm.mean.size(); ++c) {
    CHECK(norm.mean[c] == stored->blobs(0).data(static_cast<int>(c)) / factor);
    CHECK(norm.variance[c] == stored->blobs(1).data(static_cast<int>(c)) / factor);
  }

  const temporary_folder folder;
  compress_and_compare(
      *file, {folder / "out.prototxt", folder / "out.caffemodel"},
      [](const network& changed, const network& read) {
        CHECK(read.layers.size() == changed.layers.size() + 22);
        const auto& codes = op_of<convolution>(changed, "Convolution7").codes->codes;
        CHECK(op_of<convolution>(read, "Convolution7").weight.values ==
              std::vector<float>(codes.begin(), codes.end()));
        CHECK(read.values[layer_named(read, "ReLU19").outputs[0]].quantizer->high == 255);
      });
}

}  // namespace
}  // namespace compress::test
