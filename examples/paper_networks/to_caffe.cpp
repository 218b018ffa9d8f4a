#include "to_caffe.hpp"

#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "files/caffe/blobs.hpp"

namespace paper {
namespace {

using compress::LayerParameter;

std::uint32_t count(std::int64_t value) { return static_cast<std::uint32_t>(value); }

class exporter {
 public:
  explicit exporter(const compress::network& net) : readers_(net.values.size(), 0) {
    for (const compress::layer& at : net.layers) {
      for (const std::size_t value : at.inputs) ++readers_[value];
    }
    for (const compress::value& value : net.values) blobs_.push_back(value.name);
    made_.net.set_name(net.name);
    made_.weights.set_name(net.name);
    LayerParameter& input = *made_.net.add_layer();
    input.set_name(blobs_[net.input]);
    input.set_type("Input");
    input.add_top(blobs_[net.input]);
    auto& dims = *input.mutable_input_param()->add_shape();
    dims.add_dim(1);
    for (const std::int64_t extent : net.input_dims) dims.add_dim(extent);
    for (const compress::layer& at : net.layers) {
      at_ = &at;
      std::visit(*this, at.op);
    }
  }

  caffe_network take() { return std::move(made_); }

  void operator()(const compress::convolution& op) {
    LayerParameter layer = describe("Convolution", at_->name);
    auto& with = *layer.mutable_convolution_param();
    with.set_num_output(count(op.weight.dims[0]));
    with.set_bias_term(!op.bias.empty());
    // The window is square here.
    with.add_kernel_size(count(op.area.kernel[0]));
    with.add_stride(count(op.area.stride[0]));
    with.add_pad(count(op.area.pad_begin[0]));
    with.set_group(count(op.groups));
    add(layer, op.weight, op.bias);
  }

  void operator()(const compress::inner_product& op) {
    LayerParameter layer = describe("InnerProduct", at_->name);
    layer.mutable_inner_product_param()->set_num_output(count(op.weight.dims[0]));
    layer.mutable_inner_product_param()->set_bias_term(!op.bias.empty());
    add(layer, op.weight, op.bias);
  }

  void operator()(const compress::batch_norm& op) {
    work_in_place();
    LayerParameter norm = describe("BatchNorm", at_->name);
    norm.mutable_batch_norm_param()->set_use_global_stats(true);
    norm.mutable_batch_norm_param()->set_eps(static_cast<float>(op.epsilon));
    add(norm, {op.mean, op.variance, {1.0F}});
    const std::string rest = at_->name.substr(at_->name.find('_'));
    LayerParameter scale = describe("Scale", "scale" + rest);
    scale.set_bottom(0, scale.top(0));
    scale.mutable_scale_param()->set_bias_term(true);
    add(scale, {op.gamma, op.beta});
  }

  void operator()(const compress::pool& op) {
    LayerParameter layer = describe("Pooling", at_->name);
    auto& with = *layer.mutable_pooling_param();
    const bool average = op.what == compress::pool::kind::average;
    with.set_pool(average ? compress::caffe::PoolingParameter::AVE
                          : compress::caffe::PoolingParameter::MAX);
    if (op.global) {
      with.set_global_pooling(true);
    } else {
      with.set_kernel_size(count(op.area.kernel[0]));
      with.set_stride(count(op.area.stride[0]));
    }
    add(layer, {});
  }

  void operator()(const compress::relu&) {
    work_in_place();
    add(describe("ReLU", at_->name), {});
  }
  void operator()(const compress::eltwise&) { add(describe("Eltwise", at_->name), {}); }
  void operator()(const compress::softmax&) { add(describe("Softmax", at_->name), {}); }

  template <class Other>
  void operator()(const Other&) {
    throw std::invalid_argument("layer '" + at_->name + "' cannot be written to Caffe");
  }

 private:
  void work_in_place() {
    if (readers_[at_->inputs[0]] == 1) blobs_[at_->outputs[0]] = blobs_[at_->inputs[0]];
  }

  LayerParameter describe(const std::string& type, const std::string& name) {
    LayerParameter layer;
    layer.set_name(name);
    layer.set_type(type);
    for (const std::size_t value : at_->inputs) layer.add_bottom(blobs_[value]);
    for (const std::size_t value : at_->outputs) layer.add_top(blobs_[value]);
    return layer;
  }

  // The layer in both files, with its blobs in the second.
  LayerParameter& add(const LayerParameter& layer, const std::vector<std::vector<float>>& blobs) {
    *made_.net.add_layer() = layer;
    LayerParameter& stored = *made_.weights.add_layer();
    stored = layer;
    for (const std::vector<float>& values : blobs) *stored.add_blobs() = compress::encode(values);
    return stored;
  }

  void add(const LayerParameter& layer, const compress::tensor& weight,
           const std::vector<float>& bias) {
    LayerParameter& stored = add(layer, {});
    auto& blob = *stored.add_blobs();
    for (const std::int64_t extent : weight.dims) blob.mutable_shape()->add_dim(extent);
    blob.mutable_data()->Add(weight.values.begin(), weight.values.end());
    if (!bias.empty()) *stored.add_blobs() = compress::encode(bias);
  }

  std::vector<int> readers_;        // of each value
  std::vector<std::string> blobs_;  // the blob that holds each value
  caffe_network made_;
  const compress::layer* at_ = nullptr;
};

}  // namespace

caffe_network to_caffe(const compress::network& net) { return exporter(net).take(); }

}  // namespace paper
