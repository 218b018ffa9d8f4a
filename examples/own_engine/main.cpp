// The whole method over an engine of one's own: engine.hpp is the engine, adapter.hpp what lfnc
// needs of it, and this the program: a network with random weights, compressed with random images.
#include <cmath>
#include <cstdio>
#include <exception>
#include <lfnc/compress.hpp>
#include <random>
#include <vector>

#include "adapter.hpp"

namespace {

constexpr std::size_t image_count = 64;
constexpr std::size_t image_size = 3 * engine::plane;

// Smooth patches of random brightness.
std::vector<float> random_images() {
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  std::vector<float> images(image_count * image_size);
  float x = 0;
  for (float& pixel : images) pixel = x = 0.7F * x + normal(random);
  return images;
}

std::vector<float> scores(lfnc::chain<adapter>& at) {
  auto images = at.start(0, image_count);
  return at.output(images, at.layers().size() - 1).values;
}

// |a - b| / |b|.
double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0;
  double norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
    norm += std::pow(static_cast<double>(b[i]), 2);
  }
  return std::sqrt(difference / norm);
}

}  // namespace

int main() {
  try {
    engine net({3, 12, 16, 16, 24}, 10, 1);
    adapter inside(net, random_images());
    lfnc::chain at(inside, inside.layers());

    // Statistics that the network could have been trained with: re-normalization gives them, with
    // levels so fine that the weights stay what they are.
    lfnc::compress_options options;
    options.images = options.activation_images = image_count;
    options.renormalize = lfnc::renormalization::plain;
    options.quantize_activations = false;
    options.weights = options.first_and_last = lfnc::uniform(8);
    lfnc::compress(at, options);
    const std::vector<float> trained = scores(at);

    options = {};
    options.images = options.activation_images = image_count;
    options.after = [&](lfnc::compress_step step) {
      const char* const names[] = {"float", "weights quantized", "batch norm re-normalized",
                                   "activations quantized", "re-normalized again"};
      std::printf("%-26s scores moved by %6.2f %%\n", names[static_cast<int>(step)],
                  100 * distance(scores(at), trained));
    };
    const lfnc::compress_report report = lfnc::compress(at, options);
    std::printf("%s\n", lfnc::to_json(report).c_str());
    return 0;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "own_engine: %s\n", problem.what());
    return 1;
  }
}
