#include "adapter.hpp"

#include <algorithm>
#include <array>
#include <lfnc/interop/opencv.hpp>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "as_mat.hpp"
#include "layers.hpp"

namespace dnn_adapter {

namespace {

using lfnc::layer_kind;

[[noreturn]] void refuse(const cv::dnn::Layer& layer, const std::string& reason) {
  throw std::runtime_error("layer '" + layer.name + "' of type " + layer.type + ": " + reason);
}

// Nothing for the layers that lfnc has nothing to do with.
std::optional<layer_kind> kind_of(const cv::dnn::Layer& layer) {
  if (dynamic_cast<const quantized_activation*>(&layer) != nullptr) return layer_kind::activation;
  if (layer.blobs.empty()) return std::nullopt;
  if (layer.type == "BatchNorm") return layer_kind::batch_norm;
  if (layer.type == "Convolution" || layer.type == "InnerProduct") return layer_kind::weights;
  constexpr std::array<std::string_view, 4> others = {"Scale", "Shift", "Const", "PriorBox"};
  if (std::find(others.begin(), others.end(), layer.type) == others.end()) {
    refuse(layer, "its parameters are not supported");
  }
  return std::nullopt;
}

// Blobs that lfnc writes to: whole, in float, and read by no other layer.
class blob_check {
 public:
  void operator()(const cv::dnn::Layer& layer, std::size_t count) {
    if (layer.blobs.size() < count) refuse(layer, "has too few blobs");
    for (std::size_t k = 0; k < count; ++k) {
      const cv::Mat& blob = layer.blobs[k];
      if (blob.type() != CV_32F || !blob.isContinuous() || blob.empty()) {
        refuse(layer, "its blob " + std::to_string(k) + " is not whole and in float");
      }
      const auto [owner, is_new] = owners_.emplace(blob.data, &layer);
      if (!is_new) refuse(layer, "shares its blob with layer '" + owner->second->name + "'");
    }
  }

 private:
  std::map<const unsigned char*, const cv::dnn::Layer*> owners_;
};

// Caffe stores mean and variance times a factor, which is the third blob.
void divide_by_factor(renewed_layer& layer) {
  const cv::dnn::LayerParams& params = layer.params();
  if (!params.get<bool>("use_global_stats", true)) {
    refuse(layer, "takes the statistics of each batch");
  }
  const bool scales = params.get<bool>("has_weight", false) ||
                      params.get<bool>("has_bias", false) || params.get<bool>("scale_bias", false);
  if (layer.blobs[0].total() != layer.blobs[1].total()) {
    refuse(layer, "has not as many variances as means");
  }
  if (scales || layer.blobs.size() < 3) return;
  auto& factor = layer.blobs[2].at<float>(0);
  for (cv::Mat& blob : std::array{layer.blobs[0], layer.blobs[1]}) {
    blob *= factor == 0 ? 0.0F : 1 / factor;
  }
  factor = 1;
}

bool has_dimensions(const cv::Mat& values) { return values.dims >= 2 && values.size[0] > 0; }

}  // namespace

adapter::adapter(network& net, const support::image_set& set)
    : net_(net), set_(set), last_reader_(net.nodes().size(), 0) {
  blob_check check;
  for (std::size_t k = 0; k < net.nodes().size(); ++k) {
    for (const std::size_t from : net.nodes()[k].inputs) {
      if (from != node::images) last_reader_[from] = k;
    }
    cv::dnn::Layer& layer = *net.nodes()[k].layer;
    const std::optional<layer_kind> kind = kind_of(layer);
    if (!kind) continue;
    if (*kind == layer_kind::weights) check(layer, 1);
    if (*kind == layer_kind::batch_norm) {
      check(layer, 2);
      divide_by_factor(dynamic_cast<renewed_layer&>(layer));
    }
    const auto* activation = dynamic_cast<const quantized_activation*>(&layer);
    listed_.push_back({*kind, layer.name, activation != nullptr && activation->is_signed()});
    places_.push_back(k);
  }
  state at = start(0, 1);
  run_to(at, net.nodes().size());
  const cv::Mat whole = net.forward(at.batch);
  const cv::Mat& last = at.made.back();
  if (whole.total() != last.total() ||
      cv::norm(whole.reshape(1, 1), last.reshape(1, 1), cv::NORM_INF) != 0) {
    throw std::runtime_error("layer by layer the network computes other scores than as a whole");
  }
}

lfnc::tensor_view<float, 2> adapter::weights(std::size_t index) {
  cv::Mat& blob = layer_at(index).blobs[0];
  cv::Mat rows = blob.reshape(1, blob.size[0]);
  return lfnc::as_view<float, 2>(rows);
}

lfnc::norm_statistics<float> adapter::statistics(std::size_t index) {
  auto& layer = dynamic_cast<renewed_layer&>(layer_at(index));
  cv::Mat& mean = layer.blobs[0];
  cv::Mat& variance = layer.blobs[1];
  return {{mean.ptr<float>(), mean.total()},
          {variance.ptr<float>(), variance.total()},
          layer.params().get<float>("eps", 1E-5F)};
}

void adapter::set_quantizer(std::size_t index, const lfnc::activation_grid& grid) {
  dynamic_cast<quantized_activation&>(layer_at(index)).set_grid(grid);
}

adapter::state adapter::start(std::size_t first, std::size_t count) const {
  return {as_mat(set_.batch(first, count)), std::vector<cv::Mat>(net_.nodes().size()), 0};
}

const cv::Mat& adapter::input(const state& at, std::size_t node, std::size_t k) const {
  const std::size_t from = net_.nodes()[node].inputs.at(k);
  return from == node::images ? at.batch : at.made[from];
}

void adapter::run_to(state& at, std::size_t end) {
  for (; at.next < end; ++at.next) {
    const std::vector<std::size_t>& from = net_.nodes()[at.next].inputs;
    std::vector<cv::Mat> inputs;
    for (std::size_t k = 0; k < from.size(); ++k) inputs.push_back(input(at, at.next, k));
    at.made[at.next] = net_.run(at.next, inputs);
    for (const std::size_t k : from) {
      if (k != node::images && last_reader_[k] == at.next) at.made[k].release();
    }
  }
}

void adapter::advance(state& at, std::size_t index) {
  // The values of a point are there when its layer has run; others are about to read theirs.
  run_to(at, places_[index] + (listed_[index].kind == layer_kind::activation ? 1 : 0));
}

lfnc::tensor_view<const float, 3> adapter::values(const state& at, std::size_t index) const {
  const std::size_t place = places_[index];
  const cv::Mat& from =
      listed_[index].kind == layer_kind::activation ? at.made[place] : input(at, place, 0);
  if (!has_dimensions(from)) refuse(layer_at(index), "its values have no channels");
  const auto all = static_cast<int>(from.total());
  const std::array<int, 3> extents{from.size[0], from.size[1], all / from.size[0] / from.size[1]};
  const cv::Mat shaped = from.reshape(1, 3, extents.data());
  return lfnc::as_view<const float, 3>(shaped);
}

std::size_t adapter::bytes(const state& at) const {
  std::size_t sum = at.batch.total() * sizeof(float);
  for (const cv::Mat& values : at.made) sum += values.total() * sizeof(float);
  return sum;
}

std::size_t adapter::overhead() const {
  // OpenCV keeps an aligned copy of the weights beside its blobs.
  return set_.bytes() + 2 * net_.parameter_bytes();
}

}  // namespace dnn_adapter
