// Verbs that lfnc::compiled has, and one that it has not, in a function called UNIT.
#include <cstdint>
#include <cstdio>
#include <lfnc/quantize.hpp>
#include <vector>

void UNIT();

namespace {

struct own_book : lfnc::uniform {
  using lfnc::uniform::uniform;
};

template <class Codes>
void print(const char* what, const Codes& codes) {
  std::uint64_t hash = 0;
  for (const auto code : codes) hash = hash * 31 + static_cast<std::uint8_t>(code);
  std::printf("%s %016llx\n", what, static_cast<unsigned long long>(hash));
}

template <class Codebook>
void quantize(const char* what, const Codebook& codebook, lfnc::solver solver) {
  std::vector<float> weights(7 * 611);
  for (std::size_t k = 0; k < weights.size(); ++k) {
    weights[k] = float(k * 37 % 1009) / 640 - 0.75F;
  }
  lfnc::fit_options options;
  options.solver = solver;
  const auto q = lfnc::quantize_weights(lfnc::as_view(weights.data(), {7, 611}), codebook, options);
  print(what, q.codes);
  for (const auto& row : q.rows) std::printf(" %a %a\n", row.alpha, row.squared_error);
}

}  // namespace

void UNIT() {
  quantize("exact", lfnc::uniform(4), lfnc::solver::exact);
  quantize("lloyd", lfnc::ternary{}, lfnc::solver::lloyd);
  quantize("own", own_book(3), lfnc::solver::exact);

  std::vector<float> batch(2 * 3 * 35);
  for (std::size_t k = 0; k < batch.size(); ++k) batch[k] = float(k * 59 % 257) / 64 - 1.5F;
  std::vector<lfnc::channel_moments> seen(3);
  lfnc::accumulate_moments(lfnc::as_view(batch.data(), {2, 3, 5, 7}), seen);
  for (const auto& channel : seen) std::printf(" %a %a\n", channel.mean(), channel.variance());
  std::vector<double> mean(3, 0.1), variance(3, 0.9);
  lfnc::renormalize(seen, mean, variance);
  std::printf(" %a %a\n", mean[2], variance[2]);
}
