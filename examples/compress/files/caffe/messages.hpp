// Caffe's protobuf messages, generated from caffe.proto.
#pragma once

#include <caffe.pb.h>

#include <string>

namespace compress {

using caffe::BlobProto;
using caffe::LayerParameter;
using caffe::NetParameter;

// The text form (.prototxt). Throws model_error with line and column on a syntax error and on a
// field that caffe.proto does not know.
NetParameter parse_prototxt(const std::string& text);

// The binary form (.caffemodel). Throws model_error.
NetParameter parse_caffemodel(const std::string& bytes);

std::string print_prototxt(const NetParameter& net);
std::string print_caffemodel(const NetParameter& net);

}  // namespace compress
