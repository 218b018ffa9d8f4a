// lfnc on a GPU, with nothing but pointers of cudaMalloc and a stream: the weights of one layer
// become 4-bit codes, a batch gives the statistics of its channels, and is quantized to bytes.
#include <cuda_runtime.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <lfnc/cuda.hpp>
#include <vector>

namespace {

void check(cudaError_t code, const char* call) {
  if (code != cudaSuccess) throw lfnc::cuda_error(call, code);
}

// Memory of the device, freed at the end of its scope.
template <class T>
struct device_array {
  T* data = nullptr;
  std::size_t bytes;

  explicit device_array(std::size_t count) : bytes(count * sizeof(T)) {
    check(cudaMalloc(&data, bytes), "cudaMalloc");
  }
  device_array(const device_array&) = delete;
  device_array& operator=(const device_array&) = delete;
  ~device_array() { cudaFree(data); }

  // From pageable memory: `values` has been read when this returns.
  void copy_in(const std::vector<T>& values, cudaStream_t stream) {
    check(cudaMemcpyAsync(data, values.data(), bytes, cudaMemcpyHostToDevice, stream),
          "cudaMemcpyAsync");
  }
  void copy_out(std::vector<T>& values, cudaStream_t stream) const {
    check(cudaMemcpyAsync(values.data(), data, bytes, cudaMemcpyDeviceToHost, stream),
          "cudaMemcpyAsync");
    check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  }
};

std::vector<float> waves(std::size_t count, float frequency) {
  std::vector<float> values(count);
  for (std::size_t k = 0; k < count; ++k) values[k] = std::sin(frequency * static_cast<float>(k));
  return values;
}

void run(cudaStream_t stream) {
  constexpr std::size_t outputs = 64, inputs = 32, kernel = 9, images = 8, pixels = 28 * 28;

  // The engine's memory: a convolution's weights, the batch that it reads, and the results.
  device_array<float> weights(outputs * inputs * kernel);
  device_array<float> batch(images * inputs * pixels);
  device_array<std::int8_t> codes(outputs * inputs * kernel);
  device_array<lfnc::row_fit> rows(outputs);
  device_array<lfnc::channel_moments> moments(inputs);
  device_array<std::uint8_t> bytes(images * inputs * pixels);
  weights.copy_in(waves(outputs * inputs * kernel, 1.7F), stream);
  batch.copy_in(waves(images * inputs * pixels, 0.3F), stream);
  // Moments are added to: they begin at 0.
  check(cudaMemsetAsync(moments.data, 0, moments.bytes, stream), "cudaMemsetAsync");

  // The same memory, seen by lfnc.
  const auto w = lfnc::as_device_view(weights.data, {outputs, inputs, kernel});
  const auto q = lfnc::as_device_view(codes.data, {outputs, inputs, kernel});
  const auto x = lfnc::as_device_view(batch.data, {images, inputs, pixels});
  const auto y = lfnc::as_device_view(bytes.data, {images, inputs, pixels});
  const auto verbs = [&](const lfnc::cuda& gpu) {
    lfnc::quantize_weights(gpu, lfnc::channels(w, 0), lfnc::uniform(4), lfnc::channels(q, 0),
                           {rows.data, outputs});
    lfnc::accumulate_moments(gpu, lfnc::channels(x, 1), {moments.data, inputs});
    lfnc::quantize(gpu, x, y, {1.0 / 255});
  };

  // Once to count the memory that the verbs work in, once to launch them; then the only wait, which
  // throws what they found wrong with the numbers.
  lfnc::workspace needed;
  verbs(lfnc::cuda(stream, needed));
  device_array<std::byte> memory(needed.bytes());
  lfnc::workspace workspace(memory.data, memory.bytes);
  const lfnc::cuda gpu(stream, workspace);
  verbs(gpu);
  lfnc::check(gpu);

  std::vector<lfnc::row_fit> fits(outputs);
  std::vector<lfnc::channel_moments> measured(inputs);
  std::vector<std::uint8_t> levels(images * inputs * pixels);
  rows.copy_out(fits, stream);
  moments.copy_out(measured, stream);
  bytes.copy_out(levels, stream);
  std::printf("output 0: alpha %.6f, relative squared error %.6f\n", fits[0].alpha,
              fits[0].relative_error);
  for (std::size_t c = 0; c < 4; ++c) {
    std::printf("channel %zu: mean %9.6f, variance %.6f\n", c, measured[c].mean(),
                measured[c].variance());
  }
  std::printf("activations:");
  for (std::size_t k = 0; k < 8; ++k) std::printf(" %d", static_cast<int>(levels[k]));
  std::printf("\n%zu bytes of workspace\n", needed.bytes());
}

}  // namespace

int main() {
  try {
    int devices = 0;
    const cudaError_t counted = cudaGetDeviceCount(&devices);
    // Without a driver there is no device either.
    if (counted == cudaErrorNoDevice || counted == cudaErrorInsufficientDriver) {
      std::printf("skipped: cuda_quickstart: no CUDA device\n");
      return 77;
    }
    check(counted, "cudaGetDeviceCount");
    cudaStream_t stream = nullptr;
    check(cudaStreamCreate(&stream), "cudaStreamCreate");
    run(stream);
    check(cudaStreamDestroy(stream), "cudaStreamDestroy");
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s\n", problem.what());
    return 1;
  }
}
