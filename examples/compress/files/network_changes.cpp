#include "network_changes.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "../../support/shortest.hpp"

namespace compress {
namespace {

[[noreturn]] void refuse(const layer& at, const std::string& why) {
  throw std::invalid_argument("layer '" + at.name + "': " + why);
}

void check_codes(const layer& at, const tensor& weight, const weight_codes& codes) {
  const auto outputs = static_cast<std::size_t>(weight.dims[0]);
  if (codes.codes.size() != weight.values.size() || codes.alpha.size() != outputs) {
    refuse(at, "has " + std::to_string(codes.codes.size()) + " codes and " +
                   std::to_string(codes.alpha.size()) + " alphas for " +
                   std::to_string(weight.values.size()) + " weights of " + std::to_string(outputs) +
                   " outputs");
  }
  const std::size_t row = weight.values.size() / outputs;
  for (std::size_t i = 0; i < weight.values.size(); ++i) {
    const float alpha = codes.alpha[i / row];
    if (!std::isfinite(alpha) || alpha < 0) {
      refuse(at, "alpha[" + std::to_string(i / row) + "] is " + support::shortest(alpha));
    }
    const float decoded = alpha * static_cast<float>(codes.codes[i]);
    if (!(std::abs(weight.values[i] - decoded) <= 1e-5F * std::abs(decoded))) {
      refuse(at, "weight[" + std::to_string(i) + "] is " + support::shortest(weight.values[i]) +
                     ", but alpha * code is " + support::shortest(decoded));
    }
  }
}

bool same(const tensor& a, const tensor& b) { return a.dims == b.dims && a.values == b.values; }

bool same(const std::optional<weight_codes>& a, const std::optional<weight_codes>& b) {
  return a.has_value() == b.has_value() && (!a || (a->codes == b->codes && a->alpha == b->alpha));
}

// True where the layer has codes that it did not have when it was read.
template <typename Weighted>
bool newly_coded(const layer& at, const Weighted& was, const Weighted& is) {
  if (was.bias != is.bias) refuse(at, "has another bias, which cannot be written");
  if (was.weight.dims != is.weight.dims) refuse(at, "has a weight of another shape");
  if (is.codes && !same(was.codes, is.codes)) {
    check_codes(at, is.weight, *is.codes);
    return true;
  }
  if (!same(was.weight, is.weight)) {
    refuse(at, "has another weight without codes, which cannot be written");
  }
  return false;
}

bool newly_measured(const layer& at, const batch_norm& was, const batch_norm& is) {
  if (was.gamma != is.gamma || was.beta != is.beta || was.epsilon != is.epsilon) {
    refuse(at, "has another gamma, beta or epsilon, which cannot be written");
  }
  if (is.mean.size() != was.mean.size() || is.variance.size() != was.variance.size()) {
    refuse(at, "has statistics of another number of channels");
  }
  for (std::size_t c = 0; c < is.mean.size(); ++c) {
    if (!std::isfinite(is.mean[c]) || !std::isfinite(is.variance[c]) || is.variance[c] < 0) {
      refuse(at, "channel " + std::to_string(c) + " has the mean " + support::shortest(is.mean[c]) +
                     " and the variance " + support::shortest(is.variance[c]));
    }
  }
  return was.mean != is.mean || was.variance != is.variance;
}

// True where the value has a quantizer that it did not have when it was read.
bool newly_quantized(const value& was, const value& is) {
  const auto refuse_value = [&is](const std::string& why) {
    throw std::invalid_argument("value '" + is.name + "': " + why);
  };
  if (was.quantizer) {
    if (!is.quantizer || is.quantizer->alpha != was.quantizer->alpha ||
        is.quantizer->low != was.quantizer->low || is.quantizer->high != was.quantizer->high) {
      refuse_value("the quantizer that it had when it was read cannot be changed");
    }
    return false;
  }
  if (!is.quantizer) return false;
  const activation_quantizer& q = *is.quantizer;
  if (!std::isfinite(q.alpha) || !(q.alpha > 0)) {
    refuse_value("its quantizer has the alpha " + support::shortest(q.alpha));
  }
  if (q.low < -128 || q.low > 0 || q.high <= 0 || q.high > 255 || (q.low < 0 && q.high > 127)) {
    refuse_value("its quantizer has the codes " + std::to_string(q.low) + " ... " +
                 std::to_string(q.high) + ", which fit neither int8 nor uint8");
  }
  return true;
}

}  // namespace

network_changes find_changes(const network& read, const network& changed) {
  if (read.layers.size() != changed.layers.size() || read.values.size() != changed.values.size() ||
      read.input != changed.input || read.output != changed.output) {
    throw std::invalid_argument("the network is not the one that was read");
  }
  network_changes found;
  for (std::size_t i = 0; i < read.layers.size(); ++i) {
    const layer &was = read.layers[i], &is = changed.layers[i];
    if (was.name != is.name || was.op.index() != is.op.index() || was.inputs != is.inputs ||
        was.outputs != is.outputs || was.source != is.source) {
      refuse(is, "is not the layer that was read");
    }
    if (const auto* conv = std::get_if<convolution>(&was.op)) {
      if (newly_coded(is, *conv, std::get<convolution>(is.op))) found.coded.push_back(i);
    } else if (const auto* product = std::get_if<inner_product>(&was.op)) {
      if (newly_coded(is, *product, std::get<inner_product>(is.op))) found.coded.push_back(i);
    } else if (const auto* norm = std::get_if<batch_norm>(&was.op)) {
      if (newly_measured(is, *norm, std::get<batch_norm>(is.op))) found.measured.push_back(i);
    }
  }
  for (std::size_t i = 0; i < read.values.size(); ++i) {
    if (newly_quantized(read.values[i], changed.values[i])) found.quantized.push_back(i);
  }
  return found;
}

}  // namespace compress
