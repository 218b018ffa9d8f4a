// The layers whose weights are quantized in benchmarks, on the CPU and on a GPU.
#pragma once

#include <cmath>
#include <cstddef>
#include <lfnc/fit.hpp>
#include <string>

namespace bench {

// Of a layer as it is initialized for training, which trained ones are near; the first step of
// lloyd depends on it.
inline double weight_deviation(std::size_t length) {
  return std::sqrt(2 / static_cast<double>(length));
}

struct solver_name {
  lfnc::solver solver;
  const char* name;
};

// `part` is what of a layer is fitted alone, where that is not a channel.
inline std::string weight_work(std::size_t channels, std::size_t length, const solver_name& by,
                               const std::string& codebook, const std::string& part = "") {
  return "quantize_weights/" + std::to_string(channels) + "x" + std::to_string(length) + part +
         "/" + by.name + "/" + codebook;
}

}  // namespace bench
