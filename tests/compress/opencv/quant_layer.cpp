#include "quant_layer.hpp"

#include <algorithm>
#include <cmath>

quant_layer::quant_layer(const cv::dnn::LayerParams& params)
    : Layer(params),
      alpha_(params.get<float>("negative_slope")),
      low_(params.get<float>("shift", 0)),
      high_(params.get<float>("scale", 127)) {}

cv::Ptr<cv::dnn::Layer> quant_layer::create(cv::dnn::LayerParams& params) {
  return cv::makePtr<quant_layer>(params);
}

bool quant_layer::getMemoryShapes(const std::vector<cv::dnn::MatShape>& inputs, int required,
                                  std::vector<cv::dnn::MatShape>& outputs,
                                  std::vector<cv::dnn::MatShape>& internals) const {
  Layer::getMemoryShapes(inputs, required, outputs, internals);
  return true;  // in place
}

void quant_layer::forward(cv::InputArrayOfArrays inputs, cv::OutputArrayOfArrays outputs,
                          cv::OutputArrayOfArrays) {
  std::vector<cv::Mat> from;
  std::vector<cv::Mat> to;
  inputs.getMatVector(from);
  outputs.getMatVector(to);
  for (std::size_t k = 0; k < from.size(); ++k) {
    std::transform(from[k].ptr<float>(), from[k].ptr<float>() + from[k].total(), to[k].ptr<float>(),
                   [this](float x) {
                     return alpha_ * std::clamp(std::floor(x / alpha_ + 0.5F), low_, high_);
                   });
  }
}
