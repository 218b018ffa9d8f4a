// Caffe's mean images.
#pragma once

#include <filesystem>

#include "../support/tensor.hpp"

namespace dnn_adapter {

// A .binaryproto file as (C, H, W), in the channel order of the file. Throws std::runtime_error
// naming the file.
support::tensor read_mean_file(const std::filesystem::path& file);

}  // namespace dnn_adapter
