// lfnc-libtorch: compresses a TorchScript module in place and saves it.
#include <torch/csrc/jit/serialization/import.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <limits>
#include <optional>
#include <string>

#include "image_folder.hpp"
#include "script_graph.hpp"
#include "torch_adapter.hpp"

namespace {

namespace fs = std::filesystem;

struct options {
  fs::path model, calibration, labelled, output;
  std::size_t images = 1000, activation_images = 400;
  preprocessing steps;
};

// Top-1 in percent of what `forward` makes of the images.
template <class Forward>
double accuracy(const image_folder& images, const labels& known, Forward forward) {
  const at::NoGradGuard no_gradients;
  constexpr std::size_t batch = 50;
  std::int64_t right = 0;
  for (std::size_t first = 0; first < images.size(); first += batch) {
    const std::size_t count = std::min(batch, images.size() - first);
    const at::Tensor best = forward(images.batch(first, count)).argmax(1);
    for (std::size_t n = 0; n < count; ++n) {
      right += best.data_ptr<std::int64_t>()[n] == known.classes[first + n] ? 1 : 0;
    }
  }
  return 100 * static_cast<double>(right) / static_cast<double>(images.size());
}

int run(int argc, char** argv) {
  CLI::App app{"Compresses a TorchScript module to 4-bit weights and 8-bit activations, in place."};
  options wanted;
  app.add_option("model", wanted.model, "A module with batch norm, saved by torch.jit")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("calibration", wanted.calibration, "Folder of unlabelled images of its size")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("output", wanted.output, "Where the compressed module is saved")->required();
  app.add_option("--labelled", wanted.labelled, "Folder of images and labels.txt, to measure on")
      ->check(CLI::ExistingDirectory);
  app.add_option("--images", wanted.images, "Images for batch norm")->capture_default_str();
  app.add_option("--activation-images", wanted.activation_images, "Images for activations")
      ->capture_default_str();
  app.add_option("--scale", wanted.steps.scale, "x = (pixel * scale - mean) / std");
  app.add_option("--mean", wanted.steps.mean, "One a channel, red first")->expected(3);
  app.add_option("--std", wanted.steps.std, "One a channel, red first")->expected(3);
  CLI11_PARSE(app, argc, argv);

  torch::jit::Module module = torch::jit::load(wanted.model.string());
  module.eval();
  script_graph graph(module);
  std::optional<labels> known;
  std::optional<image_folder> test;
  if (!wanted.labelled.empty()) {
    known = read_labels(wanted.labelled);
    test.emplace(known->files, wanted.steps);
  }
  const auto measure = [&](const char* what, auto forward) {
    if (test) std::printf("%-32s %6.2f %%\n", what, accuracy(*test, *known, forward));
  };
  const auto by_graph = [&](const at::Tensor& images) { return graph.forward(images); };
  measure("float", by_graph);

  const image_folder calibration(list_images(wanted.calibration, wanted.images), wanted.steps);
  torch_adapter adapter(graph, calibration);
  lfnc::compress_options how;
  how.images = calibration.size();
  how.activation_images = std::min(wanted.activation_images, how.images);
  const lfnc::compress_report report =
      lfnc::compress(adapter, how, lfnc::cpu_verbs{lfnc::cpu{at::get_num_threads()}});
  measure("compressed", by_graph);

  graph.write_quantizers();
  module.save(wanted.output.string());
  torch::jit::Module saved = torch::jit::load(wanted.output.string());
  measure("saved, and loaded again",
          [&](const at::Tensor& images) { return saved.forward({images}).toTensor(); });

  const lfnc::weight_totals sums = lfnc::total(report);
  std::printf("%zu layers with weights: relative error %.3g, %.1f kB, %.1f kB packed\n",
              report.weights.size(), sums.relative_error,
              static_cast<double>(sums.bytes_before) / 1000,
              static_cast<double>(sums.bytes_after) / 1000);
  std::printf("%zu batch norms re-normalized, %zu activations quantized\n", report.norms.size(),
              report.activations.size());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "lfnc-libtorch: " << problem.what() << '\n';
    return 1;
  }
}
