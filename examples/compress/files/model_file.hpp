// Trained networks in files: read into a network, written again with what compression changed.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <vector>

#include "../network.hpp"

namespace compress {

// A model file that is missing, malformed, or uses what is not supported. The message names the
// file, and the layer or field.
struct model_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// One .onnx file, or a .prototxt and a .caffemodel in any order.
using model_paths = std::vector<std::filesystem::path>;

// The two files of a Caffe network.
struct caffe_paths {
  std::filesystem::path prototxt, caffemodel;
};

// Throws model_error where the paths are not one .prototxt and one .caffemodel.
caffe_paths sort_caffe_paths(const model_paths& paths);

// A network together with the file message it was read from, so that writing keeps names, metadata
// and everything else that the network does not represent.
class model_file {
 public:
  model_file() = default;
  model_file(const model_file&) = delete;
  model_file& operator=(const model_file&) = delete;
  virtual ~model_file() = default;

  // The network as it was read: checked, in execution order, without layers that the output does
  // not depend on.
  virtual const network& net() const = 0;

  // Writes the file with the changes that `changed` has against net(). These may be: codes set on a
  // convolution or inner_product (then weight == alpha * codes per output channel), mean and
  // variance of a batch_norm, and a quantizer set on a value that had none. Throws
  // std::invalid_argument, naming the layer or value, on any other change, and model_error where
  // the format cannot say it or a file cannot be written. Files appear under their names only
  // after all of them have been written whole.
  virtual void write(const model_paths& paths, network changed) const = 0;
};

// Throws model_error where a network read from the files `model` cannot be written to `output`:
// files of another kind, or places that cannot be written. To be asked before long work.
void check_output(const model_paths& model, const model_paths& output);

// Reads a network. Throws model_error. The file's message and the network in it take twice the
// memory of the parameters, and while they are read up to another time as much.
std::unique_ptr<model_file> read_model(const model_paths& paths);

// The network alone, for long work with many images: to write it, read the file again.
network read_network(const model_paths& paths);

}  // namespace compress
