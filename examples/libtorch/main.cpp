// lfnc-libtorch: compresses a TorchScript module in place and saves it.
#include <ATen/Parallel.h>
#include <torch/csrc/jit/serialization/import.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "../support/choose.hpp"
#include "../support/evaluate.hpp"
#include "../support/list_images.hpp"
#include "../support/passive_threads.hpp"
#include "../support/preprocessing_options.hpp"
#include "as_tensor.hpp"
#include "script_graph.hpp"
#include "torch_adapter.hpp"

namespace {

namespace fs = std::filesystem;

struct options {
  fs::path model, calibration, labelled, output;
  std::size_t images = 1000, activation_images = 400;
  std::uint64_t seed = 1;
};

// What `forward` makes of the images.
template <class Forward>
support::accuracy accuracy_of(const support::labelled_images& labelled, Forward forward) {
  const at::NoGradGuard no_gradients;
  const auto scores = [&](const support::tensor& images) {
    const at::Tensor made = forward(as_tensor(images)).contiguous();
    return std::vector<float>(made.data_ptr<float>(), made.data_ptr<float>() + made.numel());
  };
  return support::evaluate(scores, labelled, 50);
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
  app.add_option("--seed", wanted.seed, "Of the choice among the calibration images")
      ->capture_default_str();
  const support::preprocessing_options preprocessing(app);
  support::preprocessing steps;
  try {
    app.parse(argc, argv);
    steps = preprocessing.steps();
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem);
  }

  torch::jit::Module module = torch::jit::load(wanted.model.string());
  module.eval();
  script_graph graph(module);
  std::optional<support::labelled_images> test;
  if (!wanted.labelled.empty()) {
    test = support::load_labelled(support::read_labels(wanted.labelled), steps);
  }
  const auto measure = [&](const char* what, auto forward) {
    if (test) std::printf("%-32s %6.2f %%\n", what, accuracy_of(*test, forward).top1);
  };
  const auto by_graph = [&](const at::Tensor& images) { return graph.forward(images); };
  measure("float", by_graph);

  const auto files = support::list_images(wanted.calibration);
  const std::size_t used = std::min(wanted.images, files.size());
  const support::image_set calibration(support::choose(files, used, wanted.seed), steps);
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
  support::wait_passively(argv);
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "lfnc-libtorch: " << problem.what() << '\n';
    return 1;
  }
}
