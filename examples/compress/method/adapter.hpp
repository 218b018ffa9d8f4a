// A network and its calibration images as lfnc sees them: the adapter that the method runs on.
#pragma once

#include <cstddef>
#include <lfnc/compress/adapter.hpp>
#include <vector>

#include "../../support/image_set.hpp"
#include "../engine/engine.hpp"

namespace compress {

// Lists convolutions, inner products, batch norms and activation points; layers go by their names,
// points by their value's. The calls do what lfnc/compress/adapter.hpp says of a stateful_adapter.
class adapter {
 public:
  // Works in the memory of `net`, and keeps references to both, which must outlive it. `memory` is
  // what the program may take in all. Throws what the engine's constructor throws.
  adapter(network& net, const support::image_set& images, std::size_t memory);

  // Runs the network as it is now.
  engine& running() { return running_; }

  const std::vector<lfnc::layer_info>& layers() const { return listed_; }
  lfnc::tensor_view<float, 2> weights(std::size_t index);
  lfnc::norm_statistics<float> statistics(std::size_t index);
  void set_codes(std::size_t index, lfnc::layer_codes codes);
  void changed(std::size_t index);
  // x / alpha is a division here, whatever the grid says: Quant layers and QuantizeLinear, which
  // are written, divide.
  void set_quantizer(std::size_t index, const lfnc::activation_grid& grid);
  std::size_t images() const { return images_.size(); }

  using state = batch_state;
  state start(std::size_t first, std::size_t count) const;
  void advance(state& at, std::size_t index);
  lfnc::tensor_view<const float, 3> values(const state& at, std::size_t index);
  std::size_t bytes(const state& at) const { return running_.bytes(at); }
  // Images; parameters (in the file, in the network that was read, in this one and twice in the
  // engine, which prepares for whole batches and a last one); memory that the engine keeps for
  // later use; and what a program of this kind takes anyway.
  std::size_t overhead() const;

 private:
  // Where an entry of the list stands in the network.
  struct place {
    std::size_t layer;  // that has the weights or statistics, or makes the value
    std::size_t value;  // that is read (batch norm) or made (activation)
  };

  layer& layer_at(std::size_t index) { return net_.layers[places_[index].layer]; }

  network& net_;
  const support::image_set& images_;
  engine running_;
  std::vector<lfnc::layer_info> listed_;
  std::vector<place> places_;
  blob shown_;  // what values() gave a view of
};

}  // namespace compress
