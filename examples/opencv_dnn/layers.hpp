// Layers that take the place of OpenCV's own while lfnc works on a network: they run OpenCV's code,
// and add what OpenCV's layers do not offer.
#pragma once

#include <lfnc/activations.hpp>
#include <opencv2/dnn/all_layers.hpp>
#include <optional>
#include <vector>

namespace dnn_adapter {

// Hands everything on to OpenCV's own layer.
class wrapping_layer : public cv::dnn::Layer {
 public:
  bool getMemoryShapes(const std::vector<cv::dnn::MatShape>& inputs, int required,
                       std::vector<cv::dnn::MatShape>& outputs,
                       std::vector<cv::dnn::MatShape>& internals) const override {
    return own_->getMemoryShapes(inputs, required, outputs, internals);
  }
  void finalize(cv::InputArrayOfArrays inputs, cv::OutputArrayOfArrays outputs) override {
    own_->finalize(inputs, outputs);
  }
  void forward(cv::InputArrayOfArrays inputs, cv::OutputArrayOfArrays outputs,
               cv::OutputArrayOfArrays internals) override {
    own_->forward(inputs, outputs, internals);
  }

 protected:
  wrapping_layer(const cv::dnn::LayerParams& params, cv::Ptr<cv::dnn::Layer> own)
      : Layer(params), own_(std::move(own)) {}

  cv::Ptr<cv::dnn::Layer> own_;
};

// A layer that OpenCV reads the blobs of when it is made, and never again: batch norm, inner
// product. Here it is made anew whenever the network is laid out, so that what was written to its
// blobs counts from then on.
class renewed_layer final : public wrapping_layer {
 public:
  using maker = cv::Ptr<cv::dnn::Layer> (*)(const cv::dnn::LayerParams&);

  renewed_layer(const cv::dnn::LayerParams& params, maker make)
      : wrapping_layer(params, make(params)), params_(params), make_(make) {}

  const cv::dnn::LayerParams& params() const { return params_; }
  void finalize(cv::InputArrayOfArrays inputs, cv::OutputArrayOfArrays outputs) override;

 private:
  cv::dnn::LayerParams params_;
  maker make_;
};

// An activation function whose values lfnc rounds to alpha * {low, ..., high} once it is told to.
class quantized_activation final : public wrapping_layer {
 public:
  quantized_activation(const cv::dnn::LayerParams& params, cv::Ptr<cv::dnn::Layer> own,
                       bool is_signed)
      : wrapping_layer(params, std::move(own)), is_signed_(is_signed) {}

  // Whether its values may be below 0.
  bool is_signed() const { return is_signed_; }
  void set_grid(const lfnc::activation_grid& grid) { grid_ = grid; }
  void forward(cv::InputArrayOfArrays inputs, cv::OutputArrayOfArrays outputs,
               cv::OutputArrayOfArrays internals) override;

 private:
  bool is_signed_;
  std::optional<lfnc::activation_grid> grid_;
};

// While it lives, OpenCV makes these layers in place of its own BatchNorm, InnerProduct, ReLU (the
// leaky one too), ReLU6 (which clipping is to OpenCV) and PReLU.
class layer_registration {
 public:
  layer_registration();
  ~layer_registration();
  layer_registration(const layer_registration&) = delete;
  layer_registration& operator=(const layer_registration&) = delete;
};

}  // namespace dnn_adapter
