// accumulate_moments: mean and variance of every channel of a batch. The limit reads the batch
// once. CUB only sums every plane; cuDNN also writes the normalized batch.
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>

#include <cstddef>
#include <cub/device/device_segmented_reduce.cuh>
#include <lfnc/cuda.hpp>
#include <string>
#include <utility>
#include <vector>

#include "harness.hpp"
#include "limits.hpp"
#if LFNC_BENCH_CUDNN
#include "peers_cudnn.hpp"
#endif

namespace {

struct shape {
  int images;
  int channels;
  int height;
  int width;

  int planes() const { return images * channels; }
  int plane() const { return height * width; }
  std::size_t size() const { return static_cast<std::size_t>(planes()) * plane(); }
  std::size_t bytes() const { return size() * sizeof(float); }
  std::string name() const {
    return std::to_string(images) + "x" + std::to_string(channels) + "x" + std::to_string(height) +
           "x" + std::to_string(width);
  }
};

bench::rotating<float> batches(const shape& s, std::size_t copies) {
  return {s.size(), copies, bench::normals()};
}

// Where plane number `index` begins.
struct plane_begin {
  int plane;
  __host__ __device__ int operator()(int index) const { return index * plane; }
};

void add_shape(const shape& s) {
  const std::string work = "moments/" + s.name() + "_NCHW";
  const auto bytes = static_cast<double>(s.bytes());
  bench::add(work + "/lfnc", "bytes", bytes, [=](cudaStream_t stream) {
    const auto channels = static_cast<std::size_t>(s.channels);
    return bench::with_workspace(
        stream, [=, x = batches(s, bench::copies_of(s.bytes())),
                 moments = bench::memory(std::vector<lfnc::channel_moments>(channels))](
                    const lfnc::cuda& gpu, std::size_t turn) {
          const auto batch =
              lfnc::as_device_view(x.at(turn), {s.images, s.channels, s.height, s.width});
          lfnc::accumulate_moments(gpu, lfnc::channels(batch, 1), {moments.data(), s.channels});
        });
  });
  bench::add_sum_limit(work, "bytes", bytes, s.size());
  bench::add(work + "/peer:CUB segmented sum", "bytes", bytes, [=](cudaStream_t stream) {
    const auto begin =
        thrust::make_transform_iterator(thrust::counting_iterator<int>(0), plane_begin{s.plane()});
    return bench::with_cub_memory(
        "cub::DeviceSegmentedReduce::Sum",
        [=, x = batches(s, bench::copies_of(s.bytes())),
         sums = bench::memory<float>(static_cast<std::size_t>(s.planes()))](
            void* room, std::size_t& size, std::size_t turn) {
          return cub::DeviceSegmentedReduce::Sum(room, size, x.at(turn), sums.data(), s.planes(),
                                                 begin, begin + 1, stream);
        });
  });
#if LFNC_BENCH_CUDNN
  bench::add(work + "/peer:cuDNN batch norm training", "bytes", bytes, [=](cudaStream_t stream) {
    const std::size_t copies = bench::copies_of(2 * s.bytes());
    return [x = batches(s, copies), y = bench::rotating<float>(s.size(), copies),
            run = peer::cudnn_batch_norm(stream, s.images, s.channels, s.height, s.width)](
               std::size_t turn) { run(x.at(turn), y.at(turn)); };
  });
#endif
}

}  // namespace

void register_benchmarks() {
  add_shape({32, 64, 56, 56});
  add_shape({32, 256, 14, 14});
  add_shape({32, 512, 7, 7});
  add_shape({256, 64, 112, 112});
}
