// What a compression run is told to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace compress {

enum class renormalization { none, plain, anchored };

// The default is lfnc's own method; published_settings() is He & Cheng's to the letter.
struct settings {
  // "ternary", "uniform-2" .. "uniform-8", "power-of-two-3", "power-of-two-4", "fixed-8", and the
  // encoders of the published code, "published-power-of-two-3" and "-4".
  std::string weights = "uniform-4";
  std::string first_and_last = "uniform-8";
  std::string solver = "exact";  // exact, lloyd, abs-max

  renormalization renormalize = renormalization::anchored;
  std::size_t images = 1000;

  bool quantize_activations = true;
  int activation_bits = 8;
  bool signed_points = true;          // also quantize after LeakyReLU and other signed values
  std::string calibration = "exact";  // exact, lloyd, abs-max, percentile
  std::size_t activation_images = 400;

  std::uint64_t seed = 1;                     // of the choice among the calibration images
  std::size_t batch = 20;                     // images a forward pass
  std::size_t memory = std::size_t{2} << 30;  // bytes for images between two layers
};

inline settings published_settings() {
  settings s;
  s.weights = "published-power-of-two-4";
  s.first_and_last = "fixed-8";
  s.solver = "lloyd";
  s.renormalize = renormalization::plain;
  s.activation_bits = 7;
  s.signed_points = false;
  s.calibration = "lloyd";
  return s;
}

}  // namespace compress
