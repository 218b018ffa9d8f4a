// lfnc-paper-network: writes a network of the paper, with random weights, and pictures for it.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../support/image_set.hpp"
#include "../support/passive_threads.hpp"
#include "build_network.hpp"
#include "engine/engine.hpp"
#include "evaluate.hpp"
#include "files/file_bytes.hpp"
#include "set_statistics.hpp"
#include "to_caffe.hpp"
#include "to_onnx.hpp"
#include "write_images.hpp"

namespace {

namespace fs = std::filesystem;

struct options {
  std::string name;
  std::vector<std::string> formats = {"onnx"};
  fs::path folder;
  std::size_t images = 1000;
  bool label = false;
  paper::network_options network;
};

// Statistics are of so many pictures, none of which is in the folder.
constexpr std::size_t training_images = 16;

const support::preprocessing& steps() {
  static const support::preprocessing as_trained = [] {
    support::preprocessing made;
    made.scale = 1.0F / 255;
    made.mean = {0.485F, 0.456F, 0.406F};
    made.std = {0.229F, 0.224F, 0.225F};
    return made;
  }();
  return as_trained;
}

compress::network make_network(const options& wanted) {
  compress::network net = paper::build_network(wanted.name, wanted.network);
  const fs::path folder = wanted.folder / "training.part";
  const auto files = paper::write_images(folder, training_images, ~wanted.network.seed,
                                         static_cast<std::size_t>(wanted.network.side));
  paper::set_statistics(net, support::image_set(files, steps()).batch(0, training_images));
  fs::remove_all(folder);
  return net;
}

std::string serialized(const compress::ModelProto& model) {
  std::string bytes;
  if (!model.SerializeToString(&bytes)) throw std::runtime_error("the network is too large");
  return bytes;
}

void write_network(const options& wanted, const compress::network& net) {
  const fs::path stem = wanted.folder / wanted.name;
  const auto path = [&](const std::string& extension) { return fs::path(stem).concat(extension); };
  for (const std::string& format : wanted.formats) {
    if (format == "onnx") {
      compress::write_bytes({{path(".onnx"), serialized(paper::to_onnx(net))}});
      std::cout << path(".onnx").string() << '\n';
    } else {
      const paper::caffe_network made = paper::to_caffe(net);
      compress::write_bytes({{path(".prototxt"), compress::print_prototxt(made.net)},
                             {path(".caffemodel"), compress::print_caffemodel(made.weights)}});
      std::cout << path(".prototxt").string() << ' ' << path(".caffemodel").string() << '\n';
    }
  }
}

// The network's own classes as labels: what is measured with them is how often another network
// agrees with it.
void write_labels(const fs::path& folder, const std::vector<fs::path>& files,
                  const compress::network& net) {
  support::labelled_images set{support::image_set(files, steps()),
                               std::vector<std::int64_t>(files.size(), 0), files};
  compress::engine running(net);
  const support::accuracy found = compress::evaluate(running, set, 16);
  std::string text;
  for (std::size_t i = 0; i < files.size(); ++i) {
    text += files[i].filename().string() + ' ' + std::to_string(found.predictions[i]) + '\n';
  }
  compress::write_bytes({{folder / "labels.txt", text}});
}

int run(int argc, char** argv) {
  CLI::App app{
      "Writes a network of He & Cheng (ECCV 2018) with random weights, and pictures to compress it "
      "with: for measuring time and memory, not accuracy."};
  options wanted;
  app.add_option("--name", wanted.name, "Which network")
      ->required()
      ->check(CLI::IsMember(paper::network_names()));
  app.add_option("--format", wanted.formats, "onnx, caffe or both; default: onnx")
      ->check(CLI::IsMember({"onnx", "caffe"}));
  app.add_option("--out", wanted.folder, "Folder for NAME.* and images/")->required();
  app.add_option("--images", wanted.images, "Pictures to draw")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  app.add_flag("--label", wanted.label,
               "Write images/labels.txt: the classes that the network itself gives them");
  app.add_option("--seed", wanted.network.seed, "Seed of weights and pictures")
      ->capture_default_str();
  app.add_option("--side", wanted.network.side, "Height and width, a multiple of 32 from 64 up")
      ->capture_default_str();
  app.add_option("--narrow", wanted.network.narrow,
                 "Divide channels and classes by 2, 4 or 8, for a quick try")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  fs::create_directories(wanted.folder);
  const compress::network net = make_network(wanted);
  write_network(wanted, net);
  if (wanted.images > 0) {
    const fs::path folder = wanted.folder / "images";
    const auto files = paper::write_images(folder, wanted.images, wanted.network.seed,
                                           static_cast<std::size_t>(wanted.network.side));
    if (wanted.label) write_labels(folder, files, net);
    std::cout << folder.string() << ": " << wanted.images << " pictures\n";
  }
  std::cout << "preprocessing: --scale 0.00392156862745098 --mean .485 .456 .406 "
               "--std .229 .224 .225\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  support::wait_passively(argv);
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "lfnc-paper-network: " << problem.what() << '\n';
    return 1;
  }
}
