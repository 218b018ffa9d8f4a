// What a compression run is told to do.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <lfnc/compress/options.hpp>
#include <memory>

#include "device.hpp"

namespace compress {

// The method's own options, and the program's. The default is lfnc's own method.
struct settings : lfnc::compress_options {
  std::shared_ptr<device> where =
      cpu_device();  // of lfnc's own work; forward passes are the engine's

  bool measure_steps = true;  // accuracy of every step, not of the result alone
  std::uint64_t seed = 1;     // of the choice among the calibration images
};

// How many calibration images the steps that are taken use; 1 at least, which tells their size.
inline std::size_t images_needed(const settings& s) {
  return std::max({std::size_t{1}, s.renormalize != lfnc::renormalization::none ? s.images : 0,
                   s.quantize_activations ? s.activation_images : 0});
}

// He & Cheng's method to the letter.
inline settings published_settings() {
  settings s;
  static_cast<lfnc::compress_options&>(s) = lfnc::published_options();
  return s;
}

}  // namespace compress
