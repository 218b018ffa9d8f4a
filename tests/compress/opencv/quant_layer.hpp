// The layer `Quant` of compressed Caffe networks for OpenCV's DNN module.
#pragma once

#include <opencv2/dnn/all_layers.hpp>
#include <opencv2/dnn/layer.details.hpp>
#include <vector>

// alpha * clamp(floor(x / alpha + 0.5), low, high): alpha is the parameter negative_slope, low is
// shift (0 where it is not given) and high is scale (127).
class quant_layer final : public cv::dnn::Layer {
 public:
  explicit quant_layer(const cv::dnn::LayerParams& params);

  // What CV_DNN_REGISTER_LAYER_CLASS(Quant, quant_layer) asks for.
  static cv::Ptr<cv::dnn::Layer> create(cv::dnn::LayerParams& params);

  bool getMemoryShapes(const std::vector<cv::dnn::MatShape>& inputs, int required,
                       std::vector<cv::dnn::MatShape>& outputs,
                       std::vector<cv::dnn::MatShape>& internals) const override;
  void forward(cv::InputArrayOfArrays inputs, cv::OutputArrayOfArrays outputs,
               cv::OutputArrayOfArrays internals) override;

 private:
  float alpha_, low_, high_;
};
