// quantize, dequantize and fake_quantize of activations, and counting them for calibration. The
// size of a case is that of the floats. The limits convert or copy the same memory; counting only
// reads (twice).
#include <lfnc/activations.hpp>
#include <lfnc/exec/cpu.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

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
#if LFNC_BENCH_XNNPACK
#include "peers_xnnpack.hpp"
#endif

namespace {

constexpr double alpha = 1.0 / 64;
constexpr float factor = 64;
constexpr lfnc::activation_grid grid{alpha, 0, 255};

// Codes that repeat only after a prime number of them.
const std::uint8_t* codes(std::size_t count) {
  std::uint8_t* data = bench::output<std::uint8_t>(count);
  for (std::size_t k = 0; k < count; ++k) data[k] = static_cast<std::uint8_t>(k % 251);
  return data;
}

void add_quantize(const std::string& size, std::size_t count) {
  const std::string work = "quantize/" + size;
  // `run` is called with the floats and where the codes go.
  const auto add = [&](const std::string& who, auto run) {
    bench::add(work + "/" + who, "bytes", 5.0 * static_cast<double>(count), [=] {
      const float* x = bench::normals(count);
      std::uint8_t* out = bench::output<std::uint8_t>(count);
      return [=] { run(x, out); };
    });
  };
  add("lfnc", [count](const float* x, std::uint8_t* out) {
    lfnc::quantize(lfnc::cpu{1}, lfnc::as_view(x, {count}), lfnc::as_view(out, {count}), grid);
  });
  add("limit:narrow",
      [count](const float* x, std::uint8_t* out) { limit::narrow(x, out, count, factor); });
  if (limit::can_stream()) {
    add("limit:narrow_streaming", [count](const float* x, std::uint8_t* out) {
      limit::narrow_streaming(x, out, count, factor);
    });
  }
#if LFNC_BENCH_OPENCV
  add("peer:OpenCV convertTo", [count](const float* x, std::uint8_t* out) {
    cv::Mat to = peer::opencv_row(out, count, CV_8U);
    peer::opencv_row(x, count, CV_32F).convertTo(to, CV_8U, 1 / alpha);
  });
#endif
  // These prepare what they run.
#if LFNC_BENCH_DNNL
  bench::add(work + "/peer:oneDNN reorder", "bytes", 5.0 * static_cast<double>(count), [=] {
    using type = dnnl::memory::data_type;
    return peer::onednn_reorder(bench::normals(count), type::f32,
                                bench::output<std::uint8_t>(count), type::u8, count, factor);
  });
#endif
#if LFNC_BENCH_XNNPACK
  bench::add(work + "/peer:XNNPACK convert", "bytes", 5.0 * static_cast<double>(count), [=] {
    const auto convert = peer::xnnpack_quantize(bench::normals(count),
                                                bench::output<std::uint8_t>(count), count, alpha);
    return [=] { xnn_run_operator(convert.get(), nullptr); };
  });
#endif
}

void add_dequantize(const std::string& size, std::size_t count) {
  const std::string work = "dequantize/" + size;
  // `run` is called with the codes and where the floats go.
  const auto add = [&](const std::string& who, auto run) {
    bench::add(work + "/" + who, "bytes", 5.0 * static_cast<double>(count), [=] {
      const std::uint8_t* x = codes(count);
      float* out = bench::output<float>(count);
      return [=] { run(x, out); };
    });
  };
  add("lfnc", [count](const std::uint8_t* x, float* out) {
    lfnc::dequantize(lfnc::cpu{1}, lfnc::as_view(x, {count}), lfnc::as_view(out, {count}), grid);
  });
  add("limit:widen", [count](const std::uint8_t* x, float* out) {
    limit::widen(x, out, count, static_cast<float>(alpha));
  });
  if (limit::can_stream()) {
    add("limit:widen_streaming", [count](const std::uint8_t* x, float* out) {
      limit::widen_streaming(x, out, count, static_cast<float>(alpha));
    });
  }
#if LFNC_BENCH_OPENCV
  add("peer:OpenCV convertTo", [count](const std::uint8_t* x, float* out) {
    cv::Mat to = peer::opencv_row(out, count, CV_32F);
    peer::opencv_row(x, count, CV_8U).convertTo(to, CV_32F, alpha);
  });
#endif
#if LFNC_BENCH_DNNL
  bench::add(work + "/peer:oneDNN reorder", "bytes", 5.0 * static_cast<double>(count), [=] {
    using type = dnnl::memory::data_type;
    return peer::onednn_reorder(codes(count), type::u8, bench::output<float>(count), type::f32,
                                count, static_cast<float>(alpha));
  });
#endif
}

void add_fake_quantize(const std::string& size, std::size_t count) {
  const std::string work = "fake_quantize/" + size;
  const auto add = [&](const std::string& who, auto run) {
    bench::add(work + "/" + who, "bytes", 8.0 * static_cast<double>(count), [=] {
      const float* x = bench::normals(count);
      float* out = bench::output<float>(count);
      return [=] { run(x, out); };
    });
  };
  add("lfnc", [count](const float* x, float* out) {
    lfnc::fake_quantize(lfnc::cpu{1}, lfnc::as_view(x, {count}), lfnc::as_view(out, {count}), grid);
  });
  add("limit:memcpy",
      [count](const float* x, float* out) { std::memcpy(out, x, count * sizeof(float)); });
  if (limit::can_stream()) {
    add("limit:copy_streaming",
        [count](const float* x, float* out) { limit::copy_streaming(x, out, count); });
  }
#if LFNC_BENCH_EIGEN
  add("peer:Eigen", [count](const float* x, float* out) {
    peer::eigen_fake_quantize(x, out, count, factor, static_cast<float>(alpha));
  });
#endif
}

void add_histogram(const std::string& size, std::size_t count) {
  const std::string work = "accumulate_histogram/" + size;
  const double bytes = 4.0 * static_cast<double>(count);
  bench::add(work + "/lfnc", "bytes", bytes, [=] {
    const float* x = bench::normals(count);
    return [=, counts = std::make_unique<lfnc::activation_histogram>()] {
      lfnc::accumulate_histogram(lfnc::cpu{1}, lfnc::as_view(x, {count}), *counts);
      benchmark::DoNotOptimize(counts.get());
    };
  });
  bench::add_sum_limit(work, "bytes", bytes, count);
}

}  // namespace

void register_benchmarks() {
  struct {
    const char* name;
    std::size_t bytes;
  } const sizes[] = {{"64KiB", 64U << 10}, {"256KiB", 256U << 10}, {"64MiB", 64U << 20}};
  for (const auto& size : sizes) {
    const std::size_t count = size.bytes / sizeof(float);
    add_quantize(size.name, count);
    add_dequantize(size.name, count);
    add_fake_quantize(size.name, count);
    add_histogram(size.name, count);
  }
}
