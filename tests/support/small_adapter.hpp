// A small network with its own naive engine, as an adapter of the whole method: one that can stop
// between layers, and one that can only run whole passes. Arithmetic is in double, image by image
// in one order, so that an image's values are the same in every batch.
#pragma once

#include <lfnc/compress/adapter.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "random.hpp"

namespace small {

inline constexpr std::size_t side = 4;
inline constexpr std::size_t plane = side * side;

// The list of layers:
//   0 conv1 1 norm1 2 relu1 3 conv2 4 norm2 (+ relu1) 5 sum (signed) 6 conv3 7 norm3 8 relu3
//   9 scores (inner product on the means of planes)
// with 3x3 convolutions 2 -> 4 -> 4 -> 5 channels.
enum place : std::size_t { conv1, norm1, relu1, conv2, norm2, sum, conv3, norm3, relu3, scores };

struct convolution {
  std::size_t in = 0;
  std::size_t out = 0;
  std::size_t kernel = 3;
  std::vector<float> weight;  // out x in x kernel x kernel
};

struct norm {
  std::vector<float> mean, variance, gamma, beta;
};

// What every adapter of the network has in common.
class network {
 public:
  explicit network(std::size_t images = 10) : images_(images) {
    generator random(11);
    const std::array<std::size_t, 5> channels{2, 4, 4, 5, 3};
    for (std::size_t k = 0; k < 4; ++k) {
      convolution made{channels[k], channels[k + 1], k < 3 ? std::size_t{3} : std::size_t{1}, {}};
      made.weight.resize(made.in * made.out * made.kernel * made.kernel);
      for (float& w : made.weight) w = static_cast<float>(0.3 * random.gaussian());
      convolutions.push_back(std::move(made));
      if (k == 3) break;
      norm one;
      for (std::size_t c = 0; c < channels[k + 1]; ++c) {
        one.mean.push_back(static_cast<float>(0.1 * random.gaussian()));
        one.variance.push_back(static_cast<float>(0.5 + random.uniform()));
        one.gamma.push_back(1);
        one.beta.push_back(static_cast<float>(0.2 * random.gaussian()));
      }
      norms.push_back(std::move(one));
    }
    pixels.resize(images * 2 * plane);
    for (float& x : pixels) x = static_cast<float>(random.gaussian());
  }

  std::vector<lfnc::layer_info> layers() const { return listed; }

  lfnc::tensor_view<float, 2> weights(std::size_t index) {
    convolution& at = convolutions[index / 3];
    return lfnc::as_view(at.weight, {at.out, at.in * at.kernel * at.kernel});
  }
  lfnc::norm_statistics<float> statistics(std::size_t index) {
    norm& at = norms[index / 3];
    return {at.mean, at.variance, epsilon};
  }
  void changed(std::size_t index) { changes.push_back(index); }
  void set_quantizer(std::size_t index, const lfnc::activation_grid& grid) {
    grids[index / 3] = grid;
  }
  std::size_t images() const { return images_; }

  // All that compress() changes.
  friend bool operator==(const network& a, const network& b) {
    for (std::size_t k = 0; k < 4; ++k) {
      if (a.convolutions[k].weight != b.convolutions[k].weight) return false;
    }
    for (std::size_t k = 0; k < 3; ++k) {
      if (a.norms[k].mean != b.norms[k].mean || a.norms[k].variance != b.norms[k].variance ||
          a.grids[k].alpha != b.grids[k].alpha) {
        return false;
      }
    }
    return true;
  }

  std::vector<lfnc::layer_info> listed{{lfnc::layer_kind::weights, "conv1", false},
                                       {lfnc::layer_kind::batch_norm, "norm1", false},
                                       {lfnc::layer_kind::activation, "relu1", false},
                                       {lfnc::layer_kind::weights, "conv2", false},
                                       {lfnc::layer_kind::batch_norm, "norm2", false},
                                       {lfnc::layer_kind::activation, "sum", true},
                                       {lfnc::layer_kind::weights, "conv3", false},
                                       {lfnc::layer_kind::batch_norm, "norm3", false},
                                       {lfnc::layer_kind::activation, "relu3", false},
                                       {lfnc::layer_kind::weights, "scores", false}};
  std::vector<convolution> convolutions;
  std::vector<norm> norms;
  std::array<lfnc::activation_grid, 3> grids{};  // alpha 0: not quantized
  std::vector<float> pixels;                     // images x 2 x side x side
  std::vector<std::size_t> changes;              // layers, as changed() was called
  double epsilon = 1e-3;

