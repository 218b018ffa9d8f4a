// quantize_weights: alpha of every output channel, then the codes. The limit reads the weights
// once, which is what a solver would cost that knew alpha.
#include <cstddef>
#include <cstdint>
#include <lfnc/cuda.hpp>
#include <string>
#include <utility>

#include "../weight_layers.hpp"
#include "harness.hpp"
#include "limits.hpp"

namespace {

template <class Codebook>
void add_codebook(std::size_t channels, std::size_t length, const bench::solver_name& by,
                  const Codebook& codebook) {
  const std::size_t count = channels * length;
  const std::string work = bench::weight_work(channels, length, by, codebook.name());
  const auto amount = static_cast<double>(count);
  bench::add(work + "/lfnc", "weight", amount, [=](cudaStream_t stream) {
    const std::size_t copies = bench::copies_of(count * (sizeof(float) + sizeof(std::int8_t)));
    lfnc::fit_options options;
    options.solver = by.solver;
    return bench::with_workspace(
        stream,
        [=,
         weights =
             bench::rotating<float>(count, copies, bench::normals(bench::weight_deviation(length))),
         codes = bench::rotating<std::int8_t>(count, copies),
         rows = bench::memory<lfnc::row_fit>(channels)](const lfnc::cuda& gpu, std::size_t turn) {
          lfnc::quantize_weights(
              gpu, lfnc::channels(lfnc::as_device_view(weights.at(turn), {channels, length}), 0),
              codebook, lfnc::channels(lfnc::as_device_view(codes.at(turn), {channels, length}), 0),
              {rows.data(), static_cast<lfnc::index_t>(channels)}, options);
        });
  });
  bench::add_sum_limit(work, "weight", amount, count, bench::weight_deviation(length));
}

void add_shape(std::size_t channels, std::size_t length) {
  for (const bench::solver_name& by : {bench::solver_name{lfnc::solver::exact, "exact"},
                                       bench::solver_name{lfnc::solver::lloyd, "lloyd"}}) {
    add_codebook(channels, length, by, lfnc::uniform(4));
    add_codebook(channels, length, by, lfnc::ternary());
  }
}

}  // namespace

void register_benchmarks() {
  add_shape(512, 4608);
  add_shape(64, 576);
}
