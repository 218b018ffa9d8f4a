#include "options.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "../support/preprocessing_options.hpp"
#include "mean_file.hpp"

namespace dnn_adapter {

std::optional<options> parse_options(int argc, char** argv, int& status) {
  options result;
  std::string weights = lfnc::name_of(result.how.weights);
  std::string first_and_last = lfnc::name_of(result.how.first_and_last);

  CLI::App app("Compresses a network inside OpenCV's DNN module, with unlabelled images.",
               "lfnc-opencv-dnn");
  app.add_option("--model", result.model, "net.onnx, or net.prototxt net.caffemodel")
      ->required()
      ->expected(1, 2);
  app.add_option("--calibration", result.calibration, "Folder of unlabelled images")->required();
  app.add_option("--labelled", result.labelled, "Images to measure on: folder or labels.txt");
  app.add_option("--report", result.report, "Write the report of all layers there, as JSON");

  const support::preprocessing_options steps(app, read_mean_file);

  app.add_option("--weights", weights, "Codebook, such as uniform-4 or ternary");
  app.add_option("--first-last", first_and_last, "Codebook of the first and the last layer");
  app.add_option("--images", result.how.images, "Images for the re-normalization; default 1000");
  app.add_option("--activation-images", result.how.activation_images,
                 "Images for the activations; default 400");
  app.add_option("--seed", result.seed, "Of the choice of images; default 1");
  app.add_option("--batch", result.how.batch, "Images at once; default 20")
      ->check(CLI::Range(1, 4096));
  app.add_option("--memory", result.how.memory, "Such as 500M or 2G (default)")
      ->transform(CLI::AsSizeValue(false));
  try {
    app.parse(argc, argv);
    result.steps = steps.steps();
    result.how.weights = lfnc::codebook_named(weights);
    result.how.first_and_last = lfnc::codebook_named(first_and_last);
  } catch (const CLI::ParseError& problem) {
    status = app.exit(problem) == 0 ? 0 : 2;
    return std::nullopt;
  } catch (const lfnc::error& problem) {
    std::cerr << "lfnc-opencv-dnn: " << problem.what() << std::endl;
    status = 2;
    return std::nullopt;
  }
  return result;
}

}  // namespace dnn_adapter
