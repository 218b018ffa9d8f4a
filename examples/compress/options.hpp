// The command line of lfnc-compress.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "../support/preprocessing.hpp"
#include "files/model_file.hpp"
#include "method/settings.hpp"

namespace compress {

struct options {
  model_paths model;                  // one .onnx, or .prototxt and .caffemodel
  model_paths output;                 // likewise; empty: nothing is written
  std::filesystem::path report;       // JSON; empty: nothing is written
  std::filesystem::path calibration;  // folder; empty: the network is only measured
  std::filesystem::path labelled;     // folder with labels.txt, or the list itself; may be empty
  support::preprocessing steps;
  settings how;
  bool images_given = false;  // --images: that many, else as many as there are up to 1,000
  bool activation_images_given = false;
};

// Parses the command line. Where the program should end at once (--help, a mistake) the message has
// been printed, and the exit status is returned in place of options.
std::optional<options> parse_options(int argc, char** argv, int& status);

}  // namespace compress
