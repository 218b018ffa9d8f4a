// quantize_weights: alpha of every output channel, then the codes. The limit reads the weights
// once, which is what a solver would cost that knew alpha.
#include <lfnc/codebook.hpp>
#include <lfnc/exec/cpu.hpp>
#include <lfnc/weights.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness.hpp"

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
  bench::add(work + "/lfnc", "weight", amount, [=] {
    const auto weights = lfnc::channels(
        lfnc::as_view(bench::normals(count, deviation(length)), {channels, length}), 0);
    const auto codes =
        lfnc::channels(lfnc::as_view(bench::output<std::int8_t>(count), {channels, length}), 0);
    return [=, rows = std::vector<lfnc::row_fit>(channels)]() mutable {
      lfnc::fit_options options;
      options.solver = by.solver;
      lfnc::quantize_weights(lfnc::cpu{1}, weights, codebook, codes, rows, options);
    };
  });
  bench::add_sum_limit(work, "weight", amount, count, deviation(length));
}

void add_shape(std::size_t channels, std::size_t length) {
  for (const solver_name& by :
       {solver_name{lfnc::solver::exact, "exact"}, solver_name{lfnc::solver::lloyd, "lloyd"},
        solver_name{lfnc::solver::abs_max, "abs_max"}}) {
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
