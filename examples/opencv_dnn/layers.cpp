#include "layers.hpp"

#include <lfnc/exec/cpu.hpp>
#include <lfnc/interop/opencv.hpp>
#include <opencv2/dnn/layer.details.hpp>

namespace dnn_adapter {

namespace {

using cv::dnn::LayerParams;
using layer = cv::Ptr<cv::dnn::Layer>;

template <class Own>
layer make_own(const LayerParams& params) {
  return Own::create(params);
}

template <class Own>
layer make_renewed(LayerParams& params) {
  return cv::makePtr<renewed_layer>(params, make_own<Own>);
}

layer make_relu(LayerParams& params) {
  return cv::makePtr<quantized_activation>(params, cv::dnn::ReLULayer::create(params),
                                           params.get<float>("negative_slope", 0) != 0);
}

layer make_clip(LayerParams& params) {
  return cv::makePtr<quantized_activation>(params, cv::dnn::ReLU6Layer::create(params),
                                           params.get<float>("min_value", 0) < 0);
}

layer make_prelu(LayerParams& params) {
  return cv::makePtr<quantized_activation>(params, cv::dnn::ChannelsPReLULayer::create(params),
                                           true);
}

struct registered {
  const char* type;
  layer (*make)(LayerParams&);
};

constexpr registered types[] = {{"BatchNorm", make_renewed<cv::dnn::BatchNormLayer>},
                                {"InnerProduct", make_renewed<cv::dnn::InnerProductLayer>},
                                {"ReLU", make_relu},
                                {"ReLU6", make_clip},
                                {"PReLU", make_prelu}};

}  // namespace

void renewed_layer::finalize(cv::InputArrayOfArrays inputs, cv::OutputArrayOfArrays outputs) {
  params_.blobs = blobs;
  own_ = make_(params_);
  own_->finalize(inputs, outputs);
}

void quantized_activation::forward(cv::InputArrayOfArrays inputs, cv::OutputArrayOfArrays outputs,
                                   cv::OutputArrayOfArrays internals) {
  own_->forward(inputs, outputs, internals);
  if (!grid_) return;
  std::vector<cv::Mat> made;
  outputs.getMatVector(made);
  for (const cv::Mat& values : made) {
    cv::Mat row = values.reshape(1, 1);
    const auto view = lfnc::as_view<float, 1>(row);
    lfnc::fake_quantize(lfnc::cpu(), view, view, *grid_);
  }
}

layer_registration::layer_registration() {
  for (const auto& [type, make] : types) cv::dnn::LayerFactory::registerLayer(type, make);
}

layer_registration::~layer_registration() {
  for (const auto& [type, make] : types) cv::dnn::LayerFactory::unregisterLayer(type);
}

}  // namespace dnn_adapter
