#include <doctest/doctest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "../../examples/support/labels.hpp"
#include "../../examples/support/list_images.hpp"
#include "../../examples/support/load_image.hpp"
#include "build_network.hpp"
#include "draw_image.hpp"
#include "engine/engine.hpp"
#include "files/caffe/caffe_file.hpp"
#include "files/onnx/onnx_file.hpp"
#include "set_statistics.hpp"
#include "shapes.hpp"
#include "support/temporary_folder.hpp"
#include "to_caffe.hpp"
#include "to_onnx.hpp"

namespace {

namespace fs = std::filesystem;
using compress::network;

constexpr paper::network_options small{.seed = 5, .side = 64, .narrow = 8};

compress::tensor pictures(std::int64_t count, std::int64_t side) {
  compress::tensor made{{count, 3, side, side}, {}};
  for (std::int64_t n = 0; n < count; ++n) {
    const auto rgb =
        paper::draw_image(9, static_cast<std::uint64_t>(n), static_cast<std::size_t>(side));
    for (std::size_t k = 0; k < 3; ++k) {
      for (std::size_t p = k; p < rgb.size(); p += 3) {
        made.values.push_back((static_cast<float>(rgb[p]) - 118) / 58);
      }
    }
  }
  return made;
}

network trained(const std::string& name) {
  network net = paper::build_network(name, small);
  paper::set_statistics(net, pictures(8, small.side));
  return net;
}

network through_onnx(const network& net) {
  return compress::read_onnx_file(paper::to_onnx(net).SerializeAsString())->net();
}

network through_caffe(const network& net) {
  const paper::caffe_network made = paper::to_caffe(net);
  return compress::read_caffe_files(compress::print_prototxt(made.net),
                                    compress::print_caffemodel(made.weights))
      ->net();
}

template <class Operation>
std::map<std::string, Operation> layers_of(const network& net) {
  std::map<std::string, Operation> found;
  for (const compress::layer& at : net.layers) {
    if (const auto* op = std::get_if<Operation>(&at.op)) found.emplace(at.name, *op);
  }
  return found;
}

template <class Operation>
void check_weights(const network& net, const network& read) {
  const auto wanted = layers_of<Operation>(net), found = layers_of<Operation>(read);
  REQUIRE(found.size() == wanted.size());
  for (const auto& [name, op] : wanted) {
    const std::string& shown = name;
    INFO(shown);
    REQUIRE(found.count(name) == 1);
    CHECK(found.at(name).weight.dims == op.weight.dims);
    CHECK(found.at(name).weight.values == op.weight.values);
    CHECK(found.at(name).bias == op.bias);
  }
}

// The same layers with the same weights; gamma and beta may have moved to layers of their own.
void check_same(const network& net, const network& read) {
  CHECK(read.input_dims == net.input_dims);
  check_weights<compress::convolution>(net, read);
  check_weights<compress::inner_product>(net, read);
  for (const auto& [name, op] : layers_of<compress::convolution>(net)) {
    const auto found = layers_of<compress::convolution>(read).at(name);
    CHECK(found.groups == op.groups);
    CHECK(std::ranges::equal(found.area.stride, op.area.stride));
    CHECK(std::ranges::equal(found.area.pad_begin, op.area.pad_begin));
    CHECK(std::ranges::equal(found.area.pad_end, op.area.pad_end));
  }
  const auto norms = layers_of<compress::batch_norm>(net);
  const auto read_norms = layers_of<compress::batch_norm>(read);
  REQUIRE(read_norms.size() == norms.size());
  for (const auto& [name, norm] : norms) {
    const std::string& shown = name;
    INFO(shown);
    REQUIRE(read_norms.count(name) == 1);
    const compress::batch_norm& found = read_norms.at(name);
    CHECK(found.mean == norm.mean);
    CHECK(found.variance == norm.variance);
    CHECK(static_cast<float>(found.epsilon) == static_cast<float>(norm.epsilon));
    if (!found.gamma.empty()) {
      CHECK(found.gamma == norm.gamma);
      CHECK(found.beta == norm.beta);
      continue;
    }
    const compress::scale scale = layers_of<compress::scale>(read).at("scale" + name.substr(2));
    CHECK(scale.weight == norm.gamma);
    CHECK(scale.bias == norm.beta);
  }
  CHECK(layers_of<compress::relu>(read).size() == layers_of<compress::relu>(net).size());
  CHECK(layers_of<compress::pool>(read).size() == layers_of<compress::pool>(net).size());
  CHECK(layers_of<compress::eltwise>(read).size() == layers_of<compress::eltwise>(net).size());
}

std::vector<float> classes(const network& net, const compress::tensor& images) {
  compress::engine running(net);
  const compress::blob out = running.forward(images);
  return {out.values().begin(), out.values().end()};
}

// The exit status of the program with these options.
int run(const std::string& options) {
  const std::string command =
      std::string(LFNC_PAPER_NETWORK) + " " + options + " >/dev/null 2>/dev/null";
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::size_t parameters(const network& net) {
  std::size_t count = 0;
  for (const auto& [name, op] : layers_of<compress::convolution>(net)) {
    count += op.weight.values.size() + op.bias.size();
  }
  for (const auto& [name, op] : layers_of<compress::inner_product>(net)) {
    count += op.weight.values.size() + op.bias.size();
  }
  for (const auto& [name, op] : layers_of<compress::batch_norm>(net)) count += 2 * op.gamma.size();
  return count;
}

}  // namespace

TEST_CASE("each network is the same in both formats, and computes the same") {
  const compress::tensor images = pictures(2, small.side);
  for (const std::string& name : paper::network_names()) {
    INFO(name);
    const network net = trained(name);
    const network onnx = through_onnx(net), caffe = through_caffe(net);
    check_same(net, onnx);
    check_same(net, caffe);
    const std::vector<float> expected = classes(net, images);
    REQUIRE(expected.size() == 250);
    const std::vector<float> by_onnx = classes(onnx, images), by_caffe = classes(caffe, images);
    for (std::size_t k = 0; k < expected.size(); ++k) {
      CHECK(by_onnx[k] == doctest::Approx(expected[k]).epsilon(1e-3));
      CHECK(by_caffe[k] == doctest::Approx(expected[k]).epsilon(1e-3));
    }
  }
}

TEST_CASE("statistics keep every value in range") {
  const compress::tensor images = pictures(4, small.side);
  for (const std::string& name : paper::network_names()) {
    INFO(name);
    network net = trained(name);
    for (const auto& [layer, norm] : layers_of<compress::batch_norm>(net)) {
      const std::string& shown = layer;
      INFO(shown);
      CHECK(std::ranges::all_of(norm.variance, [](float v) { return v > 0 && v < 1e4F; }));
      CHECK(std::ranges::all_of(norm.gamma, [](float g) { return g > 0; }));
    }
    // The scores: neither all alike, nor one that leaves nothing to the others.
    compress::engine running(net);
    compress::batch_state state = running.start(images);
    running.run(state, net.layers.size() - 1);
    const compress::blob scores = running.read(state, net.layers.back().inputs[0]);
    double square = 0;
    for (const float score : scores.values()) square += static_cast<double>(score * score);
    const double spread = std::sqrt(square / static_cast<double>(scores.values().size()));
    CHECK(spread > 0.02);
    CHECK(spread < 20);
  }
}

// Parameters as published (with gamma and beta, without mean and variance).
TEST_CASE("the networks have the size and the layers of the paper's") {
  const auto layers = [](const network& net) {
    return layers_of<compress::convolution>(net).size() +
           layers_of<compress::inner_product>(net).size();
  };
  const network narrow = paper::build_network("alexnet-bn", small);
  CHECK(layers(narrow) == 8);
  CHECK(layers_of<compress::batch_norm>(narrow).size() == 7);
  CHECK(layers_of<compress::convolution>(narrow).at("conv2").groups == 2);
  CHECK(layers(paper::build_network("vgg16-bn", small)) == 16);
  const network r18 = paper::build_network("resnet-18", {.seed = 1, .side = 224, .narrow = 1});
  CHECK(layers(r18) == 21);
  CHECK(parameters(r18) == 11689512);
  const network r50 = paper::build_network("resnet-50", {.seed = 1, .side = 224, .narrow = 1});
  CHECK(layers(r50) == 54);
  CHECK(parameters(r50) == 25557032);
  // Seven by seven before the average, as in the paper on residual networks.
  for (const network* net : {&r18, &r50}) {
    const auto shapes = compress::infer_shapes(*net, 1);
    for (const compress::layer& at : net->layers) {
      if (at.name == "pool5") CHECK(shapes[at.inputs[0]][2] == 7);
    }
  }
}

TEST_CASE("a seed gives one network, another seed another one") {
  const auto first = [](std::uint64_t seed) {
    paper::network_options options = small;
    options.seed = seed;
    const network net = paper::build_network("resnet-18", options);
    return std::get<compress::convolution>(net.layers[0].op).weight.values;
  };
  CHECK(first(5) == first(5));
  CHECK(first(5) != first(6));
  CHECK(paper::draw_image(1, 2, 64) == paper::draw_image(1, 2, 64));
  CHECK(paper::draw_image(1, 2, 64) != paper::draw_image(1, 3, 64));
  CHECK(paper::draw_image(1, 2, 64) != paper::draw_image(2, 2, 64));
}

TEST_CASE("weights are as wide as He et al. would have them") {
  const network net = paper::build_network("vgg16-bn", small);
  for (const auto& [name, op] : layers_of<compress::convolution>(net)) {
    double square = 0;
    for (const float w : op.weight.values) square += static_cast<double>(w * w);
    const double fan_in = static_cast<double>(op.weight.dims[1] * 9);
    // Rows differ by e^(0.3 z), whose mean square is e^0.18.
    const double expected = 2 / fan_in * std::exp(0.18);
    const std::string& shown = name;
    INFO(shown);
    CHECK(square / static_cast<double>(op.weight.values.size()) ==
          doctest::Approx(expected).epsilon(0.7));
  }
}

TEST_CASE("what is no network of the paper is refused") {
  const auto message = [](const std::string& name, std::int64_t side, std::int64_t narrow) {
    try {
      paper::build_network(name, {.seed = 1, .side = side, .narrow = narrow});
    } catch (const std::invalid_argument& problem) {
      return std::string(problem.what());
    }
    return std::string("taken");
  };
  CHECK(message("lenet", 224, 1) == "no network 'lenet'");
  CHECK(message("resnet-18", 230, 8) == "side is 230, must be a multiple of 32 within 64 .. 1024");
  CHECK(message("resnet-18", 32, 8) == "side is 32, must be a multiple of 32 within 64 .. 1024");
  CHECK(message("resnet-18", 64, 3) == "narrow is 3, must be 1, 2, 4 or 8");
}

TEST_CASE("the program writes networks that can be read, pictures and labels") {
  const temporary_folder folder;
  const fs::path out = folder / "out";
  REQUIRE(run("--name alexnet-bn --format onnx caffe --side 64 --narrow 8 --images 12 --label "
              "--out " +
              out.string()) == 0);
  CHECK(compress::read_model({out / "alexnet-bn.onnx"})->net().input_dims ==
        compress::shape{3, 64, 64});
  CHECK(compress::read_model({out / "alexnet-bn.prototxt", out / "alexnet-bn.caffemodel"})
            ->net()
            .input_dims == compress::shape{3, 64, 64});
  const auto files = support::list_images(out / "images");
  REQUIRE(files.size() == 12);
  CHECK(files[11].filename() == "000011.jpg");
  CHECK(support::load_pixels(files[11], {}).dims == compress::shape{3, 64, 64});
  const auto labels = support::read_labels(out / "images" / "labels.txt");
  REQUIRE(labels.size() == 12);
  CHECK(std::ranges::all_of(labels, [](const auto& l) { return l.label >= 0 && l.label < 125; }));

  CHECK(run("--name lenet --out " + (folder / "no").string()) != 0);
  CHECK(run("--name resnet-18 --side 65 --out " + (folder / "no").string()) == 1);
  CHECK(run("--name resnet-18") != 0);
}
