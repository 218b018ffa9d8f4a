// Caffe's mean image.
#pragma once

#include <filesystem>

#include "../network.hpp"

namespace compress {

// A .binaryproto file as (C, H, W), in the channel order of the file. Throws model_error for a file
// that is missing, malformed, or not one image.
tensor read_mean_file(const std::filesystem::path& path);

}  // namespace compress
