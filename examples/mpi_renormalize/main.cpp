// Re-normalizes a small network over the ranks of MPI: each rank computes its share of the
// calibration images, and what it measured is merged. The printed bits do not depend on the ranks.
//
//   mpirun -n 3 mpi_renormalize [IMAGES]
#include <mpi.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <lfnc/quantize.hpp>
#include <string>
#include <vector>

#include "merge_over_ranks.hpp"

namespace {

constexpr int size = 16;  // of an image's sides, in every layer
constexpr int pixels = size * size;
constexpr int widths[] = {3, 8, 12, 8};  // channels of the image and after each layer
constexpr float epsilon = 1e-5F;

// `count` even numbers in -1..1, the same on every rank for the same seed (splitmix64).
std::vector<float> drawn(std::uint64_t seed, int count) {
  std::vector<float> values(static_cast<std::size_t>(count));
  std::uint64_t state = seed << 32;
  for (float& value : values) {
    std::uint64_t x = state += 0x9E3779B97F4A7C15;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    value = static_cast<float>(x >> 40) * 0x1p-23F - 1;
  }
  return values;
}

// A convolution of 3 x 3 with the batch norm and the ReLU behind it.
struct layer {
  int inputs;
  int outputs;
  std::vector<float> weights;
  std::vector<float> mean;
  std::vector<float> variance;
};

// Row-major planes of pixels, zero beyond the edges. Every output is added up in one order.
std::vector<float> convolve(const layer& at, const std::vector<float>& image) {
  std::vector<float> result(static_cast<std::size_t>(at.outputs * pixels));
  for (int o = 0; o < at.outputs; ++o) {
    for (int p = 0; p < pixels; ++p) {
      float sum = 0;
      for (int k = 0; k < at.inputs * 9; ++k) {
        const int y = p / size + k % 9 / 3 - 1;
        const int x = p % size + k % 3 - 1;
        if (y < 0 || y >= size || x < 0 || x >= size) continue;
        sum += at.weights[static_cast<std::size_t>(o * at.inputs * 9 + k)] *
               image[static_cast<std::size_t>(k / 9 * pixels + y * size + x)];
      }
      result[static_cast<std::size_t>(o * pixels + p)] = sum;
    }
  }
  return result;
}

void normalize_and_clip(const layer& at, std::vector<float>& image) {
  for (std::size_t k = 0; k < image.size(); ++k) {
    const std::size_t c = k / pixels;
    image[k] = std::max(0.0F, (image[k] - at.mean[c]) / std::sqrt(at.variance[c] + epsilon));
  }
}

void run(int images, MPI_Comm ranks) {
  int rank = 0;
  int count = 1;
  MPI_Comm_rank(ranks, &rank);
  MPI_Comm_size(ranks, &count);
  const lfnc::cpu one_thread{1};

  // What this rank's images are at the layer being done: image i belongs to rank i modulo count.
  std::vector<std::vector<float>> here;
  for (int i = rank; i < images; i += count) {
    here.push_back(drawn(1000 + static_cast<std::uint64_t>(i), widths[0] * pixels));
  }

  for (int l = 0; l + 1 < static_cast<int>(std::size(widths)); ++l) {
    const int inputs = widths[l];
    const int outputs = widths[l + 1];
    const auto channels = static_cast<std::size_t>(outputs);
    layer at{inputs, outputs, drawn(static_cast<std::uint64_t>(l), outputs * inputs * 9),
             std::vector<float>(channels), std::vector<float>(channels)};

    // The layer's weights in 4 bits. Every rank has them all, and finds the same codes.
    const auto w = lfnc::channels(lfnc::as_view(at.weights, {outputs, inputs, 9}), 0);
    const auto q = lfnc::quantize_weights(w, lfnc::uniform(4));
    const auto codes = lfnc::channels(lfnc::as_view(q.codes.data(), {outputs, inputs, 9}), 0);
    lfnc::dequantize_weights(one_thread, codes, lfnc::uniform(4), q.rows, w);

    // Batch norm gets the statistics of all images.
    std::vector<lfnc::channel_moments> seen(channels);
    for (std::vector<float>& image : here) {
      image = convolve(at, image);
      const auto x = lfnc::as_view(image, {1, outputs, pixels});
      lfnc::accumulate_moments(one_thread, lfnc::channels(x, 1), seen);
    }
    lfnc_mpi::merge_over_ranks<lfnc::channel_moments>(seen, ranks);
    lfnc::renormalize<float>(seen, at.mean, at.variance);

    // The activations behind it get the alpha that fits the values of all images.
    std::vector<lfnc::activation_histogram> counts(1);
    for (std::vector<float>& image : here) {
      normalize_and_clip(at, image);
      lfnc::accumulate_histogram(one_thread, lfnc::as_view(image), counts[0]);
    }
    lfnc_mpi::merge_over_ranks<lfnc::activation_histogram>(counts, ranks);
    const double alpha = lfnc::calibrate(counts[0], 0, 255);
    for (std::vector<float>& image : here) {
      lfnc::fake_quantize(one_thread, lfnc::as_view(image), lfnc::as_view(image), {alpha});
    }

    if (rank != 0) continue;
    std::printf("layer %d: alpha %.17g over %llu values\n", l, alpha,
                static_cast<unsigned long long>(counts[0].total()));
    for (std::size_t c = 0; c < channels; ++c) {
      std::printf("  channel %zu: mean %.9g, variance %.9g\n", c, static_cast<double>(at.mean[c]),
                  static_cast<double>(at.variance[c]));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  try {
    run(argc > 1 ? std::stoi(argv[1]) : 10, MPI_COMM_WORLD);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s\n", problem.what());
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  MPI_Finalize();
}
