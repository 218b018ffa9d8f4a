// quantize, fake_quantize and dequantize of activations. The size of a case is that of the floats.
// The limit copies as many bytes as the verb reads and writes.
#include <thrust/system/cuda/execution_policy.h>
#include <thrust/transform.h>

#include <cstddef>
#include <cstdint>
#include <lfnc/cuda.hpp>
#include <string>
#include <utility>
#include <vector>

#include "harness.hpp"
#include "limits.hpp"

namespace {

constexpr float alpha = 1.0F / 64;
constexpr lfnc::activation_grid grid{alpha, 0, 255};

// The plain formulas, for Thrust.
struct quantize_one {
  float inverse;
  __device__ std::uint8_t operator()(float x) const {
    return static_cast<std::uint8_t>(fminf(fmaxf(x * inverse, 0.0F), 255.0F) + 0.5F);
  }
};
struct dequantize_one {
  float factor;
  __device__ float operator()(std::uint8_t code) const { return factor * static_cast<float>(code); }
};
struct fake_quantize_one {
  quantize_one quantize;
  dequantize_one dequantize;
  __device__ float operator()(float x) const { return dequantize(quantize(x)); }
};

template <class T>
const std::vector<T>& values();
template <>
const std::vector<float>& values<float>() {
  return bench::normals();
}
// Codes that repeat only after a prime number of them.
template <>
const std::vector<std::uint8_t>& values<std::uint8_t>() {
  static const std::vector<std::uint8_t> codes = [] {
    std::vector<std::uint8_t> all(std::size_t{251} << 12);
    for (std::size_t k = 0; k < all.size(); ++k) all[k] = static_cast<std::uint8_t>(k % 251);
    return all;
  }();
  return codes;
}

// The verb `ours` by lfnc, run(gpu, in, out), and by Thrust, which calls op for every element.
template <class In, class Out, class Ours, class Op>
void add_verb(const std::string& work, std::size_t count, Ours ours, Op op) {
  const std::size_t bytes = count * (sizeof(In) + sizeof(Out));
  // run(stream, in, out) launches once.
  const auto add = [&](const std::string& who, auto run) {
    bench::add(work + "/" + who, "bytes", static_cast<double>(bytes), [=](cudaStream_t stream) {
      const std::size_t copies = bench::copies_of(bytes);
      return [=, in = bench::rotating<In>(count, copies, values<In>()),
              out = bench::rotating<Out>(count, copies)](std::size_t turn) {
        run(stream, in.at(turn), out.at(turn));
      };
    });
  };
  add("lfnc", [=](cudaStream_t stream, const In* in, Out* out) {
    ours(lfnc::cuda(stream), lfnc::as_device_view(in, {count}), lfnc::as_device_view(out, {count}));
  });
  bench::add_copy_limit(work, bytes);
  add("peer:Thrust transform", [=](cudaStream_t stream, const In* in, Out* out) {
    thrust::transform(thrust::cuda::par_nosync.on(stream), in, in + count, out, op);
  });
}

}  // namespace

void register_benchmarks() {
  struct {
    const char* name;
    std::size_t bytes;
  } const sizes[] = {{"64KiB", std::size_t{64} << 10},
                     {"16MiB", std::size_t{16} << 20},
                     {"256MiB", std::size_t{256} << 20}};
  constexpr quantize_one quantize{1 / alpha};
  constexpr dequantize_one dequantize{alpha};
  for (const auto& size : sizes) {
    const std::size_t count = size.bytes / sizeof(float);
    add_verb<float, std::uint8_t>(
        std::string("quantize/") + size.name, count,
        [](const lfnc::cuda& gpu, auto in, auto out) { lfnc::quantize(gpu, in, out, grid); },
        quantize);
    add_verb<std::uint8_t, float>(
        std::string("dequantize/") + size.name, count,
        [](const lfnc::cuda& gpu, auto in, auto out) { lfnc::dequantize(gpu, in, out, grid); },
        dequantize);
    add_verb<float, float>(
        std::string("fake_quantize/") + size.name, count,
        [](const lfnc::cuda& gpu, auto in, auto out) { lfnc::fake_quantize(gpu, in, out, grid); },
        fake_quantize_one{quantize, dequantize});
  }
}
