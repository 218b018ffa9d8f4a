#include "compress.hpp"

#include <algorithm>
#include <lfnc/compress.hpp>
#include <span>
#include <stdexcept>
#include <string>

#include "../evaluate.hpp"
#include "../shapes.hpp"
#include "adapter.hpp"
#include "progress.hpp"

namespace compress {

namespace {

void check_count(std::size_t wanted, std::size_t there, const char* step) {
  if (wanted >= 1 && wanted <= there) return;
  throw std::invalid_argument(std::string(step) + " with " + std::to_string(wanted) +
                              " calibration images where there are " + std::to_string(there));
}

void check_size(const support::image_set& images, const network& net, const char* what) {
  if (images.dims() == net.input_dims) return;
  throw std::invalid_argument(std::string("the ") + what + " images are " +
                              to_string(images.dims()) + ", network '" + net.name + "' takes " +
                              to_string(net.input_dims));
}

// What the library cannot know to fail before any work, or would say in other words.
void check(const network& net, const support::image_set& calibration,
           const support::labelled_images* labelled, const settings& how) {
  const bool weights = std::ranges::any_of(net.layers, [](const layer& at) {
    return std::holds_alternative<convolution>(at.op) ||
           std::holds_alternative<inner_product>(at.op);
  });
  if (!weights) {
    throw std::invalid_argument("network '" + net.name +
                                "' has no convolution or inner product to compress");
  }
  if (how.batch == 0) throw std::invalid_argument("batches of 0 images");
  check_size(calibration, net, "calibration");
  if (labelled != nullptr) check_size(labelled->images, net, "labelled");
  if (how.renormalize != lfnc::renormalization::none) {
    check_count(how.images, calibration.size(), "re-normalization");
  }
  if (how.quantize_activations) {
    check_count(how.activation_images, calibration.size(), "calibration of activations");
  }
}

support::accuracy measure(engine& running, const support::labelled_images& labelled,
                          std::size_t batch, const char* what) {
  progress shown(std::string("accuracy, ") + what, labelled.images.size());
  return evaluate(running, labelled, batch, [&](std::size_t count) { shown.step(count); });
}

// The verbs of a device.
struct device_verbs {
  device& where;

  device::codes quantize_weights(const lfnc::channel_view<const float>& weights,
                                 const lfnc::codebook_choice& codebook,
                                 const lfnc::fit_options& options) {
    return where.quantize_weights(weights, lfnc::name_of(codebook), options);
  }
  void dequantize_weights(std::span<const std::int8_t> codes, const lfnc::codebook_choice& codebook,
                          std::span<const lfnc::row_fit> rows,
                          const lfnc::channel_view<float>& weights) {
    where.dequantize_weights(codes, lfnc::name_of(codebook), rows, weights);
  }
  void accumulate_moments(const lfnc::tensor_view<const float, 3>& batch,
                          std::span<lfnc::channel_moments> moments) {
    where.accumulate_moments(batch, moments);
  }
  void accumulate_histogram(const lfnc::tensor_view<const float, 3>& batch,
                            lfnc::activation_histogram& counts) {
    where.accumulate_histogram(batch, counts);
  }
};

// Shows the stage that the method is in, one after another.
class stages {
 public:
  void show(const lfnc::compress_progress& now) {
    if (!shown_ || now.stage != stage_) {
      shown_.emplace(std::string(lfnc::name_of(now.stage)), now.total);
      stage_ = now.stage;
      done_ = 0;
    }
    shown_->step(now.done - done_);
    done_ = now.done;
  }
  void end() { shown_.reset(); }

 private:
  std::optional<progress> shown_;
  lfnc::compress_stage stage_{};
  std::size_t done_ = 0;
};

}  // namespace

compression compress_network(network net, const support::image_set& calibration,
                             const support::labelled_images* labelled, const settings& how) {
  check(net, calibration, labelled, how);
  compression result;
  result.net = std::move(net);
  lfnc::compress_options options = how;
  const std::size_t labelled_bytes = labelled != nullptr ? labelled->images.bytes() : 0;
  options.memory -= std::min(options.memory, labelled_bytes);
  adapter at(result.net, calibration, options.memory);

  const bool renormalizing = how.renormalize != lfnc::renormalization::none &&
                             std::ranges::any_of(at.layers(), [](const lfnc::layer_info& each) {
                               return each.kind == lfnc::layer_kind::batch_norm;
                             });
  const auto accuracy_of = [&](const char* what,
                               bool is_result) -> std::optional<support::accuracy> {
    if (labelled == nullptr || !(is_result || how.measure_steps)) return std::nullopt;
    return measure(at.running(), *labelled, how.batch, what);
  };

  stages shown;
  options.progress = [&](const lfnc::compress_progress& now) {
    shown.show(now);
    return true;
  };
  options.after = [&](lfnc::compress_step step) {
    shown.end();
    switch (step) {
      case lfnc::compress_step::none:
        result.original = accuracy_of("float", false);
        break;
      case lfnc::compress_step::weights:
        result.direct =
            accuracy_of("weights quantized", !renormalizing && !how.quantize_activations);
        break;
      case lfnc::compress_step::batch_norm:
        result.renormalized = accuracy_of("batch norm re-normalized", !how.quantize_activations);
        break;
      case lfnc::compress_step::activations:
        break;  // batch norm is to follow
      case lfnc::compress_step::finished:
        if (how.quantize_activations) result.complete = accuracy_of("activations quantized", true);
        break;
    }
  };
  result.report = lfnc::compress(at, options, device_verbs{*how.where});
  return result;
}

}  // namespace compress
