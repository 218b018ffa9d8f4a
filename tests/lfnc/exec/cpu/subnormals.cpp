#include <lfnc/quantize.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/check.hpp"
#include "support/random.hpp"

#if defined(__SSE2__) || defined(__aarch64__)

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

using lfnc::as_view;
using lfnc::cpu;

namespace {

// What says how this thread computes, and the bits of it that make subnormal numbers 0.
#if defined(__SSE2__)
using mode_register = unsigned;
constexpr mode_register flush_bits = 0x8040;  // results and operands
mode_register read_mode() { return _mm_getcsr(); }
void write_mode(mode_register mode) { _mm_setcsr(mode); }
#else
using mode_register = std::uint64_t;
constexpr mode_register flush_bits = mode_register{1} << 24;  // both
mode_register read_mode() {
  mode_register mode = 0;
  asm volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
}
void write_mode(mode_register mode) { asm volatile("msr fpcr, %0" : : "r"(mode)); }
#endif

// Subnormal numbers of this thread are 0, as results and as operands, while it lives.
class flushing {
 public:
  explicit flushing(bool on) : before_(read_mode()) {
    if (on) write_mode(before_ | flush_bits);
  }
  flushing(const flushing&) = delete;
  flushing& operator=(const flushing&) = delete;
  ~flushing() { write_mode(before_); }

 private:
  mode_register before_;
};

struct results {
  std::vector<std::int8_t> codes;
  std::vector<double> numbers;
  std::vector<float> values;
  std::vector<std::uint8_t> bytes;
  lfnc::activation_histogram counts;
  std::vector<lfnc::channel_moments> moments{8};

  friend bool operator==(const results&, const results&) = default;
};

// All verbs over 8 rows of 300, on the calling thread.
results run(const std::vector<float>& data, bool flush) {
  const flushing mode(flush);
  results all;
  const auto view = as_view(data, {8, 300});
  for (const auto solver : {lfnc::solver::exact, lfnc::solver::lloyd, lfnc::solver::abs_max}) {
    std::vector<std::int8_t> codes(data.size());
    std::vector<lfnc::row_fit> rows(8);
    lfnc::quantize_weights(cpu{1}, lfnc::channels(view, 0), lfnc::uniform(4),
                           lfnc::channels(as_view(codes, {8, 300}), 0), rows, {solver, {}});
    all.codes.insert(all.codes.end(), codes.begin(), codes.end());
    for (const auto& row : rows) {
      all.numbers.insert(all.numbers.end(), {row.alpha, row.squared_error, row.relative_error});
    }
  }
  lfnc::accumulate_moments(cpu{1}, lfnc::channels(view, 0), all.moments);
  for (const auto& channel : all.moments) {
    all.numbers.insert(all.numbers.end(), {channel.mean(), channel.variance()});
  }
  lfnc::accumulate_histogram(cpu{1}, view, all.counts);
  const double alpha = lfnc::calibrate(all.counts, 0, 255);
  all.numbers.push_back(alpha);
  all.values.resize(data.size());
  all.bytes.resize(data.size());
  lfnc::fake_quantize(cpu{1}, view, as_view(all.values, {8, 300}), {alpha, 0, 255});
  lfnc::quantize(cpu{1}, view, as_view(all.bytes, {8, 300}), {alpha, 0, 255});
  return all;
}

}  // namespace

TEST_CASE("a thread that flushes subnormal numbers gets the same bits of ordinary ones") {
  generator random(3);
  std::vector<float> data(2400);
  for (float& x : data) x = static_cast<float>(random.gaussian());
  for (std::size_t k = 0; k < data.size(); k += 7) data[k] = 0;
  for (std::size_t k = 3; k < data.size(); k += 11) data[k] *= 1e-6F;
  const bool same = run(data, true) == run(data, false);
  CHECK(same);
}

TEST_CASE("a thread that flushes subnormal numbers gets what zeros in their place give") {
  generator random(5);
  std::vector<float> data(2400);
  for (float& x : data) x = static_cast<float>(random.gaussian());
  auto zeros = data;
  for (std::size_t k = 0; k < data.size(); ++k) {
    // Some of every row, and two rows of nothing else.
    if (k % 5 != 0 && k / 300 != 2 && k / 300 != 7) continue;
    data[k] = std::numeric_limits<float>::denorm_min() * static_cast<float>(1 + k % 1000);
    zeros[k] = 0;
  }
  const bool same = run(data, true) == run(zeros, false);
  CHECK(same);
}

#else

TEST_CASE("subnormal numbers flushed") {
  MESSAGE("skipped: subnormal numbers flushed: how this processor does it is not known here");
}

#endif
