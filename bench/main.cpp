#include <string>

#include "harness.hpp"
#if defined(_OPENMP)
#include <omp.h>
#endif
#if LFNC_BENCH_EIGEN
#include <Eigen/Core>
#endif
#if LFNC_BENCH_OPENCV
#include <opencv2/core.hpp>
#endif
#if LFNC_BENCH_DNNL
#include <oneapi/dnnl/dnnl.hpp>
#endif

namespace {

std::string peers() {
  std::string names;
  const auto name = [&names](const std::string& peer) {
    names += (names.empty() ? "" : ", ") + peer;
  };
#if LFNC_BENCH_EIGEN
  name("Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) +
       "." + std::to_string(EIGEN_MINOR_VERSION));
#endif
#if LFNC_BENCH_OPENCV
  name("OpenCV " CV_VERSION);
#endif
#if LFNC_BENCH_DNNL
  const dnnl_version_t* const version = dnnl_version();
  name("oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
       std::to_string(version->patch));
#endif
#if LFNC_BENCH_XNNPACK
  name("XNNPACK");
#endif
  return names;
}

}  // namespace

int main(int argc, char** argv) {
  register_benchmarks();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
#if LFNC_BENCH_OPENCV
  cv::setNumThreads(1);
#endif
#if defined(_OPENMP)
  // That of oneDNN; lfnc is told how many threads it may use.
  omp_set_num_threads(1);
#endif
#if defined(__clang__)
  benchmark::AddCustomContext("compiler", __VERSION__);
#else
  benchmark::AddCustomContext("compiler", "g++ " __VERSION__);
#endif
  benchmark::AddCustomContext("flags", LFNC_BENCH_FLAGS);
  benchmark::AddCustomContext("limits", limit::set_name());
  benchmark::AddCustomContext("peers", peers());
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
