// What a compression run is told to do.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <lfnc/quantize.hpp>
#include <memory>
#include <string>

#include "device.hpp"

namespace compress {

enum class renormalization { none, plain, anchored };

// The default is lfnc's own method; published_settings() is He & Cheng's to the letter.
struct settings {
  // "ternary", "uniform-2" .. "uniform-8", "power-of-two-3", "power-of-two-4", "fixed-8", and the
  // encoders of the published code, "published-power-of-two-3" and "-4".
  std::string weights = "uniform-4";
  std::string first_and_last = "uniform-8";
  lfnc::solver solver = lfnc::solver::exact;

  renormalization renormalize = renormalization::anchored;
  std::size_t images = 1000;      // for re-normalization
  bool renormalize_again = true;  // once more when activations are quantized

  bool quantize_activations = true;
  int activation_bits = 8;
  bool signed_points = true;  // also quantize after LeakyReLU and other signed values
  lfnc::calibration calibration = lfnc::calibration::exact;
  std::size_t activation_images = 400;

  std::shared_ptr<device> where =
      cpu_device();  // of lfnc's own work; forward passes are the engine's

  bool measure_steps = true;                  // accuracy of every step, not of the result alone
  std::uint64_t seed = 1;                     // of the choice among the calibration images
  std::size_t batch = 20;                     // images a forward pass
  std::size_t memory = std::size_t{2} << 30;  // bytes for images between two layers
};

// How many calibration images the steps that are taken use; 1 at least, which tells their size.
inline std::size_t images_needed(const settings& s) {
  return std::max({std::size_t{1}, s.renormalize != renormalization::none ? s.images : 0,
                   s.quantize_activations ? s.activation_images : 0});
}

inline settings published_settings() {
  settings s;
  s.weights = "published-power-of-two-4";
  s.first_and_last = "fixed-8";
  s.solver = lfnc::solver::lloyd;
  s.renormalize = renormalization::plain;
  s.renormalize_again = false;
  s.activation_bits = 7;
  s.signed_points = false;
  s.calibration = lfnc::calibration::lloyd;
  return s;
}

}  // namespace compress
