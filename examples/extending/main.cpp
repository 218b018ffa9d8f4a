// Runs the codebook, the solver and the backend that stand beside it, and checks what they give.
#include <cmath>
#include <cstdio>
#include <lfnc/quantize.hpp>
#include <vector>

#include "backend.hpp"
#include "codebook.hpp"
#include "solver.hpp"

namespace {

int wrong = 0;

void expect(bool right, const char* what) {
  std::printf("%s: %s\n", what, right ? "right" : "WRONG");
  if (!right) ++wrong;
}

}  // namespace

int main() {
  std::vector<float> layer(6 * 50);
  for (std::size_t k = 0; k < layer.size(); ++k) layer[k] = float(k * 37 % 101) / 64 - 0.75F;
  const auto weights = lfnc::groups(lfnc::channels(lfnc::as_view(layer, {6, 50}), 0));

  // Of two levels -1 and +1 the best alpha is the mean of |w|.
  const auto binary = lfnc::quantize_weights(weights, signs{});
  std::vector<double> mean(6);
  fit_mean(lfnc::cpu{}, weights, 1, mean.data());
  bool same = true;
  for (std::size_t row = 0; row < 6; ++row) {
    same = same && std::fabs(mean[row] - binary.rows[row].alpha) < 1e-6;
  }
  expect(same, "the codebook: alpha is the mean of |w|");
  bool signs_right = true;
  for (std::size_t k = 0; k < layer.size(); ++k) {
    signs_right = signs_right && binary.codes[k] == (layer[k] > 0 ? 1 : -1);
  }
  expect(signs_right, "the codebook: codes are the signs");

  // Ternary codes that cut at 0.7 of the mean of |w|, where ternary weight networks do.
  fit_mean(lfnc::cpu{}, weights, 1.4, mean.data());
  std::vector<std::int8_t> codes(layer.size());
  const auto out = lfnc::groups(lfnc::channels(lfnc::as_view(codes, {6, 50}), 0));
  lfnc::encode_weights(lfnc::cpu{}, weights, lfnc::ternary(), mean, out);
  bool cut = true;
  for (std::size_t k = 0; k < layer.size(); ++k) {
    const double least = mean[k / 50] / 2;
    const double size = std::fabs(layer[k]);
    if (std::fabs(size - least) > 1e-6) cut = cut && (codes[k] != 0) == (size > least);
  }
  expect(cut, "the solver: codes are 0 below 0.7 of the mean");

  // Every backend gives the same bits.
  const auto reference = lfnc::quantize_weights(weights, lfnc::uniform(4));
  std::vector<lfnc::row_fit> rows(6);
  lfnc::quantize_weights(serial{}, weights, lfnc::uniform(4), out, rows);
  bool bits = codes == reference.codes;
  for (std::size_t row = 0; row < 6; ++row) {
    bits = bits && rows[row].alpha == reference.rows[row].alpha;
  }
  lfnc::fit_options published;
  published.solver = lfnc::solver::lloyd;
  const auto second = lfnc::quantize_weights(weights, lfnc::uniform(4), published);
  lfnc::quantize_weights(serial{}, weights, lfnc::uniform(4), out, rows, published);
  bits = bits && codes == second.codes;
  expect(bits, "the backend: the bits of the CPU's");
  return wrong;
}
