// quantize_weights: alpha of every output channel, then the codes. The limit reads the weights
// once, which is what a solver would cost that knew alpha.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <lfnc/cuda.hpp>
#include <string>
#include <utility>

#include "harness.hpp"
#include "limits.hpp"

namespace {

// Of a layer as it is initialized for training, which trained ones are near; the first step of
// lloyd depends on it.
double deviation(std::size_t length) { return std::sqrt(2 / static_cast<double>(length)); }

struct solver_name {
  lfnc::solver solver;
  const char* name;
};

template <class Codebook>
void add_codebook(std::size_t channels, std::size_t length, const solver_name& by,
                  const Codebook& codebook) {
  const std::size_t count = channels * length;
  const std::string work = "quantize_weights/" + std::to_string(channels) + "x" +
                           std::to_string(length) + "/" + by.name + "/" + codebook.name();
  const auto amount = static_cast<double>(count);
  bench::add(work + "/lfnc", "weight", amount, [=](cudaStream_t stream) {
    const std::size_t copies = bench::copies_of(count * (sizeof(float) + sizeof(std::int8_t)));
    lfnc::fit_options options;
    options.solver = by.solver;
    return bench::with_workspace(
        stream,
        [=, weights = bench::rotating<float>(count, copies, bench::normals(deviation(length))),
         codes = bench::rotating<std::int8_t>(count, copies),
         rows = bench::memory<lfnc::row_fit>(channels)](const lfnc::cuda& gpu, std::size_t turn) {
          lfnc::quantize_weights(
              gpu, lfnc::channels(lfnc::as_device_view(weights.at(turn), {channels, length}), 0),
              codebook, lfnc::channels(lfnc::as_device_view(codes.at(turn), {channels, length}), 0),
              {rows.data(), static_cast<lfnc::index_t>(channels)}, options);
        });
  });
  bench::add_sum_limit(work, "weight", amount, count, deviation(length));
}

void add_shape(std::size_t channels, std::size_t length) {
  for (const solver_name& by :
       {solver_name{lfnc::solver::exact, "exact"}, solver_name{lfnc::solver::lloyd, "lloyd"}}) {
    add_codebook(channels, length, by, lfnc::uniform(4));
    add_codebook(channels, length, by, lfnc::ternary());
  }
}

}  // namespace

void register_benchmarks() {
  add_shape(512, 4608);
  add_shape(64, 576);
}
