// Forward passes on oneDNN over a compress::network, layer range by layer range.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "../network.hpp"

namespace compress {

namespace detail {
struct laid_out;
}

// A value of a batch in row-major order, batch axis first: (N, C, H, W) or (N, C). It shares the
// batch's memory where that is row-major already, and keeps it alive.
struct blob {
  shape dims;
  std::shared_ptr<const float> data;
  std::span<const float> values() const;
};

// A batch of images somewhere between the first and the last layer: the values that layers still
// to come will read. Values are freed after their last reader; the network's output is kept. A
// copy is cheap and independent: memory is shared until one of the copies goes on.
class batch_state {
 public:
  std::int64_t images() const { return images_; }

  // Index of the first layer that has not run.
  std::size_t next_layer() const { return next_layer_; }

  // Whether the value can be read now.
  bool holds(std::size_t value) const {
    return value < values_.size() && values_[value] != nullptr;
  }

 private:
  friend class engine;
  std::int64_t images_ = 0;
  std::size_t next_layer_ = 0;
  std::vector<std::shared_ptr<const detail::laid_out>> values_;  // by index of the value
};

// Runs a network. Each image's results are the same however a run is split into ranges of layers.
// Across batch sizes and numbers of threads inner products are the same too; of other layers it is
// oneDNN that may choose other kernels, whose sums differ in the last bits (none was seen to). Not
// safe for concurrent calls on one engine; the primitives themselves use all cores.
class engine {
 public:
  // Keeps a reference to the network, which must outlive the engine and keep its layers, values
  // and shapes. Throws std::invalid_argument naming the layer and the reason where the network
  // holds what the engine cannot run.
  explicit engine(const network& net);
  engine(engine&&) noexcept;
  engine& operator=(engine&&) noexcept;
  ~engine();

  const network& net() const;

  // Extents of a value for one image, batch axis left out. Throws std::out_of_range where there is
  // no such value, std::invalid_argument where no layer produces it.
  shape value_dims(std::size_t value) const;

  // A batch before the first layer. images is (N, C, H, W) with N >= 1 and the rest the network's
  // input; throws std::invalid_argument where it is not.
  batch_state start(tensor images) const;

  // Runs the layers from state.next_layer() up to, not including, last. A value with a quantizer
  // is fake-quantized right after it is produced. Throws std::invalid_argument where last lies
  // before next_layer() or beyond the end or a quantizer is invalid, std::runtime_error naming
  // the layer where oneDNN fails; the state is then only good for being destroyed.
  void run(batch_state& state, std::size_t last);

  // All layers that are left.
  void run(batch_state& state);

  // A value that the state holds, else std::invalid_argument: the network's output, the inputs of
  // layers to come, or outputs that have such readers.
  blob read(const batch_state& state, std::size_t value) const;

  // Memory that the state keeps. What it shares with copies of it is counted in each.
  std::size_t bytes(const batch_state& state) const;

  // Memory that the engine's own copies of weights take: those of convolutions, about.
  std::size_t packed_bytes() const;

  // Memory that the engine may keep for later values beside the states and its copies of weights:
  // 256 MiB, unless it is told otherwise.
  std::size_t spare_bytes() const;
  void limit_spare_bytes(std::size_t bytes);

  // The output for a batch of images: start, run, read.
  blob forward(tensor images);

  // To be called after parameters of a layer (weights, biases, statistics, slopes) were changed;
  // of most the engine has copies of its own. Quantizers of values are read anew at every run.
  // Throws std::invalid_argument as the constructor does, also where a shape has changed.
  void refresh(std::size_t layer);

 private:
  struct implementation;
  std::unique_ptr<implementation> self_;
};

}  // namespace compress
