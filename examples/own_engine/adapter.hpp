// What lfnc needs to compress the engine's network, in the engine's own memory. The contract of
// every call is at the top of lfnc/compress/chain.hpp; README.md says more.
#pragma once

#include <cstddef>
#include <lfnc/compress/chain.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine.hpp"

class adapter {
 public:
  // `images` are as many images as fit, of the first block's channels.
  adapter(engine& net, std::vector<float> images) : net_(net), images_(std::move(images)) {}

  // Three layers a block, each of which reads the one before, then the classifier.
  std::vector<lfnc::chain_layer<>> layers() {
    std::vector<lfnc::chain_layer<>> list;
    const auto add = [&](const std::string& name) -> lfnc::chain_layer<>& {
      const std::size_t before = list.empty() ? lfnc::chain_images : list.size() - 1;
      return list.emplace_back(lfnc::chain_layer<>{.name = name, .inputs = {before}});
    };
    for (block& b : net_.blocks) {
      const std::string number = std::to_string(list.size() / 3 + 1);
      add("conv" + number).weights = lfnc::as_view(b.weight, {b.out, b.in * 9});
      add("norm" + number).norm = {b.mean, b.variance, 1e-5};
      add("relu" + number).is_point = true;
    }
    add("classifier").weights = lfnc::as_view(net_.classifier, {net_.classes, net_.features()});
    return list;
  }

  using value = batch;
  std::size_t images() const { return images_.size() / image_size(); }
  value load(std::size_t first, std::size_t count) const {
    const float* from = images_.data() + first * image_size();
    return {count, net_.blocks[0].in, {from, from + count * image_size()}};
  }
  value run(std::size_t layer, std::span<lfnc::chain_input<value>> inputs) const {
    value at = inputs[0].take();
    net_.run(layer, at);
    return at;
  }
  lfnc::tensor_view<float, 3> view(value& at) const {
    return lfnc::as_view(at.values, {at.images, at.channels, at.plane()});
  }
  void set_quantizer(std::size_t layer, const lfnc::activation_grid& grid) {
    net_.blocks[layer / 3].alpha = static_cast<float>(grid.alpha);
    net_.blocks[layer / 3].high = static_cast<float>(grid.high);
  }

 private:
  std::size_t image_size() const { return net_.blocks[0].in * engine::plane; }

  engine& net_;
  std::vector<float> images_;
};
