// What the command line of lfnc-opencv-dnn says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <lfnc/compress/options.hpp>
#include <optional>
#include <vector>

#include "../support/preprocessing.hpp"

namespace dnn_adapter {

struct options {
  std::vector<std::filesystem::path> model;
  std::filesystem::path calibration;
  std::filesystem::path labelled;  // a list "file class", or a folder with labels.txt
  std::filesystem::path report;    // where the report goes as JSON; empty for nowhere
  support::preprocessing steps;
  std::uint64_t seed = 1;
  lfnc::compress_options how;
};

// Without a value where the program is to end with `status` at once. Throws std::exception for a
// mean file that cannot be read.
std::optional<options> parse_options(int argc, char** argv, int& status);

}  // namespace dnn_adapter
