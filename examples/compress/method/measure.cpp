#include "measure.hpp"

#include <algorithm>
#include <lfnc/quantize.hpp>
#include <stdexcept>

#include "progress.hpp"

namespace compress {

namespace {

std::size_t input_of(const network& net, std::size_t layer) { return net.layers[layer].inputs[0]; }

layer_moments no_moments(const engine& net, std::size_t layer) {
  return layer_moments(static_cast<std::size_t>(net.value_dims(input_of(net.net(), layer))[0]));
}

// Adds the value that a batch-norm layer is about to read. Throws std::runtime_error naming the
// layer where it is not finite.
void accumulate(const engine& net, const batch_state& state, std::size_t layer, device& where,
                layer_moments& moments) {
  const blob value = net.read(state, input_of(net.net(), layer));
  std::int64_t inner = 1;
  for (std::size_t d = 2; d < value.dims.size(); ++d) inner *= value.dims[d];
  const lfnc::tensor_view<const float, 3> view =
      lfnc::as_view(value.data.get(), {value.dims[0], value.dims[1], inner});
  try {
    where.accumulate_moments(view, moments);
  } catch (const lfnc::error& problem) {
    throw std::runtime_error("input of layer '" + net.net().layers[layer].name +
                             "': " + problem.what());
  }
}

// Bytes that one image takes where a run has stopped before `layer`.
std::size_t live_bytes(const engine& net, const batch_state& state) {
  std::size_t bytes = 0;
  for (std::size_t value = 0; value < net.net().values.size(); ++value) {
    if (!state.holds(value)) continue;
    std::size_t elements = 1;
    for (const std::int64_t extent : net.value_dims(value)) {
      elements *= static_cast<std::size_t>(extent);
    }
    bytes += elements * sizeof(float);
  }
  return bytes;
}

}  // namespace

std::vector<std::size_t> norm_layers(const network& net) {
  std::vector<std::size_t> found;
  for (std::size_t k = 0; k < net.layers.size(); ++k) {
    if (std::holds_alternative<batch_norm>(net.layers[k].op)) found.push_back(k);
  }
  return found;
}

std::vector<layer_moments> measure_all(engine& net, const image_set& images, std::size_t count,
                                       std::size_t batch, device& where) {
  const std::vector<std::size_t> norms = norm_layers(net.net());
  std::vector<layer_moments> moments;
  for (const std::size_t layer : norms) moments.push_back(no_moments(net, layer));
  progress shown("statistics of the float network", count);
  for (std::size_t first = 0; first < count; first += batch) {
    const std::size_t now = std::min(batch, count - first);
    batch_state state = net.start(images.batch(first, now));
    for (std::size_t k = 0; k < norms.size(); ++k) {
      net.run(state, norms[k]);
      accumulate(net, state, norms[k], where, moments[k]);
    }
    shown.step(now);
  }
  return moments;
}

void measure_in_turn(engine& net, const image_set& images, std::size_t count, std::size_t batch,
                     std::size_t memory, device& where,
                     const std::function<void(std::size_t, const layer_moments&)>& update) {
  const std::vector<std::size_t> norms = norm_layers(net.net());
  progress shown("re-normalization", norms.size() * count);
  // Where each batch waits; empty: at its images.
  std::vector<batch_state> waiting((count + batch - 1) / batch);
  bool begun = false;
  for (std::size_t k = 0; k < norms.size(); ++k) {
    layer_moments moments = no_moments(net, norms[k]);
    bool keep = false;  // whether this place fits into the memory: known after the first batch
    for (std::size_t b = 0; b < waiting.size(); ++b) {
      const std::size_t first = b * batch;
      const std::size_t now = std::min(batch, count - first);
      batch_state state = begun ? waiting[b] : net.start(images.batch(first, now));
      // The state that waited is given up early where the new one will take its place, so that
      // activations are not held twice (but for the first batch's).
      if (begun && keep) waiting[b] = batch_state{};
      net.run(state, norms[k]);
      accumulate(net, state, norms[k], where, moments);
      if (b == 0) keep = live_bytes(net, state) * count <= memory;
      if (keep) waiting[b] = std::move(state);
      shown.step(now);
    }
    begun = begun || keep;
    update(k, moments);
  }
}

}  // namespace compress
