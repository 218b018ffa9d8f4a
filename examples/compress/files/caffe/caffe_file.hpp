// A network in a Caffe .prototxt and .caffemodel.
#pragma once

#include <memory>
#include <string>

#include "../model_file.hpp"

namespace compress {

// Reads the two files' contents. Throws model_error.
std::unique_ptr<model_file> read_caffe_files(const std::string& prototxt,
                                             const std::string& caffemodel);

}  // namespace compress
