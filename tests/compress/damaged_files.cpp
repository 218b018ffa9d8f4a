// Files cut short at every length and with every bit flipped: read whole, or refused by an
// exception; never a crash. Run under the sanitizers this also finds every read out of bounds.
#include <google/protobuf/stubs/logging.h>

#include "caffe_model.hpp"
#include "onnx_model.hpp"
#include "shapes.hpp"

namespace compress::test {
namespace {

enum class outcome { read, refused };

template <typename Read>
outcome attempt(Read read) {
  const google::protobuf::LogSilencer silent;  // it reports names that are not UTF-8
  try {
    const auto file = read();
    infer_shapes(file->net(), 1);  // whatever was read is a network that holds together
    return outcome::read;
  } catch (const model_error&) {
    return outcome::refused;
  }
}

std::string small_onnx() {
  onnx_model model;
  model.constant("q", {2, 4, 1, 1}, std::vector<std::int8_t>{1, 2, 3, 4, -5, -6, -7, -8});
  model.constant("s", {2}, std::vector<float>{0.5F, 0.25F});
  model.node("DequantizeLinear", {"q", "s"}, "w").with("axis", 0);
  model.node("Conv", {"x", "w"}, "c").with("pads", {1, 1, 1, 1});
  model.node("MaxPool", {"c"}, "p").with("kernel_shape", {2, 2}).with("strides", {2, 2});
  model.constant("z", {}, std::vector<std::uint8_t>{0});
  model.constant("a", {}, std::vector<float>{0.5F});
  model.node("QuantizeLinear", {"p", "a", "z"}, "pq");
  model.node("DequantizeLinear", {"pq", "a", "z"}, "pd");
  model.node("Split", {"pd", model.integers("n", {1, 1})}, "l").output("r").with("axis", 1);
  model.node("Concat", {"r", "l"}, "k").with("axis", 1);
  model.node("Pad", {"k", model.integers("pads", {0, 0, 1, 0, 0, 0, 0, 1})}, "d");
  model.node("Reshape", {"d", model.integers("dims", {0, -1})}, "f");
  model.node("Gemm", {"f", model.floats("g", {2, 60})}, "y").with("transB", 1);
  model.add_output("y");
  return model.proto.SerializeAsString();
}

caffe_model small_caffe() {
  caffe_model model;
  model.layer("Convolution", "x", "c", "convolution_param { num_output: 2 kernel_size: 3 }")
      .layer("BatchNorm", "c", "c", "", "bn")
      .layer("Pooling", "c", "p", "pooling_param { kernel_size: 2 stride: 2 }")
      .layer("InnerProduct", "p", "y", "inner_product_param { num_output: 2 }")
      .blob("c", {2, 4, 3, 3})
      .blob("c", {2})
      .blob("bn", {2})
      .blob("bn", {2})
      .blob("bn", {1})
      .blob("y", {2, 12})
      .blob("y", {2});
  return model;
}

TEST_CASE("ONNX files cut short are refused or are a whole model") {
  const std::string whole = small_onnx();
  REQUIRE(attempt([&] { return read_onnx_file(whole); }) == outcome::read);
  // The operator set comes last in the file: no shorter file can be read.
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO("cut to ", size, " of ", whole.size());
    CHECK(attempt([&] { return read_onnx_file(whole.substr(0, size)); }) == outcome::refused);
  }
}

TEST_CASE("ONNX files with flipped bits are read or refused") {
  const std::string whole = small_onnx();
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    refused += attempt([&] { return read_onnx_file(damaged); }) == outcome::refused;
  }
  CHECK(refused > whole.size());
}

TEST_CASE(".caffemodel files cut short are refused") {
  const caffe_model model = small_caffe();
  const std::string whole = model.weights.SerializeAsString();
  const auto read = [&](const std::string& bytes) {
    return attempt([&] { return read_caffe_files(model.text, bytes); });
  };
  REQUIRE(read(whole) == outcome::read);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO("cut to ", size, " of ", whole.size());
    CHECK(read(whole.substr(0, size)) == outcome::refused);
  }
}

TEST_CASE(".caffemodel files with flipped bits are read or refused") {
  const caffe_model model = small_caffe();
  const std::string whole = model.weights.SerializeAsString();
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    refused += attempt([&] { return read_caffe_files(model.text, damaged); }) == outcome::refused;
  }
  CHECK(refused > 0);
}

TEST_CASE(".prototxt files cut short or with flipped bits are read or refused") {
  const caffe_model model = small_caffe();
  const std::string weights = model.weights.SerializeAsString();
  const auto read = [&](const std::string& text) {
    return attempt([&] { return read_caffe_files(text, weights); });
  };
  std::size_t refused = 0;
  for (std::size_t size = 0; size < model.text.size(); ++size) {
    refused += read(model.text.substr(0, size)) == outcome::refused;
  }
  CHECK(refused > model.text.size() / 2);
  for (std::size_t bit = 0; bit < 8 * model.text.size(); ++bit) {
    std::string damaged = model.text;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    read(damaged);
  }
}

TEST_CASE("files of something else are refused") {
  CHECK(attempt([] { return read_onnx_file("\x89PNG\r\n\x1A\n"); }) == outcome::refused);
  CHECK(attempt([] { return read_onnx_file(std::string(1000, '\0')); }) == outcome::refused);
  CHECK(attempt([] { return read_onnx_file(std::string(1000, '\xFF')); }) == outcome::refused);
  std::string deep;
  for (int i = 0; i < 10000; ++i) deep += "layer { ";
  CHECK(attempt([&] { return read_caffe_files(deep, "x"); }) == outcome::refused);
  const temporary_folder folder;
  std::filesystem::create_directory(folder / "folder.onnx");
  CHECK(attempt([&] { return read_model({folder / "folder.onnx"}); }) == outcome::refused);
}

}  // namespace
}  // namespace compress::test
