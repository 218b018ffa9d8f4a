// lfnc floor 5: compress: the whole method over your network: weights, batch norm, activations.
//
//   network_adapter, stateful_adapter, pass_adapter   what you have to offer     compress/adapter
//   chain                                             made of a list of layers   compress/chain
//   compress_options, published_options               what is to be done         compress/options
//   compress                                          does it                    here
//   compress_report, total                            what it found out          compress/report
//   to_json                                           that as text               compress/json
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "compress/adapter.hpp"
#include "compress/host.hpp"
#include "compress/json.hpp"
#include "compress/options.hpp"
#include "compress/report.hpp"
#include "compress/steps/calibrate.hpp"
#include "compress/steps/renormalize.hpp"
#include "compress/steps/weights.hpp"
#include "compress/verbs.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

inline void check_options(const compress_options& options) {
  require(options.batch > 0, "batch", "batches of 0 images");
  require(options.activation_bits >= 2 && options.activation_bits <= 8, "activation_bits",
          [&] { return sentence({options.activation_bits, " is not in 2..8"}); });
  const double share = options.calibration.share;
  require(options.calibration.method != calibration::percentile || (share > 0 && share <= 1),
          "calibration",
          [&] { return sentence({"its share ", shortest(share), " is not in (0, 1]"}); });
  name_of(options.renormalize);
  for (const codebook_choice* book : {&options.weights, &options.first_and_last}) {
    std::visit([](const auto& chosen) { check_levels(chosen); }, *book);
  }
}

inline void check_count(std::size_t wanted, std::size_t there, std::string_view argument) {
  require(wanted >= 1 && wanted <= there, argument,
          [&] { return sentence({wanted, " asked for where the adapter has ", there}); });
}

// Weights that are there and can be written to, statistics that are numbers.
template <class Job>
void check_layers(Job& job) {
  for (const std::size_t index : job.weights) {
    in_layer(job.name(index), [&] {
      const auto weights = channels(job.adapter.weights(index), 0);
      require(weights.size() > 0, "weights", "there are no elements");
      require_distinct(weights, "weights");
    });
  }
  for (const std::size_t index : job.norms) {
    in_layer(job.name(index), [&] {
      const auto now = job.adapter.statistics(index);
      require(!now.mean.empty(), "mean", "has no entries");
      check_statistics(now.mean, now.variance, now.mean.size());
      require(now.epsilon >= 0 && finite(now.epsilon), "epsilon",
              [&] { return sentence({shortest(now.epsilon), " is no number of at least 0"}); });
      for (std::size_t c = 0; c < now.mean.size(); ++c) {
        require(finite(now.mean[c]), "mean",
                [&] { return sentence({"entry ", c, " is NaN or infinite"}); });
        require(now.variance[c] >= 0 && finite(now.variance[c]), "variance",
                [&] { return sentence({"entry ", c, " is ", shortest(now.variance[c])}); });
      }
    });
  }
}

// Sorts the adapter's layers, and refuses what is known to fail before any work.
template <class Job>
void prepare(Job& job) {
  check_options(job.options);
  job.layers = job.adapter.layers();
  for (std::size_t index = 0; index < job.layers.size(); ++index) {
    switch (job.layers[index].kind) {
      case layer_kind::weights:
        job.weights.push_back(index);
        break;
      case layer_kind::batch_norm:
        if (job.options.renormalize != renormalization::none) job.norms.push_back(index);
        break;
      case layer_kind::activation:
        if (job.options.quantize_activations &&
            (job.options.signed_points || !job.layers[index].is_signed)) {
          job.points.push_back(index);
        }
        break;
      default:
        refuse("layers", "the kind of layer '" + job.name(index) +
                             "' is none of weights, batch_norm and activation");
    }
  }
  require(!job.weights.empty(), "layers", "the adapter lists none with weights");
  const std::size_t images = job.adapter.images();
  if (job.options.renormalize != renormalization::none) {
    check_count(job.options.images, images, "images");
  }
  if (job.options.quantize_activations) {
    check_count(job.options.activation_images, images, "activation_images");
  }
  check_layers(job);
}

}  // namespace detail

// Compresses the adapter's network as `options` say: weights, then batch norm, then activations,
// with the adapter's unlabelled images.
//
// Nothing is written before the codes of all weights and, where the re-normalization is anchored,
// the statistics of the float network are known. After that every step (compress_step) is done
// whole or not at all: where it ends early, because options.progress returned false (`cancelled`,
// with the step done last) or something was thrown, the adapter's network is as the last step left
// it. Only what the adapter's own set_codes, changed or set_quantizer throw may leave a step half
// done.
//
// Throws argument_error before any work for options out of range, an adapter without weights, with
// fewer images than asked for, or with statistics that are no numbers; layer_error, naming the
// layer, for weights or values that are NaN or infinite or of the wrong shape, and statistics and
// weights that cannot be used; `cancelled`; and whatever the adapter throws. Without exceptions
// (-fno-exceptions) a cancelled run, like an error, calls the handler of error.hpp.
//
// The bits of the result do not depend on options.batch, options.memory or threads, as long as the
// adapter computes an image the same way in every batch. Cost of the adapter's part, in passes over
// the images: 1 where anchored, 1 for the re-normalization with enough memory (adapter.hpp,
// measure.hpp), that much again for the one under quantized activations, and 1 over the activation
// images.
template <network_adapter A, class Verbs = cpu_verbs>
  requires stateful_adapter<A> || pass_adapter<A>
compress_report compress(A& adapter, const compress_options& options = {}, Verbs&& verbs = {}) {
  using weight = std::remove_pointer_t<decltype(adapter.weights(std::size_t{0}).data)>;
  if constexpr (stateful_adapter<A>) {
    using values = decltype(adapter.values(std::declval<typename A::state&>(), std::size_t{0}));
    static_assert(compress_verbs<Verbs, weight, std::remove_cvref_t<values>>);
  }
  detail::compress_job<A, std::remove_reference_t<Verbs>> job{adapter, verbs, options};
  detail::prepare(job);
  const bool anchored = options.renormalize == renormalization::anchored && !job.norms.empty();
  auto codes = detail::fit_codes(job);
  job.finish(compress_step::none);
  std::vector<detail::layer_moments> original;
  if (anchored) original = detail::measure_all(job, compress_stage::float_statistics);
  const auto trained = detail::save_statistics(job);

  detail::write_codes(job, std::move(codes));
  job.finish(compress_step::weights);
  if (!job.norms.empty()) {
    detail::renormalize_all(job, compress_stage::batch_norm, trained, original);
    job.report.renormalized = options.renormalize;
    job.report.images = options.images;
    job.finish(compress_step::batch_norm);
  }
  if (!job.points.empty()) {
    detail::calibrate_all(job);
    job.report.activation_images = options.activation_images;
    job.finish(compress_step::activations);
    // Rounded activations move the statistics once more, by less than the weights did.
    if (!job.norms.empty() && options.renormalize_again) {
      detail::renormalize_all(job, compress_stage::batch_norm_again, trained, original);
    }
  }
  job.finish(compress_step::finished);
  return std::move(job.report);
}

}  // namespace LFNC_ABI
}  // namespace lfnc
