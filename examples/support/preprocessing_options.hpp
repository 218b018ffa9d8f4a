// Options of a command line that say how an image file becomes a network's input.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>

#include "preprocessing.hpp"
#include "tensor.hpp"

namespace support {

// --resize, --size, --crop, --scale, --mean, --std and --color; --mean-file too where there is a
// function that reads one. Must live until the command line is parsed.
class preprocessing_options {
 public:
  using mean_file_reader = std::function<tensor(const std::filesystem::path&)>;

  explicit preprocessing_options(CLI::App& app, mean_file_reader read_mean_file = {});
  preprocessing_options(const preprocessing_options&) = delete;
  preprocessing_options& operator=(const preprocessing_options&) = delete;

  // What the parsed command line says; one value of --mean or --std stands for all channels. Throws
  // CLI::ValidationError naming the option that is no extent, and what the reader throws.
  preprocessing steps() const;

 private:
  preprocessing steps_;
  std::string size_;
  std::string crop_;
  std::filesystem::path mean_file_;
  mean_file_reader read_mean_file_;
};

}  // namespace support
