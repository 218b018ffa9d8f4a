#include "options.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "mean_file.hpp"

namespace dnn_adapter {

std::optional<options> parse_options(int argc, char** argv, int& status) {
  options result;
  std::string mean_file;
  std::string weights = lfnc::name_of(result.how.weights);
  std::string first_and_last = lfnc::name_of(result.how.first_and_last);
  std::string color = "rgb";

  CLI::App app("Compresses a network inside OpenCV's DNN module, with unlabelled images.",
               "lfnc-opencv-dnn");
  app.add_option("--model", result.model, "net.onnx, or net.prototxt net.caffemodel")
      ->required()
      ->expected(1, 2);
  app.add_option("--calibration", result.calibration, "Folder of unlabelled images")->required();
  app.add_option("--labelled", result.labelled, "Images to measure on: folder or labels.txt");
  app.add_option("--report", result.report, "Write the report of all layers there, as JSON");

  app.add_option("--crop", result.steps.crop, "Side of a square out of the middle")
      ->check(CLI::Range(1, 1 << 16));
  app.add_option("--scale", result.steps.scale, "Factor on pixels of 0 ... 255, before the mean");
  app.add_option("--mean", result.steps.mean, "A value for each channel, or one for all")
      ->expected(1, 3);
  app.add_option("--std", result.steps.std, "The same")->expected(1, 3);
  app.add_option("--mean-file", mean_file, "A mean for each pixel, .binaryproto");
  app.add_option("--color", color, "rgb or bgr")->check(CLI::IsMember({"rgb", "bgr"}));

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
  result.steps.bgr = color == "bgr";
  if (!mean_file.empty()) result.steps.mean_image = read_mean_file(mean_file);
  return result;
}

}  // namespace dnn_adapter
