#include "writer.hpp"

#include <algorithm>
#include <utility>

#include "../transposed.hpp"
#include "blobs.hpp"
#include "quant_layer.hpp"

namespace compress {

caffe_writer::caffe_writer(NetParameter net, NetParameter weights, const caffe_reading& reading,
                           const network& changed)
    : net_(std::move(net)), weights_(std::move(weights)), reading_(reading), changed_(changed) {
  for (const LayerParameter& layer : net_.layer()) names_.insert(layer.name());
  for (const LayerParameter& layer : weights_.layer()) names_.insert(layer.name());
}

void caffe_writer::write() {
  const network_changes changes = find_changes(reading_.net, changed_);
  for (const std::size_t i : changes.coded) write_codes(changed_.layers[i]);
  for (const std::size_t i : changes.measured) write_statistics(changed_.layers[i]);
  for (const std::size_t i : changes.quantized) write_quantizer(i, *changed_.values[i].quantizer);
  rebuild();
}

std::string caffe_writer::fresh(const std::string& wanted) {
  std::string name = wanted;
  for (int k = 2; !names_.insert(name).second; ++k) name = wanted + "_" + std::to_string(k);
  return name;
}

LayerParameter& caffe_writer::weights_of(const std::string& name) {
  LayerParameter* found = nullptr;
  for (LayerParameter& layer : *weights_.mutable_layer()) {
    if (layer.name() == name && (found == nullptr || layer.blobs_size() != 0)) found = &layer;
  }
  return *found;  // the reader has found it
}

// alpha Q x + b == alpha (Q x + b) + (1 - alpha) b: the codes stand in the layer, whose bias stays,
// and a Scale layer in place on the same blob does the rest.
void caffe_writer::write_codes(const layer& at) {
  const auto index = static_cast<int>(at.source);
  const LayerParameter& proto = net_.layer(index);
  const auto* conv = std::get_if<convolution>(&at.op);
  const auto* product = std::get_if<inner_product>(&at.op);
  const tensor& weight = conv != nullptr ? conv->weight : product->weight;
  const weight_codes& given = conv != nullptr ? *conv->codes : *product->codes;
  const std::vector<float>& bias = conv != nullptr ? conv->bias : product->bias;

  std::vector<float> codes(given.codes.begin(), given.codes.end());
  if (product != nullptr && proto.inner_product_param().transpose()) {
    codes = transposed(codes, weight.dims[0], weight.dims[1]);
  }
  replace_values(*weights_of(proto.name()).mutable_blobs(0), codes);

  LayerParameter scale;
  scale.set_name(fresh(proto.name() + "_alpha_term"));
  scale.set_type("Scale");
  scale.add_bottom(proto.top(0));
  scale.add_top(proto.top(0));
  scale.mutable_scale_param()->set_bias_term(!bias.empty());
  after_[index].push_back(scale);
  *scale.add_blobs() = encode(given.alpha);
  if (!bias.empty()) {
    std::vector<float> rest(bias.size());
    for (std::size_t o = 0; o < bias.size(); ++o) rest[o] = bias[o] * (1.0F - given.alpha[o]);
    *scale.add_blobs() = encode(rest);
  }
  weights_after_[proto.name()] = std::move(scale);
}

void caffe_writer::write_statistics(const layer& at) {
  const auto& norm = std::get<batch_norm>(at.op);
  LayerParameter& stored = weights_of(net_.layer(static_cast<int>(at.source)).name());
  replace_values(*stored.mutable_blobs(0), norm.mean);
  replace_values(*stored.mutable_blobs(1), norm.variance);
  replace_values(*stored.mutable_blobs(2), {1.0F});
}

// A ReLU and a quantizer from 0 up are one Quant layer, as published; any other quantizer is a
// Quant layer in place behind the layer that makes the value.
void caffe_writer::write_quantizer(std::size_t value, const activation_quantizer& quantizer) {
  const std::string& blob = reading_.blobs[value];
  int index = -1;
  std::string maker = blob;
  for (const layer& at : changed_.layers) {
    if (std::find(at.outputs.begin(), at.outputs.end(), value) == at.outputs.end()) continue;
    index = static_cast<int>(at.source);
    maker = net_.layer(index).name();
    if (!std::holds_alternative<relu>(at.op) || quantizer.low != 0) continue;
    make_quant_layer(*net_.mutable_layer(index), quantizer);
    for (LayerParameter& stored : *weights_.mutable_layer()) {
      if (stored.name() == maker) make_quant_layer(stored, quantizer);
    }
    return;
  }
  for (int i = 0; index < 0 && i < net_.layer_size(); ++i) {
    if (net_.layer(i).type() == "Input" && in_test_phase(net_, net_.layer(i))) index = i;
  }
  LayerParameter added;
  added.set_name(fresh(maker + "_quant"));
  added.add_bottom(blob);
  added.add_top(blob);
  make_quant_layer(added, quantizer);
  after_[index].push_back(std::move(added));
}

void caffe_writer::rebuild() {
  NetParameter net = net_, weights = weights_;
  net.clear_layer();
  weights.clear_layer();
  const auto append = [&net](const std::vector<LayerParameter>& more) {
    for (const LayerParameter& layer : more) *net.add_layer() = layer;
  };
  append(after_[-1]);
  for (int i = 0; i < net_.layer_size(); ++i) {
    *net.add_layer() = net_.layer(i);
    append(after_[i]);
  }
  for (const LayerParameter& layer : weights_.layer()) {
    *weights.add_layer() = layer;
    const auto behind = weights_after_.find(layer.name());
    if (behind != weights_after_.end()) *weights.add_layer() = behind->second;
  }
  net_ = std::move(net);
  weights_ = std::move(weights);
}

}  // namespace compress
