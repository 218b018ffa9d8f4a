// Caffe networks made from text and from blobs.
#pragma once

#include <string>
#include <vector>

#include "files/caffe/blobs.hpp"
#include "files/caffe/caffe_file.hpp"
#include "support.hpp"

namespace compress::test {

struct caffe_model {
  std::string text = "name: 'model' ";
  NetParameter weights;

  // An Input layer of (1, 4, 8, 6) with blob and name "x".
  caffe_model() { input("1 4 8 6"); }
  explicit caffe_model(const std::string& prototxt) : text(prototxt) {}

  void input(const std::string& dims) {
    text += "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { ";
    std::size_t at = 0;
    while (at < dims.size()) {
      const std::size_t end = std::min(dims.find(' ', at), dims.size());
      text += "dim: " + dims.substr(at, end - at) + " ";
      at = end + 1;
    }
    text += "} } } ";
  }

  // One bottom, one top; `top` is also the layer's name unless `name` says otherwise.
  caffe_model& layer(const std::string& type, const std::string& bottom, const std::string& top,
                     const std::string& rest = "", const std::string& name = "") {
    return wide_layer(type, {bottom}, {top}, rest, name.empty() ? top : name);
  }

  caffe_model& wide_layer(const std::string& type, const std::vector<std::string>& bottoms,
                          const std::vector<std::string>& tops, const std::string& rest,
                          const std::string& name) {
    text += "layer { name: '" + name + "' type: '" + type + "' ";
    for (const std::string& bottom : bottoms) text += "bottom: '" + bottom + "' ";
    for (const std::string& top : tops) text += "top: '" + top + "' ";
    text += rest + " } ";
    return *this;
  }

  caffe_model& blob(const std::string& name, const shape& dims, std::vector<float> values = {}) {
    LayerParameter* found = nullptr;
    for (LayerParameter& candidate : *weights.mutable_layer()) {
      if (candidate.name() == name) found = &candidate;
    }
    if (found == nullptr) {
      found = weights.add_layer();
      found->set_name(name);
    }
    std::size_t count = 1;
    for (const std::int64_t extent : dims) count *= static_cast<std::size_t>(extent);
    if (values.empty()) values = numbers(count);
    BlobProto& made = *found->add_blobs();
    for (const std::int64_t extent : dims) made.mutable_shape()->add_dim(extent);
    made.mutable_data()->Add(values.begin(), values.end());
    return *this;
  }

  std::unique_ptr<model_file> read() const {
    NetParameter some = weights;
    if (some.layer_size() == 0) some.add_layer()->set_name("x");
    return read_caffe_files(text, some.SerializeAsString());
  }
  network net() const { return read()->net(); }
};

}  // namespace compress::test
