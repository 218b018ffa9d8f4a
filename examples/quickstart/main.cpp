// lfnc on raw pointers. The lines between the rules are the README's.
#include <cstdio>
#include <lfnc/quantize.hpp>
#include <vector>

int main() {
  // What an engine would bring: a layer's weights, and what it puts out for unlabelled images.
  constexpr int n = 8, height = 14, width = 14;
  std::vector<float> layer(64 * 3 * 3 * 3), images(2 * n * 64 * height * width);
  for (std::size_t k = 0; k < layer.size(); ++k) layer[k] = float(k * 37 % 101) / 64 - 0.75F;
  for (std::size_t k = 0; k < images.size(); ++k) images[k] = float(k * 59 % 257) / 64 - 1.5F;
  const float* weights = layer.data();
  const float* batches[] = {images.data(), images.data() + images.size() / 2};
  std::vector<float> mean(64, 0), variance(64, 1);

  // ----
  // 64 filters of 3 x 3 x 3 in the engine's own memory, any extents and strides.
  auto w = lfnc::as_view(weights, {64, 3, 3, 3});
  auto q = lfnc::quantize_weights(lfnc::channels(w, 0), lfnc::uniform(4));
  // q.codes: std::int8_t, -7..7; q.rows[c].alpha: the scale of channel c; w = alpha * code.

  // The batch norm behind it takes the statistics of unlabelled images in the quantized network.
  std::vector<lfnc::channel_moments> seen(64);
  for (const float* batch : batches) {
    auto x = lfnc::as_view(batch, {n, 64, height, width});
    lfnc::accumulate_moments(lfnc::channels(x, 1), seen);
  }
  lfnc::renormalize(seen, mean, variance);
  // ----

  std::printf("channel 0: codes %d %d %d, alpha %.6f, relative squared error %.6f\n", q.codes[0],
              q.codes[1], q.codes[2], q.rows[0].alpha, q.rows[0].relative_error);
  std::printf("its batch norm: mean %.6f, variance %.6f\n", mean[0], variance[0]);
}
