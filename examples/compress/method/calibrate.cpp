#include "calibrate.hpp"

#include <algorithm>
#include <lfnc/quantize.hpp>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>

#include "progress.hpp"

namespace compress {

namespace {

// Whether a layer's output is an activation point, and if so whether it is signed.
std::optional<bool> activation_of(const operation& op) {
  if (std::holds_alternative<relu>(op)) return false;
  if (const auto* bounds = std::get_if<clip>(&op)) return bounds->low < 0;
  if (std::holds_alternative<leaky_relu>(op) || std::holds_alternative<prelu>(op)) return true;
  return std::nullopt;
}

// Layers whose output lies on the grid of their inputs (average pooling: near it).
bool passes_on(const operation& op) {
  return std::holds_alternative<pool>(op) || std::holds_alternative<reshape>(op) ||
         std::holds_alternative<identity>(op) || std::holds_alternative<concat>(op) ||
         std::holds_alternative<slice>(op) || std::holds_alternative<pad>(op);
}

double share_beyond(const lfnc::activation_histogram& counts, double edge, bool is_signed) {
  std::uint64_t beyond = 0;
  const auto add = [&](const lfnc::histogram& side) {
    for (int bin = 0; bin < lfnc::histogram::bins; ++bin) {
      if (side.count(bin) > 0 && side.center(bin) > edge) beyond += side.count(bin);
    }
  };
  add(counts.positive);
  if (is_signed) add(counts.negative);
  return static_cast<double>(beyond) / static_cast<double>(counts.total());
}

// Throws std::runtime_error naming the value where it is not finite.
void count(const blob& seen, const std::string& name, device& where,
           lfnc::activation_histogram& counts) {
  try {
    where.accumulate_histogram(seen.values(), counts);
  } catch (const lfnc::error& problem) {
    throw std::runtime_error("value '" + name + "': " + problem.what());
  }
}

}  // namespace

std::vector<activation_point> activation_points(const network& net, bool signed_points) {
  std::map<std::size_t, const layer*> producer;
  std::map<std::size_t, bool> points;  // value to whether it is signed
  for (const layer& at : net.layers) {
    for (const std::size_t value : at.outputs) producer[value] = &at;
    const std::optional<bool> is_signed = activation_of(at.op);
    if (is_signed && (signed_points || !*is_signed)) points[at.outputs[0]] = *is_signed;
  }
  if (signed_points) {
    std::set<std::size_t> seen;
    std::vector<std::size_t> open;
    for (const layer& at : net.layers) {
      if (std::holds_alternative<convolution>(at.op) ||
          std::holds_alternative<inner_product>(at.op)) {
        open.push_back(at.inputs[0]);
      }
    }
    while (!open.empty()) {
      const std::size_t value = open.back();
      open.pop_back();
      if (value == net.input || points.contains(value) || !seen.insert(value).second) continue;
      const layer& from = *producer.at(value);
      if (passes_on(from.op)) {
        open.insert(open.end(), from.inputs.begin(), from.inputs.end());
      } else {
        points[value] = true;
      }
    }
  }
  std::vector<activation_point> ordered;
  for (const layer& at : net.layers) {
    for (const std::size_t value : at.outputs) {
      if (points.contains(value)) ordered.push_back({value, points[value]});
    }
  }
  return ordered;
}

std::vector<activation_report> calibrate(network& net, engine& running, const image_set& images,
                                         const settings& how) {
  if (how.activation_bits < 2 || how.activation_bits > 8) {
    throw std::invalid_argument("activations of " + std::to_string(how.activation_bits) +
                                " bits: 2..8 are possible");
  }
  const std::vector<activation_point> points = activation_points(net, how.signed_points);
  std::map<std::size_t, lfnc::activation_histogram> counts;
  for (const activation_point& point : points) counts.try_emplace(point.value);

  {
    progress shown("activations", how.activation_images);
    for (std::size_t first = 0; first < how.activation_images; first += how.batch) {
      const std::size_t now = std::min(how.batch, how.activation_images - first);
      batch_state state = running.start(images.batch(first, now));
      for (std::size_t k = 0; k < net.layers.size(); ++k) {
        const std::vector<std::size_t>& outputs = net.layers[k].outputs;
        const bool wanted =
            std::ranges::any_of(outputs, [&](std::size_t value) { return counts.contains(value); });
        if (!wanted) continue;
        running.run(state, k + 1);
        for (const std::size_t value : outputs) {
          if (!counts.contains(value) || !state.holds(value)) continue;
          count(running.read(state, value), net.values[value].name, *how.where, counts[value]);
        }
      }
      shown.step(now);
    }
  }

  std::vector<activation_report> reports;
  for (const activation_point& point : points) {
    const lfnc::activation_histogram& seen = counts[point.value];
    if (seen.total() == 0) continue;  // an output that nothing reads
    const int high =
        point.is_signed ? (1 << (how.activation_bits - 1)) - 1 : (1 << how.activation_bits) - 1;
    activation_report report;
    report.value = net.values[point.value].name;
    report.low = point.is_signed ? -high : 0;
    report.high = high;
    report.alpha = lfnc::calibrate(seen, report.low, high, {.method = how.calibration});
    report.largest =
        std::max(seen.positive.largest(), point.is_signed ? seen.negative.largest() : 0.0);
    report.saturated = share_beyond(seen, report.alpha * (high + 0.5), point.is_signed);
    net.values[point.value].quantizer =
        activation_quantizer{static_cast<float>(report.alpha), report.low, report.high};
    reports.push_back(report);
  }
  return reports;
}

}  // namespace compress
