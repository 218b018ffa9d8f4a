#include "adapter.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <utility>
#include <variant>

#include "activation_points.hpp"

namespace compress {

namespace {

// Calls run with the convolution or inner product that a layer is.
template <class Run>
auto with_weights(layer& at, Run run) {
  if (auto* conv = std::get_if<convolution>(&at.op)) return run(*conv);
  return run(std::get<inner_product>(at.op));
}

std::size_t weight_count(const network& net) {
  std::size_t count = 0;
  for (const layer& at : net.layers) {
    if (const auto* conv = std::get_if<convolution>(&at.op)) count += conv->weight.values.size();
    if (const auto* fc = std::get_if<inner_product>(&at.op)) count += fc->weight.values.size();
  }
  return count;
}

}  // namespace

adapter::adapter(network& net, const support::image_set& images, std::size_t memory)
    : net_(net), images_(images), running_(net) {
  running_.limit_spare_bytes(std::min(running_.spare_bytes(), memory / 8));
  std::map<std::size_t, bool> points;  // value to whether it is signed
  for (const activation_point& point : activation_points(net)) {
    points[point.value] = point.is_signed;
  }
  for (std::size_t k = 0; k < net.layers.size(); ++k) {
    const layer& at = net.layers[k];
    if (std::holds_alternative<convolution>(at.op) ||
        std::holds_alternative<inner_product>(at.op)) {
      listed_.push_back({lfnc::layer_kind::weights, at.name, false});
      places_.push_back({k, at.inputs[0]});
    }
    if (std::holds_alternative<batch_norm>(at.op)) {
      listed_.push_back({lfnc::layer_kind::batch_norm, at.name, false});
      places_.push_back({k, at.inputs[0]});
    }
    for (const std::size_t value : at.outputs) {
      const auto point = points.find(value);
      if (point == points.end()) continue;
      listed_.push_back({lfnc::layer_kind::activation, net.values[value].name, point->second});
      places_.push_back({k, value});
    }
  }
}

lfnc::tensor_view<float, 2> adapter::weights(std::size_t index) {
  return with_weights(layer_at(index), [](auto& op) {
    const auto rows = static_cast<std::size_t>(op.weight.dims[0]);
    return lfnc::as_view(op.weight.values, {rows, op.weight.values.size() / rows});
  });
}

lfnc::norm_statistics<float> adapter::statistics(std::size_t index) {
  auto& norm = std::get<batch_norm>(layer_at(index).op);
  return {norm.mean, norm.variance, norm.epsilon};
}

void adapter::set_codes(std::size_t index, lfnc::layer_codes codes) {
  with_weights(layer_at(index), [&](auto& op) {
    weight_codes kept;
    kept.codebook = lfnc::name_of(codes.codebook);
    kept.bits = std::visit([](const auto& book) { return book.bits(); }, codes.codebook);
    kept.codes = std::move(codes.codes);
    for (const lfnc::row_fit& row : codes.rows) kept.alpha.push_back(static_cast<float>(row.alpha));
    op.codes = std::move(kept);
  });
}

void adapter::changed(std::size_t index) { running_.refresh(places_[index].layer); }

void adapter::set_quantizer(std::size_t index, const lfnc::activation_grid& grid) {
  net_.values[places_[index].value].quantizer =
      activation_quantizer{static_cast<float>(grid.alpha), grid.low, grid.high};
}

adapter::state adapter::start(std::size_t first, std::size_t count) const {
  return running_.start(images_.batch(first, count));
}

void adapter::advance(state& at, std::size_t index) {
  const bool made = listed_[index].kind == lfnc::layer_kind::activation;
  running_.run(at, places_[index].layer + (made ? 1 : 0));
}

lfnc::tensor_view<const float, 3> adapter::values(const state& at, std::size_t index) {
  shown_ = running_.read(at, places_[index].value);
  std::int64_t inner = 1;
  for (std::size_t d = 2; d < shown_.dims.size(); ++d) inner *= shown_.dims[d];
  return lfnc::as_view(shown_.data.get(), {shown_.dims[0], shown_.dims[1], inner});
}

std::size_t adapter::overhead() const {
  constexpr std::size_t program = std::size_t{128} << 20U;  // itself, and what it cannot count
  // The network's weights, their codes (a byte each), and what the engine made of them.
  const std::size_t weights = (sizeof(float) + 1) * weight_count(net_) + running_.packed_bytes();
  return images_.bytes() + weights + running_.spare_bytes() + program;
}

}  // namespace compress
