// Caffe's mean images.
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>

namespace dnn_adapter {

// A .binaryproto file as channels x height x width. Throws std::runtime_error naming the file.
cv::Mat read_mean_file(const std::filesystem::path& file);

}  // namespace dnn_adapter
