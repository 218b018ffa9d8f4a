#include "options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <utility>

#include "../support/preprocessing_options.hpp"
#include "files/mean_file.hpp"

namespace compress {

namespace {

// An option whose value is one of a few words.
template <class Value>
CLI::Option* add_choice(CLI::App& app, const std::string& name, Value& to,
                        const std::map<std::string, Value>& words, const std::string& description) {
  return app
      .add_option_function<std::string>(
          name, [&to, words](const std::string& word) { to = words.at(word); }, description)
      ->check(CLI::IsMember(words));
}

CLI::Option* add_codebook(CLI::App& app, const std::string& name, lfnc::codebook_choice& to,
                          const std::string& description) {
  return app.add_option_function<std::string>(
      name,
      [&to, name](const std::string& word) {
        try {
          to = lfnc::codebook_named(word);
        } catch (const lfnc::argument_error& problem) {
          throw CLI::ValidationError(name, problem.what());
        }
      },
      description);
}

}  // namespace

std::optional<options> parse_options(int argc, char** argv, int& status) {
  options result;
  CLI::App app(
      "Compresses a trained network to few-bit weights and 8-bit activations with unlabelled "
      "images alone. Without --calibration, only measures the network.",
      "lfnc-compress");
  app.option_defaults()->always_capture_default(false);

  std::string preset = "default";

  app.add_option("-m,--model", result.model,
                 "The network, batch norm not folded: FILE.onnx, or FILE.prototxt FILE.caffemodel")
      ->required()
      ->expected(1, 2)
      ->check(CLI::ExistingFile);
  app.add_option("--report", result.report, "Write the report of all layers there, as JSON");
  app.add_option("-o,--output", result.output,
                 "Where the compressed network is written: FILE.onnx, or FILE.prototxt "
                 "FILE.caffemodel, like the input")
      ->expected(1, 2);
  app.add_option("-c,--calibration", result.calibration, "Folder of unlabelled images")
      ->check(CLI::ExistingDirectory);
  app.add_option("-l,--labelled", result.labelled,
                 "Folder of images with a labels.txt of 'file class' lines, to measure accuracy on")
      ->check(CLI::ExistingPath);

  const support::preprocessing_options steps(app, read_mean_file);

  settings& how = result.how;
  const auto method = "Method";
  app.add_option("--preset", preset,
                 "default: lfnc's method; published: that of He & Cheng, ECCV 2018, to the letter. "
                 "Other options change the preset")
      ->group(method)
      ->check(CLI::IsMember({"default", "published"}));
  add_codebook(app, "--weights", how.weights,
               "Codebook: ternary, uniform-2 .. uniform-8, power-of-two-3, power-of-two-4, "
               "published-power-of-two-3, published-power-of-two-4, fixed-8; default uniform-4")
      ->group(method);
  add_codebook(app, "--first-last", how.first_and_last,
               "Codebook of the first and the last layer; default uniform-8")
      ->group(method);
  add_choice(app, "--solver", how.fit.solver,
             {{"exact", lfnc::solver::exact},
              {"lloyd", lfnc::solver::lloyd},
              {"abs-max", lfnc::solver::abs_max}},
             "exact (default), lloyd or abs-max")
      ->group(method);
  add_choice(app, "--renormalize", how.renormalize,
             {{"none", lfnc::renormalization::none},
              {"plain", lfnc::renormalization::plain},
              {"anchored", lfnc::renormalization::anchored}},
             "anchored (default), plain or none")
      ->group(method);
  app.add_flag_callback(
         "--renormalize-once", [&how] { how.renormalize_again = false; },
         "Not once more when activations are quantized")
      ->group(method);
  CLI::Option* images =
      app.add_option("-n,--images", how.images,
                     "Images for re-normalization; default 1000, or all where there are fewer")
          ->group(method)
          ->check(CLI::Range(1, 1 << 30));
  app.add_flag_callback(
         "--no-activations", [&how] { how.quantize_activations = false; },
         "Leave activations in float")
      ->group(method);
  app.add_option("--activation-bits", how.activation_bits, "2..8; default 8")
      ->group(method)
      ->check(CLI::Range(2, 8));
  CLI::Option* activation_images =
      app.add_option("--activation-images", how.activation_images,
                     "Images for activations; default 400, or --images where that is less")
          ->group(method)
          ->check(CLI::Range(1, 1 << 30));
  add_choice(app, "--activation-calibration", how.calibration.method,
             {{"exact", lfnc::calibration::exact},
              {"lloyd", lfnc::calibration::lloyd},
              {"abs-max", lfnc::calibration::abs_max},
              {"percentile", lfnc::calibration::percentile}},
             "exact (default), lloyd, abs-max or percentile")
      ->group(method);
  app.add_option_function<std::string>(
         "--device",
         [&how](const std::string& name) {
           how.where = name == "cuda" ? cuda_device() : cpu_device();
         },
         "Where weights and statistics are computed: cpu (default) or cuda")
      ->group(method)
      ->check(CLI::IsMember({"cpu", "cuda"}));
  app.add_flag_callback(
         "--only-result", [&how] { how.measure_steps = false; },
         "Measure the compressed network alone, not every step to it")
      ->group(method);
  app.add_option("--seed", how.seed, "Of the choice among the calibration images; default 1")
      ->group(method);
  app.add_option("--batch", how.batch, "Images a forward pass; default 20")
      ->group(method)
      ->check(CLI::Range(1, 4096));
  app.add_option("--memory", how.memory,
                 "Memory that the program may take, such as 500M or 2G (default)")
      ->group(method)
      ->transform(CLI::AsSizeValue(false));

  try {
    // The preset goes first, so that every other option changes it whatever the order.
    const std::vector<std::string> words(argv + 1, argv + argc);
    for (std::size_t k = 0; k < words.size(); ++k) {
      if (words[k] == "--preset=published" ||
          (words[k] == "--preset" && k + 1 < words.size() && words[k + 1] == "published")) {
        how = published_settings();
      }
    }
    app.parse(argc, argv);
    result.steps = steps.steps();
    if (result.calibration.empty() && result.labelled.empty()) {
      throw CLI::RequiredError("--calibration or --labelled");
    }
    for (const auto& [name, given] : {std::pair{"--output", !result.output.empty()},
                                      std::pair{"--report", !result.report.empty()}}) {
      if (given && result.calibration.empty()) {
        throw CLI::RequiredError(std::string("--calibration, which ") + name + " needs,");
      }
    }
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) {  // --help
      status = app.exit(problem);
    } else {
      std::cerr << "lfnc-compress: " << problem.what() << " (--help lists the options)"
                << std::endl;
      status = 2;
    }
    return std::nullopt;
  }
  result.images_given = images->count() > 0;
  result.activation_images_given = activation_images->count() > 0;
  return result;
}

}  // namespace compress
