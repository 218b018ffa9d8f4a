// A tiny engine: 3x3 convolutions with batch norm and ReLU on square planes, then a classifier on
// the means of the planes. It stands for yours; all that lfnc needs of it is in adapter.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

struct block {
  std::size_t in, out;
  std::vector<float> weight;  // out x in x 3 x 3
  std::vector<float> mean, variance, gamma, beta;
  float alpha = 0;  // of the quantized ReLU: alpha * {0, ..., high}; 0: in float
  float high = 0;
};

// Images somewhere in the network: each has `channels` planes, one behind another.
struct batch {
  std::size_t images = 0;
  std::size_t channels = 0;
  std::vector<float> values;

  std::size_t plane() const { return values.size() / images / channels; }
};

struct engine {
  static constexpr std::size_t side = 12;
  static constexpr std::size_t plane = side * side;

  std::vector<block> blocks;
  std::vector<float> classifier;  // classes x channels
  std::size_t classes;

  // Weights as they come out of a training: of random values, with the statistics to match.
  engine(const std::vector<std::size_t>& channels, std::size_t classes_, unsigned seed)
      : classes(classes_) {
    std::mt19937 random(seed);
    const auto draw = [&](std::size_t count, float deviation, float mean) {
      std::normal_distribution<float> normal(mean, deviation);
      std::vector<float> values(count);
      for (float& x : values) x = normal(random);
      return values;
    };
    for (std::size_t k = 0; k + 1 < channels.size(); ++k) {
      const std::size_t in = channels[k];
      const std::size_t out = channels[k + 1];
      const float deviation = std::sqrt(2.0F / static_cast<float>(9 * in));
      blocks.push_back({in, out, draw(out * in * 9, deviation, 0), std::vector<float>(out),
                        std::vector<float>(out, 1.0F), draw(out, 0.1F, 1), draw(out, 0.3F, 0)});
    }
    classifier = draw(classes * channels.back(), 1, 0);
  }

  std::size_t features() const { return blocks.back().out; }

  // Runs an operation on a batch, in place: 3k + 0, 1 and 2 are the convolution, batch norm and
  // ReLU of block k; behind the last block the classifier makes the scores.
  void run(std::size_t operation, batch& at) const {
    if (operation == 3 * blocks.size()) return classify(at);
    const block& b = blocks[operation / 3];
    if (operation % 3 == 0) {
      convolve(b, at);
    } else if (operation % 3 == 1) {
      normalize(b, at);
    } else {
      for (float& x : at.values) {
        x = std::max(x, 0.0F);
        if (b.alpha > 0) x = b.alpha * std::min(std::floor(x / b.alpha + 0.5F), b.high);
      }
    }
  }

 private:
  void classify(batch& at) const {
    std::vector<float> scores(at.images * classes);
    for (std::size_t n = 0; n < at.images; ++n) {
      for (std::size_t c = 0; c < at.channels; ++c) {
        float sum = 0;
        for (std::size_t i = 0; i < plane; ++i) sum += at.values[(n * at.channels + c) * plane + i];
        for (std::size_t k = 0; k < classes; ++k) {
          scores[n * classes + k] += classifier[k * at.channels + c] * sum / float{plane};
        }
      }
    }
    at = {at.images, classes, std::move(scores)};
  }

  static void convolve(const block& b, batch& at) {
    std::vector<float> out(at.images * b.out * plane);
    for (std::size_t n = 0; n < at.images; ++n) {
      for (std::size_t o = 0; o < b.out; ++o) {
        float* to = out.data() + (n * b.out + o) * plane;
        for (std::size_t tap = 0; tap < b.in * 9; ++tap) {
          const float w = b.weight[o * b.in * 9 + tap];
          const float* from = at.values.data() + (n * b.in + tap / 9) * plane;
          // Output (y, x) reads input (y + v - 1, x + u - 1), where that is inside.
          const std::size_t v = tap % 9 / 3;
          const std::size_t u = tap % 3;
          for (std::size_t y = v == 0; y + v < side + 1 && y < side; ++y) {
            for (std::size_t x = u == 0; x + u < side + 1 && x < side; ++x) {
              to[y * side + x] += w * from[(y + v - 1) * side + x + u - 1];
            }
          }
        }
      }
    }
    at.values = std::move(out);
    at.channels = b.out;
  }

  static void normalize(const block& b, batch& at) {
    for (std::size_t i = 0; i < at.values.size(); ++i) {
      const std::size_t c = i / plane % b.out;
      at.values[i] =
          b.gamma[c] * (at.values[i] - b.mean[c]) / std::sqrt(b.variance[c] + 1e-5F) + b.beta[c];
    }
  }
};
