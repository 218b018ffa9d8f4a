// From a Caffe network to ours.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "../network_builder.hpp"
#include "messages.hpp"

namespace compress {

// The weights of a layer by its name. Throws model_error where two layers share one.
std::map<std::string, const LayerParameter*> layers_by_name(const NetParameter& weights);

// True where the layer belongs to the test-phase network: its include and exclude rules against
// the state of the net.
bool in_test_phase(const NetParameter& net, const LayerParameter& layer);

// The blobs that the test-phase network leaves unread, in Caffe's sense: its outputs.
std::vector<std::string> output_blobs(const NetParameter& net);

struct caffe_reading {
  network net;
  std::vector<std::string> blobs;  // for each value the blob that carries it
};

// Throws model_error: see caffe_reader::read.
caffe_reading read_caffe(const NetParameter& net, const NetParameter& weights);

class caffe_reader {
 public:
  caffe_reader(const NetParameter& net, const NetParameter& weights);

  // Throws model_error, naming the layer, on whatever is not supported or does not fit.
  caffe_reading read();

 private:
  struct item {  // one layer on its way into the network
    const LayerParameter& proto;
    std::size_t index;

    [[noreturn]] void refuse(const std::string& why) const;
  };
  using method = void (caffe_reader::*)(const item&);
  static const std::map<std::string_view, method>& methods();

  // read_graph.cpp: the network around the layers
  std::vector<item> test_phase_layers() const;
  void refuse_unsupported(const std::vector<item>& items) const;
  void read_inputs(const std::vector<item>& items);
  void find_live_layers(const std::vector<item>& items, const std::string& output);

  std::size_t input(const item& at);
  std::vector<std::size_t> inputs(const item& at);
  std::size_t axis_of(const item& at, std::int64_t axis, std::size_t value) const;
  std::size_t emit(const item& at, operation op, std::vector<std::size_t> in);
  std::vector<std::size_t> emit_tops(const item& at, operation op, std::vector<std::size_t> in,
                                     const std::vector<int>& tops);
  std::vector<tensor> blobs(const item& at, std::size_t least, std::size_t most) const;

  // read_layers.cpp
  void read_convolution(const item& at);
  void read_inner_product(const item& at);
  void read_batch_norm(const item& at);
  void read_scale(const item& at);
  void read_relu(const item& at);
  void read_relu6(const item& at);
  void read_prelu(const item& at);
  void read_clip(const item& at);
  void read_quant(const item& at);
  void read_pooling(const item& at);
  void read_eltwise(const item& at);
  void read_concat(const item& at);
  void read_slice(const item& at);
  void read_power(const item& at);
  void read_flatten(const item& at);
  void read_reshape(const item& at);
  void read_softmax(const item& at);
  void read_identity(const item& at);
  void read_split(const item& at);

  const NetParameter& net_;
  std::map<std::string, const LayerParameter*> weights_;
  network_builder builder_;
  std::map<std::string, std::size_t> current_;  // blob name to its latest value
  std::vector<std::string> blobs_;              // by value
  std::vector<bool> live_;                      // by index of the layer
};

}  // namespace compress
