// A network as Caffe's two files would hold it.
#pragma once

#include "files/caffe/messages.hpp"
#include "network.hpp"

namespace paper {

struct caffe_network {
  compress::NetParameter net;      // the .prototxt
  compress::NetParameter weights;  // the .caffemodel
};

// A batch norm becomes a BatchNorm and a Scale layer, "bn_X" and "scale_X"; layers of one input
// that nobody else reads work in place where Caffe's users let them. Throws std::invalid_argument,
// naming the layer, on an operation that none of the paper's networks has.
caffe_network to_caffe(const compress::network& net);

}  // namespace paper
