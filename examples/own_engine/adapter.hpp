// What lfnc needs to compress the engine's network, in the engine's own memory. The contract of
// every call is at the top of lfnc/compress/adapter.hpp.
#pragma once

#include <cstddef>
#include <lfnc/compress.hpp>
#include <string>
#include <utility>
#include <vector>

#include "engine.hpp"

class adapter {
 public:
  // `images` are as many images as fit, of the first block's channels.
  adapter(engine& net, std::vector<float> images) : net_(net), images_(std::move(images)) {}

  // Per block a convolution, a batch norm and a ReLU: entry 3k + j is operation j of block k. The
  // classifier comes last.
  std::vector<lfnc::layer_info> layers() const {
    std::vector<lfnc::layer_info> list;
    for (std::size_t k = 0; k < net_.blocks.size(); ++k) {
      const std::string number = std::to_string(k + 1);
      list.push_back({lfnc::layer_kind::weights, "conv" + number, false});
      list.push_back({lfnc::layer_kind::batch_norm, "norm" + number, false});
      list.push_back({lfnc::layer_kind::activation, "relu" + number, false});
    }
    list.push_back({lfnc::layer_kind::weights, "classifier", false});
    return list;
  }

  lfnc::tensor_view<float, 2> weights(std::size_t index) {
    const std::size_t k = index / 3;
    if (k == net_.blocks.size()) {
      return lfnc::as_view(net_.classifier, {net_.classes, net_.blocks.back().out});
    }
    return lfnc::as_view(net_.blocks[k].weight, {net_.blocks[k].out, net_.blocks[k].in * 9});
  }
  lfnc::norm_statistics<float> statistics(std::size_t index) {
    block& b = net_.blocks[index / 3];
    return {b.mean, b.variance, 1e-5};
  }
  void changed(std::size_t) {}  // this engine derives nothing from its parameters
  void set_quantizer(std::size_t index, const lfnc::activation_grid& grid) {
    net_.blocks[index / 3].alpha = static_cast<float>(grid.alpha);
    net_.blocks[index / 3].high = static_cast<float>(grid.high);
  }
  std::size_t images() const { return images_.size() / image_size(); }

  using state = batch;
  state start(std::size_t first, std::size_t count) const {
    const float* from = images_.data() + first * image_size();
    return {count, net_.blocks[0].in, 0, {from, from + count * image_size()}};
  }
  // Before operation `index` of the list; at a ReLU its values are what was made, so behind it.
  void advance(state& at, std::size_t index) const {
    const std::size_t behind = index % 3 == 2 ? index + 1 : index;
    while (at.done < behind) net_.step(at);
  }
  lfnc::tensor_view<const float, 3> values(const state& at, std::size_t) const {
    return lfnc::as_view(at.values, {at.images, at.channels, engine::plane});
  }
  std::size_t bytes(const state& at) const { return at.values.size() * sizeof(float); }

 private:
  std::size_t image_size() const { return net_.blocks[0].in * engine::plane; }

  engine& net_;
  std::vector<float> images_;
};

static_assert(lfnc::stateful_adapter<adapter>);