  // A batch before layer `next`. `values` are its input, or the point's values.
  struct batch {
    std::size_t count = 0;
    std::size_t next = 0;
    std::size_t channels = 2;
    std::vector<double> values;
    std::vector<double> skipped;  // relu1, until the sum has been made
  };

  batch begin(std::size_t first, std::size_t count) const {
    if (first + count > images_) throw std::out_of_range("images");
    const float* from = pixels.data() + first * 2 * plane;
    return {count, 0, 2, {from, from + count * 2 * plane}, {}};
  }

  // From place `next` to the one behind it.
  void step(batch& at) {
    const std::size_t k = at.next / 3;
    switch (at.next % 3) {
      case 0:
        convolve(convolutions[k], at);
        break;
      case 1:
        normalize(norms[k], at);
        if (at.next == norm2) {
          for (std::size_t i = 0; i < at.values.size(); ++i) at.values[i] += at.skipped[i];
          at.skipped.clear();
        } else {
          for (double& x : at.values) x = std::max(x, 0.0);
        }
        break;
      default:
        if (grids[k].alpha > 0) {
          for (double& x : at.values) {
            const double code = std::floor(x / grids[k].alpha + 0.5);
            x = grids[k].alpha * std::clamp(code, 1.0 * grids[k].low, 1.0 * grids[k].high);
          }
        }
        if (at.next == relu1) at.skipped = at.values;
    }
    ++at.next;
    ++steps;
  }

  lfnc::tensor_view<const double, 3> view(const batch& at) const {
    return lfnc::as_view(at.values.data(), {at.count, at.channels, plane});
  }

  std::size_t steps = 0;  // layers that batches have run through

 private:
  void convolve(const convolution& with, batch& at) const {
    std::vector<double> out(at.count * with.out * plane);
    const auto reach = static_cast<std::ptrdiff_t>(with.kernel / 2);
    const auto end = static_cast<std::ptrdiff_t>(side);
    for (std::size_t n = 0; n < at.count; ++n) {
      for (std::size_t o = 0; o < with.out; ++o) {
        for (std::ptrdiff_t y = 0; y < end; ++y) {
          for (std::ptrdiff_t x = 0; x < end; ++x) {
            double total = 0;
            const float* w = with.weight.data() + o * with.in * with.kernel * with.kernel;
            for (std::size_t i = 0; i < with.in; ++i) {
              const double* from = at.values.data() + (n * with.in + i) * plane;
              for (std::ptrdiff_t v = y - reach; v <= y + reach; ++v) {
                for (std::ptrdiff_t u = x - reach; u <= x + reach; ++u, ++w) {
                  if (v < 0 || v >= end || u < 0 || u >= end) continue;
                  total += static_cast<double>(*w) * from[v * end + u];
                }
              }
            }
            out[(n * with.out + o) * plane + static_cast<std::size_t>(y * end + x)] = total;
          }
        }
      }
    }
    at.values = std::move(out);
    at.channels = with.out;
  }

  void normalize(const norm& by, batch& at) const {
    for (std::size_t i = 0; i < at.values.size(); ++i) {
      const std::size_t c = i / plane % at.channels;
      const double scale = static_cast<double>(by.gamma[c]) /
                           std::sqrt(static_cast<double>(by.variance[c]) + epsilon);
      at.values[i] = (at.values[i] - static_cast<double>(by.mean[c])) * scale +
                     static_cast<double>(by.beta[c]);
    }
  }

  std::size_t images_;
};

// Can stop between layers.
struct stateful : network {
  using network::network;
  using state = batch;

  state start(std::size_t first, std::size_t count) {
    starts += count;
    return begin(first, count);
  }
  void advance(state& at, std::size_t index) {
    if (index < at.next) throw std::logic_error("advance() backwards");
    while (at.next < index) step(at);
  }
  lfnc::tensor_view<const double, 3> values(const state& at, std::size_t) const { return view(at); }
  std::size_t bytes(const state& at) const {
    return (at.values.size() + at.skipped.size()) * sizeof(double);
  }

  std::size_t starts = 0;  // images
};

// Runs whole passes.
struct passes : network {
  using network::network;

  template <class Observer>
  void forward(std::size_t first, std::size_t count, const Observer& observer) {
    batch at = begin(first, count);
    for (bool wanted = true; wanted && at.next < listed.size(); step(at)) {
      if (at.next % 3 != 0) wanted = observer(at.next, view(at));
    }
  }
};

static_assert(lfnc::stateful_adapter<stateful>);
static_assert(lfnc::pass_adapter<passes> && !lfnc::stateful_adapter<passes>);

}  // namespace small
