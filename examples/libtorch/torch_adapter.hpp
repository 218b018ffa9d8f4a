// A TorchScript module as an adapter of lfnc::compress.
#pragma once

#include <cstddef>
#include <lfnc/compress.hpp>
#include <string>
#include <vector>

#include "../support/image_set.hpp"
#include "script_graph.hpp"

// Convolutions and linear layers whose weights are parameters of the module, batch norms, and as
// activation points what ReLU and its like make and whatever else such layers read. Weights and
// statistics are written to the module's own tensors.
class torch_adapter {
 public:
  using state = script_graph::state;

  // Both must outlive the adapter. Throws std::runtime_error, naming the operation, where weights
  // or statistics are not the module's own, or not contiguous floats in host memory.
  torch_adapter(script_graph& graph, const support::image_set& images);

  std::vector<lfnc::layer_info> layers() const { return listed_; }
  lfnc::tensor_view<float, 4> weights(std::size_t index) const;
  lfnc::norm_statistics<float> statistics(std::size_t index) const;
  void changed(std::size_t) const {}  // PyTorch reads parameters whenever it runs
  void set_quantizer(std::size_t index, const lfnc::activation_grid& grid);
  std::size_t images() const { return images_.size(); }

  state start(std::size_t first, std::size_t count) const;
  void advance(state& at, std::size_t index) const;
  lfnc::tensor_view<const float, 4> values(const state& at, std::size_t index) const;
  std::size_t bytes(const state& at) const { return graph_.bytes(at); }
  std::size_t overhead() const { return images_.bytes(); }

 private:
  struct place {
    std::size_t operation;
    const Value* value;  // the batch norm's input, the activation point
  };

  void list(lfnc::layer_kind kind, const std::string& name, bool is_signed, place at);

  script_graph& graph_;
  const support::image_set& images_;
  std::vector<lfnc::layer_info> listed_;
  std::vector<place> places_;
};
