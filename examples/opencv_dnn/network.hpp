// A network in OpenCV's DNN module that can be run whole, as OpenCV does it, or layer by layer.
#pragma once

#include <cstddef>
#include <filesystem>
#include <opencv2/dnn.hpp>
#include <vector>

namespace dnn_adapter {

// A layer, and the layers that it reads from.
struct node {
  static constexpr std::size_t images = static_cast<std::size_t>(-1);  // read in place of a layer

  cv::Ptr<cv::dnn::Layer> layer;
  std::vector<std::size_t> inputs;
  std::vector<cv::dnn::MatShape> laid_out;  // shapes that it is ready to read; empty for none
};

class network {
 public:
  // Reads an ONNX file, or a Caffe network: prototxt, then caffemodel. Throws std::runtime_error,
  // naming the file and where there is one the layer, for files that OpenCV cannot read and for
  // networks with several outputs.
  explicit network(const std::vector<std::filesystem::path>& files);

  // In the order of execution.
  const std::vector<node>& nodes() const { return nodes_; }

  // What OpenCV computes of a batch of images (N, C, H, W): its network, run by its own forward().
  cv::Mat forward(const cv::Mat& images);

  // What one layer makes of its inputs, in memory of its own. Throws std::runtime_error naming the
  // layer where it has several outputs.
  cv::Mat run(std::size_t index, const std::vector<cv::Mat>& inputs);

  // The blobs of that layer were written to.
  void renew(std::size_t index) { nodes_[index].laid_out.clear(); }

  // Parameters in float, in bytes.
  std::size_t parameter_bytes() const;

  // The network itself.
  cv::dnn::Net& net() { return net_; }

 private:
  cv::dnn::Net net_;
  std::vector<node> nodes_;
};

}  // namespace dnn_adapter
