#include <cuda_runtime.h>
#include <thrust/version.h>

#include <cstdio>
#include <cub/version.cuh>
#include <exception>
#include <string>
#include <string_view>

#include "harness.hpp"
#if LFNC_BENCH_CUDNN
#include <cudnn.h>
#endif

namespace {

constexpr int skipped = 77;

std::string peers() {
  const auto version = [](int major, int minor, int patch) {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  };
  std::string names =
      "Thrust " + version(THRUST_MAJOR_VERSION, THRUST_MINOR_VERSION, THRUST_SUBMINOR_VERSION) +
      ", CUB " + version(CUB_MAJOR_VERSION, CUB_MINOR_VERSION, CUB_SUBMINOR_VERSION);
#if LFNC_BENCH_CUDNN
  names += ", cuDNN " + version(CUDNN_MAJOR, CUDNN_MINOR, CUDNN_PATCHLEVEL);
#endif
  return names;
}

std::string compiler() {
  const std::string nvcc = "nvcc " + std::to_string(__CUDACC_VER_MAJOR__) + "." +
                           std::to_string(__CUDACC_VER_MINOR__) + "." +
                           std::to_string(__CUDACC_VER_BUILD__);
#if defined(__clang__)
  return nvcc + " with " __VERSION__;
#else
  return nvcc + " with g++ " __VERSION__;
#endif
}

// As CUDA counts them: 13000 is 13.0.
std::string cuda_version(cudaError_t (*get)(int*), const char* call) {
  int version = 0;
  bench::check(get(&version), call);
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

// The keys that begin with "device" say what was measured.
void describe_device() {
  cudaDeviceProp device{};
  bench::check(cudaGetDeviceProperties(&device, 0), "cudaGetDeviceProperties");
  const double clock = 1e-3 * bench::attribute(cudaDevAttrClockRate);  // MHz, of kHz
  // GB/s: memory moves data twice a clock.
  const double bandwidth = 2e-6 * bench::attribute(cudaDevAttrMemoryClockRate) *
                           bench::attribute(cudaDevAttrGlobalMemoryBusWidth) / 8;
  const auto whole = [](double value) { return std::to_string(static_cast<long>(value + 0.5)); };
  benchmark::AddCustomContext("device", device.name);
  benchmark::AddCustomContext(
      "device_cuda", "CUDA " + cuda_version(cudaRuntimeGetVersion, "cudaRuntimeGetVersion") +
                         ", driver for CUDA up to " +
                         cuda_version(cudaDriverGetVersion, "cudaDriverGetVersion"));
  benchmark::AddCustomContext(
      "device_processors",
      std::to_string(bench::attribute(cudaDevAttrMultiProcessorCount)) + " multiprocessors");
  benchmark::AddCustomContext("device_clock", "at most " + whole(clock) + " MHz");
  benchmark::AddCustomContext("device_memory", "at most " + whole(bandwidth) + " GB/s");
  benchmark::AddCustomContext(
      "device_cache", whole(bench::attribute(cudaDevAttrL2CacheSize) / 1048576.0) + " MiB of L2");
}

// Whether the command line only asks for names, for which no device is needed.
bool lists_names(int argc, char** argv) {
  for (int k = 1; k < argc; ++k) {
    const std::string_view option = argv[k];
    if (option == "--benchmark_list_tests" || option == "--benchmark_list_tests=true") return true;
  }
  return false;
}

// Runs what the command line chose; returns the exit status.
int measure() {
  int devices = 0;
  const cudaError_t found = cudaGetDeviceCount(&devices);
  if (found == cudaErrorNoDevice || found == cudaErrorInsufficientDriver || devices == 0) {
    std::printf("skipped: bench_cuda: no CUDA device (%s)\n", cudaGetErrorString(found));
    return skipped;
  }
  bench::check(found, "cudaGetDeviceCount");
  describe_device();
  benchmark::AddCustomContext("compiler", compiler());
  benchmark::AddCustomContext("flags", LFNC_BENCH_FLAGS);
  benchmark::AddCustomContext("limits", "CUDA's own calls");
  benchmark::AddCustomContext("peers", peers());
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  register_benchmarks();
  const bool names = lists_names(argc, argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  int status = 0;
  if (names) {
    benchmark::RunSpecifiedBenchmarks();
  } else {
    try {
      status = measure();
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "bench_cuda: %s\n", failure.what());
      status = 1;
    }
  }
  benchmark::Shutdown();
  return status;
}
