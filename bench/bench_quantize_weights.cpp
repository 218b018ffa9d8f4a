// quantize_weights: alpha of every output channel, then the codes. The limit reads the weights
// once, which is what a solver would cost that knew alpha.
#include <lfnc/codebook.hpp>
#include <lfnc/exec/cpu.hpp>
#include <lfnc/weights.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness.hpp"
#include "weight_layers.hpp"

namespace {

template <class Codebook>
void add_codebook(std::size_t channels, std::size_t length, const bench::solver_name& by,
                  const Codebook& codebook) {
  const std::size_t count = channels * length;
  const std::string work = bench::weight_work(channels, length, by, codebook.name());
  const auto amount = static_cast<double>(count);
  bench::add(work + "/lfnc", "weight", amount, [=] {
    const auto weights = lfnc::channels(
        lfnc::as_view(bench::normals(count, bench::weight_deviation(length)), {channels, length}),
        0);
    const auto codes =
        lfnc::channels(lfnc::as_view(bench::output<std::int8_t>(count), {channels, length}), 0);
    return [=, rows = std::vector<lfnc::row_fit>(channels)]() mutable {
      lfnc::fit_options options;
      options.solver = by.solver;
      lfnc::quantize_weights(lfnc::cpu{1}, weights, codebook, codes, rows, options);
    };
  });
  bench::add_sum_limit(work, "weight", amount, count, bench::weight_deviation(length));
}

void add_shape(std::size_t channels, std::size_t length) {
  for (const bench::solver_name& by : {bench::solver_name{lfnc::solver::exact, "exact"},
                                       bench::solver_name{lfnc::solver::lloyd, "lloyd"},
                                       bench::solver_name{lfnc::solver::abs_max, "abs_max"}}) {
    add_codebook(channels, length, by, lfnc::uniform(4));
    add_codebook(channels, length, by, lfnc::ternary());
    add_codebook(channels, length, by, lfnc::power_of_two(4));
  }
}

}  // namespace

void register_benchmarks() {
  add_shape(512, 4608);
  add_shape(64, 576);
}
