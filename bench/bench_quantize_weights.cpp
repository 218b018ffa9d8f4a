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

constexpr bench::solver_name exact{lfnc::solver::exact, "exact"};
constexpr bench::solver_name lloyd{lfnc::solver::lloyd, "lloyd"};
constexpr bench::solver_name abs_max{lfnc::solver::abs_max, "abs_max"};

// Rows of `group` weights, each with an alpha of its own; without one, rows are channels.
struct layer {
  std::size_t channels;
  std::size_t length;
  std::size_t group = 0;

  std::size_t size() const { return channels * length; }
  std::size_t row() const { return group == 0 ? length : group; }
  std::string part() const { return group == 0 ? "" : "_groups" + std::to_string(group); }
};

template <class Codebook>
void add(const layer& of, const bench::solver_name& by, const Codebook& codebook,
         bool two_threads = false) {
  const std::string work =
      bench::weight_work(of.channels, of.length, by, codebook.name(), of.part());
  const auto amount = static_cast<double>(of.size());
  const double deviation = bench::weight_deviation(of.length);
  const auto on = [=](int threads) {
    return [=] {
      const auto row = static_cast<lfnc::index_t>(of.row());
      const auto weights = lfnc::groups(
          lfnc::as_view(bench::normals(of.size(), deviation), {of.channels, of.length}), 0, row);
      const auto codes = lfnc::groups(
          lfnc::as_view(bench::output<std::int8_t>(of.size()), {of.channels, of.length}), 0, row);
      return [=, rows = std::vector<lfnc::row_fit>(of.size() / of.row())]() mutable {
        lfnc::fit_options options;
        options.solver = by.solver;
        lfnc::quantize_weights(lfnc::cpu{threads}, weights, codebook, codes, rows, options);
      };
    };
  };
  bench::add(work + "/lfnc", "weight", amount, on(1));
  bench::add_sum_limit(work, "weight", amount, of.size(), deviation);
  if (two_threads) bench::add_two_threads(work, "weight", amount, on);
}

}  // namespace

void register_benchmarks() {
  for (const layer& of : {layer{512, 4608}, layer{64, 576}}) {
    for (const bench::solver_name& by : {exact, lloyd, abs_max}) {
      add(of, by, lfnc::uniform(4), of.channels == 512 && by.solver != abs_max.solver);
      add(of, by, lfnc::ternary());
      add(of, by, lfnc::power_of_two(4));
    }
  }
  for (const bench::solver_name& by : {exact, lloyd}) {
    add(layer{512, 4608, 32}, by, lfnc::uniform(4));
    add(layer{4096, 4096}, by, lfnc::uniform(4));
  }
  add(layer{4096, 4096}, exact, lfnc::ternary());
}
