// The front door, used as the README shows it: an engine's own memory in, codes and scales out.
#include <lfnc/quantize.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

#include "support/check.hpp"
#include "support/random.hpp"

TEST_CASE("a layer and its batch norm, from float weights to packed codes") {
  generator random(1);
  constexpr int out = 8;
  constexpr int in = 4;
  constexpr int images = 16;
  constexpr int pixels = 5 * 5;
  std::vector<float> w(out * in * 9);
  for (float& x : w) x = static_cast<float>(0.1 * random.gaussian());
  float* weights = w.data();

  // Weights: codes and one alpha a channel.
  const auto quantized = lfnc::quantize_weights(
      lfnc::channels(lfnc::as_view(weights, {out, in, 3, 3}), 0), lfnc::uniform(4));
  CHECK(quantized.codes.size() == w.size());
  CHECK(quantized.rows.size() == out);
  for (const lfnc::row_fit& row : quantized.rows) {
    CHECK(row.alpha > 0);
    CHECK(row.relative_error < 0.03);
  }

  // Storage.
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(
      lfnc::packed_size(lfnc::packing::int4, static_cast<lfnc::index_t>(quantized.codes.size()))));
  lfnc::pack(lfnc::packing::int4, quantized.codes, bytes);
  std::vector<std::int8_t> unpacked(quantized.codes.size());
  lfnc::unpack(lfnc::packing::int4, bytes, unpacked);
  CHECK(unpacked == quantized.codes);

  // The layer that is added behind the codes.
  std::vector<float> bias(out, 0.5F);
  std::vector<float> scale(out);
  std::vector<float> shift(out);
  lfnc::make_scale_layer<float>(quantized.rows, bias, scale, shift);

  // Batch norm: the same images through the float and through the quantized layer, in batches.
  std::vector<float> mean(out, 0.0F);
  std::vector<float> variance(out, 1.0F);
  std::vector<lfnc::channel_moments> original(out);
  std::vector<lfnc::channel_moments> quantized_moments(out);
  lfnc::activation_histogram counts;
  std::vector<float> batch(images / 2 * out * pixels);
  for (int b = 0; b < 2; ++b) {
    for (float& x : batch) x = static_cast<float>(random.gaussian());
    const auto view = lfnc::as_view(batch.data(), {images / 2, out, 5, 5});
    lfnc::accumulate_moments(lfnc::cpu{}, lfnc::channels(view, 1),
                             std::span<lfnc::channel_moments>(original));
    for (float& x : batch) x = 2 * x + 1;
    lfnc::accumulate_moments(lfnc::cpu{}, lfnc::channels(view, 1),
                             std::span<lfnc::channel_moments>(quantized_moments));
    lfnc::accumulate_histogram(lfnc::cpu{}, view, counts);
  }
  lfnc::renormalize_anchored<float>(quantized_moments, original, mean, variance);
  for (std::size_t c = 0; c < out; ++c) {
    CHECK(std::abs(variance[c] - 4) < 1e-5F);
    CHECK(std::abs(static_cast<double>(mean[c]) - (original[c].mean() + 1)) < 1e-5);
  }

  // Activations.
  const lfnc::activation_grid grid{lfnc::calibrate(counts, 0, 255), 0, 255};
  std::vector<std::uint8_t> codes(batch.size());
  lfnc::quantize(lfnc::cpu{}, lfnc::as_view(batch), lfnc::as_view(codes), grid);
  double error = 0;
  double squares = 0;
  for (std::size_t k = 0; k < batch.size(); ++k) {
    const double x = std::max(0.0, static_cast<double>(batch[k]));
    error += (x - grid.alpha * codes[k]) * (x - grid.alpha * codes[k]);
    squares += x * x;
  }
  CHECK(error / squares < 1e-4);
}

TEST_CASE("verbs keep nothing: the same call gives the same answer") {
  std::vector<float> w{0.5F, -0.25F, 0.75F, 1.0F};
  const auto view = lfnc::channels(lfnc::as_view(w, {2, 2}), 0);
  const auto first = lfnc::quantize_weights(view, lfnc::ternary());
  w[0] = 8;
  const auto second = lfnc::quantize_weights(view, lfnc::ternary());
  w[0] = 0.5F;
  const auto third = lfnc::quantize_weights(view, lfnc::ternary());
  CHECK(first.codes == third.codes);
  CHECK(first.rows[0].alpha == third.rows[0].alpha);
  CHECK(second.rows[0].alpha != first.rows[0].alpha);
}
