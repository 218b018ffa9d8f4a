// A network in a Caffe .prototxt and .caffemodel.
//
// Written, in the published form: the blob of a compressed convolution or inner product holds the
// integer codes, its bias stays, and behind it stands a Scale layer "<layer>_alpha_term" in place
// on the same blob, with alpha as weight and b (1 - alpha) as bias where the layer has a bias b. A
// BatchNorm with new statistics holds mean, variance and the scale factor 1. A ReLU whose output is
// quantized becomes a Quant layer (quant_layer.hpp) under the same name; any other quantized value
// passes a Quant layer "<layer>_quant" in place.
#pragma once

#include <memory>
#include <string>

#include "../model_file.hpp"

namespace compress {

// Reads the two files' contents. Throws model_error.
std::unique_ptr<model_file> read_caffe_files(const std::string& prototxt, std::string caffemodel);

}  // namespace compress
