// accumulate_moments: mean and variance of every channel of a batch. The limit reads the batch
// once. The peers compute the same mean and variance, from float sums and not mergeable.
#include <lfnc/batch_norm.hpp>
#include <lfnc/exec/cpu.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include "harness.hpp"
#if LFNC_BENCH_DNNL
#include "peers_onednn.hpp"
#endif
#if LFNC_BENCH_EIGEN
#include "peers_eigen.hpp"
#endif
#if LFNC_BENCH_OPENCV
#include "peers_opencv.hpp"
#endif

namespace {

struct shape {
  std::size_t images;
  std::size_t channels;
  std::size_t height;
  std::size_t width;

  std::size_t size() const { return images * channels * height * width; }
  std::string name() const {
    return std::to_string(images) + "x" + std::to_string(channels) + "x" + std::to_string(height) +
           "x" + std::to_string(width);
  }
};

// `peer` fills mean and variance of every channel from the batch.
template <class Peer>
void add_peer(const std::string& name, const shape& s, Peer peer) {
  bench::add(name, "bytes", 4.0 * static_cast<double>(s.size()), [=] {
    const float* x = bench::normals(s.size());
    return [=, mean = std::vector<double>(s.channels),
            variance = std::vector<double>(s.channels)]() mutable {
      peer(x, mean.data(), variance.data());
      benchmark::DoNotOptimize(mean.data());
      benchmark::DoNotOptimize(variance.data());
    };
  });
}

void add_shape(const shape& s, bool nhwc) {
  const std::string work = "moments/" + s.name() + (nhwc ? "_NHWC" : "_NCHW");
  const double bytes = 4.0 * static_cast<double>(s.size());
  const auto on = [=](int threads) {
    return [=] {
      const float* x = bench::normals(s.size());
      const auto batch =
          nhwc ? lfnc::channels(lfnc::as_view(x, {s.images, s.height, s.width, s.channels}), 3)
               : lfnc::channels(lfnc::as_view(x, {s.images, s.channels, s.height, s.width}), 1);
      return [=, moments = std::vector<lfnc::channel_moments>(s.channels)]() mutable {
        lfnc::accumulate_moments(lfnc::cpu{threads}, batch, moments);
        benchmark::DoNotOptimize(moments.data());
      };
    };
  };
  bench::add(work + "/lfnc", "bytes", bytes, on(1));
  if (!nhwc) bench::add_two_threads(work, "bytes", bytes, on);
  bench::add_sum_limit(work, "bytes", bytes, s.size());

  [[maybe_unused]] const std::size_t plane = s.height * s.width;
#if LFNC_BENCH_EIGEN
  add_peer(work + "/peer:Eigen two-pass", s, [=](const float* x, double* mean, double* variance) {
    if (nhwc) {
      peer::eigen_two_pass_nhwc(x, s.images * plane, s.channels, mean, variance);
    } else {
      peer::eigen_two_pass_nchw(x, s.images, s.channels, plane, mean, variance);
    }
  });
#endif
#if LFNC_BENCH_DNNL
  bench::add(work + "/peer:oneDNN batch_normalization", "bytes", bytes, [=] {
    const auto dim = [](std::size_t extent) { return static_cast<dnnl::memory::dim>(extent); };
    return peer::onednn_batch_norm(
        bench::normals(s.size()), bench::output<float>(s.size()), bench::output<float>(s.channels),
        bench::output<float>(2 * s.channels),
        {dim(s.images), dim(s.channels), dim(s.height), dim(s.width)}, nhwc);
  });
#endif
#if LFNC_BENCH_OPENCV
  // Its arrays have few channels, so that NHWC is beyond it.
  if (!nhwc) {
    add_peer(work + "/peer:OpenCV meanStdDev", s,
             [=](const float* x, double* mean, double* variance) {
               peer::opencv_mean_variance(x, s.images, s.channels, plane, mean, variance);
             });
  }
#endif
}

}  // namespace

void register_benchmarks() {
  for (const shape& s : {shape{32, 64, 56, 56}, shape{32, 256, 14, 14}, shape{32, 512, 7, 7},
                         shape{8, 64, 112, 112}}) {
    add_shape(s, false);
    add_shape(s, true);
  }
}
