// OpenCV's network and calibration images as lfnc sees them: a stateful_adapter of
// lfnc/compress/adapter.hpp.
#pragma once

#include <cstddef>
#include <lfnc/compress/adapter.hpp>
#include <vector>

#include "../support/image_set.hpp"
#include "network.hpp"

namespace dnn_adapter {

// Lists convolutions, inner products, batch norms and activation functions by OpenCV's names.
class adapter {
 public:
  // Works in the layers' own blobs, and keeps references to both, which must outlive it. A Caffe
  // batch norm's scale factor is multiplied into its statistics. Throws std::runtime_error, naming
  // the layer, for one whose parameters are not understood, and where layer by layer the first
  // image gives other scores than the network does.
  adapter(network& net, const support::image_set& set);

  const std::vector<lfnc::layer_info>& layers() const { return listed_; }
  lfnc::tensor_view<float, 2> weights(std::size_t index);
  lfnc::norm_statistics<float> statistics(std::size_t index);
  void changed(std::size_t index) { net_.renew(places_[index]); }
  void set_quantizer(std::size_t index, const lfnc::activation_grid& grid);
  std::size_t images() const { return set_.size(); }

  // A batch of images somewhere in the network: what the layers that are left will read.
  struct state {
    cv::Mat batch;
    std::vector<cv::Mat> made;  // one entry a layer
    std::size_t next = 0;
  };
  state start(std::size_t first, std::size_t count) const;
  void advance(state& at, std::size_t index);
  lfnc::tensor_view<const float, 3> values(const state& at, std::size_t index) const;
  std::size_t bytes(const state& at) const;
  std::size_t overhead() const;

 private:
  cv::dnn::Layer& layer_at(std::size_t index) const { return *net_.nodes()[places_[index]].layer; }
  const cv::Mat& input(const state& at, std::size_t node, std::size_t k) const;
  void run_to(state& at, std::size_t end);

  network& net_;
  const support::image_set& set_;
  std::vector<lfnc::layer_info> listed_;
  std::vector<std::size_t> places_;       // of the entries among the network's nodes
  std::vector<std::size_t> last_reader_;  // of each node
};

}  // namespace dnn_adapter
