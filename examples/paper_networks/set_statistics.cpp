#include "set_statistics.hpp"

#include <lfnc/batch_norm.hpp>
#include <lfnc/exec/cpu.hpp>
#include <utility>
#include <variant>
#include <vector>

#include "engine/engine.hpp"

namespace paper {

void set_statistics(compress::network& net, compress::tensor images) {
  compress::engine running(net);
  compress::batch_state state = running.start(std::move(images));
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    auto* norm = std::get_if<compress::batch_norm>(&net.layers[i].op);
    if (norm == nullptr) continue;
    running.run(state, i);
    const compress::blob seen = running.read(state, net.layers[i].inputs[0]);
    std::int64_t plane = 1;
    for (std::size_t d = 2; d < seen.dims.size(); ++d) plane *= seen.dims[d];
    const auto view = lfnc::as_view(seen.data.get(), {seen.dims[0], seen.dims[1], plane});
    std::vector<lfnc::channel_moments> moments(norm->mean.size());
    lfnc::accumulate_moments(lfnc::cpu{}, lfnc::channels(view, 1), moments);
    lfnc::renormalize<float>(moments, norm->mean, norm->variance);
    running.refresh(i);
  }

  const std::size_t last = net.layers.size() - 1;  // the softmax
  running.run(state, last);
  const compress::blob scores = running.read(state, net.layers[last].inputs[0]);
  auto& bias = std::get<compress::inner_product>(net.layers[last - 1].op).bias;
  const auto images_seen = static_cast<std::size_t>(scores.dims[0]);
  for (std::size_t o = 0; o < bias.size(); ++o) {
    double sum = 0;
    for (std::size_t n = 0; n < images_seen; ++n) {
      sum += static_cast<double>(scores.values()[n * bias.size() + o]);
    }
    bias[o] -= static_cast<float>(sum / static_cast<double>(images_seen));
  }
}

}  // namespace paper
