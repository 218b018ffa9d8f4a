#include "network.hpp"

#include <map>
#include <opencv2/dnn/shape_utils.hpp>
#include <stdexcept>
#include <string>

#include "layers.hpp"

namespace dnn_adapter {

namespace {

cv::dnn::Net read(const std::vector<std::filesystem::path>& files) {
  for (const std::filesystem::path& file : files) {
    if (!std::filesystem::is_regular_file(file)) {
      throw std::runtime_error(file.string() + ": no such file");
    }
  }
  try {
    if (files.size() == 1) return cv::dnn::readNetFromONNX(files[0].string());
    return cv::dnn::readNetFromCaffe(files.at(0).string(), files.at(1).string());
  } catch (const cv::Exception& problem) {
    throw std::runtime_error(files[0].string() + ": OpenCV cannot read it: " + problem.err);
  }
}

[[noreturn]] void refuse(const cv::dnn::Layer& layer, const std::string& reason) {
  throw std::runtime_error("layer '" + layer.name + "' of type " + layer.type + ": " + reason);
}

}  // namespace

network::network(const std::vector<std::filesystem::path>& files) {
  // OpenCV makes a layer when it is first asked for.
  const layer_registration registered;
  net_ = read(files);
  net_.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
  net_.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
  // Nothing to re-normalize would be left.
  net_.enableFusion(false);
  if (net_.getUnconnectedOutLayers().size() != 1) {
    throw std::runtime_error(files[0].string() + ": has " +
                             std::to_string(net_.getUnconnectedOutLayers().size()) +
                             " outputs, not one");
  }
  std::map<const cv::dnn::Layer*, std::size_t> places;
  places[net_.getLayer(0).get()] = node::images;
  try {
    for (const std::string& name : net_.getLayerNames()) {
      const int id = net_.getLayerId(name);
      node added{net_.getLayer(id), {}, {}};
      for (const cv::Ptr<cv::dnn::Layer>& input : net_.getLayerInputs(id)) {
        const auto from = places.find(input.get());
        if (from == places.end()) refuse(*added.layer, "reads a layer that comes after it");
        added.inputs.push_back(from->second);
      }
      places[added.layer.get()] = nodes_.size();
      nodes_.push_back(std::move(added));
    }
  } catch (const cv::Exception& problem) {
    throw std::runtime_error(files[0].string() + ": OpenCV cannot make its layers: " + problem.err);
  }
}

cv::Mat network::forward(const cv::Mat& images) {
  // A change of this setting makes OpenCV lay the network out anew, and read all blobs again.
  net_.enableFusion(true);
  net_.enableFusion(false);
  for (node& at : nodes_) at.laid_out.clear();
  net_.setInput(images);
  return net_.forward().clone();
}

cv::Mat network::run(std::size_t index, const std::vector<cv::Mat>& inputs) {
  node& at = nodes_[index];
  std::vector<cv::dnn::MatShape> shapes;
  for (const cv::Mat& input : inputs) shapes.push_back(cv::dnn::shape(input));
  std::vector<cv::dnn::MatShape> output_shapes;
  std::vector<cv::dnn::MatShape> internal_shapes;
  at.layer->getMemoryShapes(shapes, 1, output_shapes, internal_shapes);
  if (output_shapes.size() != 1) refuse(*at.layer, "has several outputs, which is not supported");
  std::vector<cv::Mat> outputs{cv::Mat(output_shapes[0], CV_32F)};
  std::vector<cv::Mat> internals;
  for (const cv::dnn::MatShape& shape : internal_shapes) internals.emplace_back(shape, CV_32F);
  if (at.laid_out.empty() || at.laid_out != shapes) {
    at.layer->finalize(cv::InputArrayOfArrays(inputs), cv::OutputArrayOfArrays(outputs));
  }
  at.laid_out = shapes;
  at.layer->forward(cv::InputArrayOfArrays(inputs), cv::OutputArrayOfArrays(outputs),
                    cv::OutputArrayOfArrays(internals));
  return outputs[0];
}

std::size_t network::parameter_bytes() const {
  std::size_t sum = 0;
  for (const node& at : nodes_) {
    for (const cv::Mat& blob : at.layer->blobs) sum += blob.total() * blob.elemSize();
  }
  return sum;
}

}  // namespace dnn_adapter
