// lfnc floor 5: compress/options: what the whole method is told to do, and how it reports back.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "../activations.hpp"
#include "../codebook.hpp"
#include "../fit.hpp"

namespace lfnc {

// How batch norm gets its new statistics.
enum class renormalization {
  none,
  plain,     // those of the quantized network; published
  anchored,  // the trained ones, moved by what quantization did to those of the same images
};

// The parts of the method whose progress is told, in their order.
enum class compress_stage {
  codes,             // of the weights; nothing is written yet
  float_statistics,  // of the network as it was trained, for renormalization::anchored
  batch_norm,
  activations,
  batch_norm_again,  // under quantized activations
};

// How far compress() is.
struct compress_progress {
  compress_stage stage = compress_stage::codes;  // the part of the method
  std::string_view layer;                        // being worked on; empty where all are at once
  std::size_t done = 0;   // layers, images, or images times batch-norm layers
  std::size_t total = 0;  // of these, in this stage
};

// What has been done to the adapter's network; every step is done whole or not at all.
enum class compress_step {
  none,         // it is as it was handed over
  weights,      // weights lie on their levels
  batch_norm,   // statistics are re-normalized
  activations,  // activations are quantized
  finished,     // and statistics re-normalized once more, where that was asked for
};

// Thrown where options.progress returned false.
class cancelled : public error {
 public:
  // After the step `done`.
  LFNC_INLINE explicit cancelled(compress_step done)
      : error("lfnc: compress: cancelled"), done_(done) {}
  // Copies, as exceptions are.
  LFNC_INLINE cancelled(const cancelled&) = default;
  LFNC_INLINE cancelled& operator=(const cancelled&) = default;

  // The last step that was done, which the adapter is left at.
  LFNC_INLINE compress_step done() const noexcept { return done_; }

 private:
  compress_step done_;
};

inline namespace LFNC_ABI {

// A codebook chosen at run time. All of these have codes of type std::int8_t.
using codebook_choice = std::variant<uniform, ternary, power_of_two, fixed_point, levels>;

// The default is lfnc's own method; published_options() is He & Cheng's to the letter.
struct compress_options {
  codebook_choice weights = uniform(4);         // of all layers with weights but two
  codebook_choice first_and_last = uniform(8);  // of the layers with weights
  fit_options fit;                              // how alpha of the weights is found

  renormalization renormalize = renormalization::anchored;  // of batch norm
  std::size_t images = 1000;      // for re-normalization: the adapter's first ones
  bool renormalize_again = true;  // once more when activations are quantized

  bool quantize_activations = true;               // false: they stay as they are
  int activation_bits = 8;                        // 2..8; a signed point's levels are symmetric
  bool signed_points = true;                      // also those that the adapter says are signed
  scaling activation_scaling = scaling::inverse;  // handed on to the adapter
  calibration_options calibration;                // how alpha of an activation point is found
  std::size_t activation_images = 400;            // for that: the adapter's first ones

  std::size_t batch = 20;  // images that are fed at once, at most

  // Bytes for all that compress and the adapter hold while it runs, as far as the adapter tells
  // them (overhead() and bytes()). Less memory costs time: what does not fit is computed again.
  // Where even one batch does not fit, nothing is kept between two layers, and the work goes on all
  // the same.
  std::size_t memory = std::size_t{2} << 30;

  // Called as the work goes on, where it is set; false ends it with `cancelled`.
  std::function<bool(const compress_progress&)> progress;

  // Called after every step that was done, where it is set: with compress_step::none before the
  // first change, with `finished` at the end. The adapter may run its network meanwhile.
  std::function<void(compress_step)> after;
};

// The method of He & Cheng, ECCV 2018, to the letter.
inline compress_options published_options() {
  compress_options options;
  options.weights = power_of_two::published(4);
  options.first_and_last = fixed_point();
  options.fit.solver = solver::lloyd;
  options.renormalize = renormalization::plain;
  options.renormalize_again = false;
  options.activation_bits = 7;
  options.signed_points = false;
  options.activation_scaling = scaling::division;
  options.calibration.method = calibration::lloyd;
  return options;
}

// A codebook by its name(): "ternary", "uniform-2" .. "uniform-8", "power-of-two-3" and "-4",
// "published-power-of-two-3" and "-4", "fixed-8". Throws argument_error for any other.
inline codebook_choice codebook_named(std::string_view name) {
  if (name == ternary::name()) return ternary();
  if (name == fixed_point::name()) return fixed_point();
  for (int bits = 2; bits <= 8; ++bits) {
    if (name == uniform(bits).name()) return uniform(bits);
  }
  for (int bits = 3; bits <= 4; ++bits) {
    if (name == power_of_two(bits).name()) return power_of_two(bits);
    if (name == power_of_two::published(bits).name()) return power_of_two::published(bits);
  }
  detail::refuse("name", "there is no codebook '" + std::string(name) +
                             "': ternary, uniform-2 .. uniform-8, power-of-two-3, power-of-two-4, "
                             "published-power-of-two-3, published-power-of-two-4, fixed-8");
}

// The name() of the codebook that was chosen.
inline std::string name_of(const codebook_choice& chosen) {
  return std::visit([](const auto& book) { return std::string(book.name()); }, chosen);
}

// "none", "plain" or "anchored".
inline std::string_view name_of(renormalization kind) {
  switch (kind) {
    case renormalization::none:
      return "none";
    case renormalization::plain:
      return "plain";
    case renormalization::anchored:
      return "anchored";
  }
  detail::refuse("renormalize", "is none of none, plain and anchored");
}

// In words, for people.
inline std::string_view name_of(compress_stage stage) {
  switch (stage) {
    case compress_stage::codes:
      return "weights";
    case compress_stage::float_statistics:
      return "statistics of the float network";
    case compress_stage::batch_norm:
    case compress_stage::batch_norm_again:
      return "re-normalization";
    case compress_stage::activations:
      return "activations";
  }
  detail::refuse("stage", "is no known stage");
}

}  // namespace LFNC_ABI
}  // namespace lfnc
