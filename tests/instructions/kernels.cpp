// Small pieces of work whose instructions callgrind counts, one after the other, without what is
// around them; compare.py holds the counts against those in figures.txt. Prints the instruction set
// that the loops use. Everything is on one thread, on numbers that are the same everywhere, and has
// run once before it is counted.
#include <lfnc/quantize.hpp>

#include <valgrind/callgrind.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "../support/random.hpp"

namespace {

constexpr lfnc::cpu one_thread{1};

// Memory that begins on a cache line, so that counts do not depend on where it happens to lie.
template <class T, std::size_t Count>
struct lines {
  alignas(64) T data[Count];
};

template <std::size_t Count>
const float* numbers(double spread) {
  static lines<float, Count> memory;
  generator random(Count);
  for (float& x : memory.data) x = static_cast<float>(spread * random.bell());
  return memory.data;
}

template <class T, std::size_t Count>
T* output() {
  static lines<T, Count> memory;
  return memory.data;
}

template <class Work>
void count(const char* name, Work work) {
  work();
  CALLGRIND_ZERO_STATS;
  CALLGRIND_TOGGLE_COLLECT;
  work();
  CALLGRIND_TOGGLE_COLLECT;
  CALLGRIND_DUMP_STATS_AT(name);
}

void count_activations() {
  constexpr std::size_t size = 4096;
  constexpr lfnc::activation_grid grid{1.0 / 64, 0, 255};
  const auto x = lfnc::as_view(numbers<size>(1), {size});
  const auto codes = lfnc::as_view(output<std::uint8_t, size>(), {size});
  const auto floats = lfnc::as_view(output<float, size>(), {size});
  // Here in the way that asks no flags of the CPU, since Valgrind keeps none (exec/saturate.hpp).
  count("quantize", [=] { lfnc::quantize(one_thread, x, codes, grid); });
  count("dequantize", [=] { lfnc::dequantize(one_thread, codes, floats, grid); });
  count("fake_quantize", [=] { lfnc::fake_quantize(one_thread, x, floats, grid); });
  lfnc::activation_histogram histogram;
  count("histogram", [&] { lfnc::accumulate_histogram(one_thread, x, histogram); });
}

void count_moments() {
  const float* x = numbers<std::size_t{8} * 64 * 7 * 7>(1);
  std::vector<lfnc::channel_moments> moments(64);
  count("moments_7x7_nchw", [&] {
    lfnc::accumulate_moments(one_thread, lfnc::channels(lfnc::as_view(x, {8, 64, 7, 7}), 1),
                             moments);
  });
  count("moments_7x7_nhwc", [&] {
    lfnc::accumulate_moments(one_thread, lfnc::channels(lfnc::as_view(x, {8, 7, 7, 64}), 3),
                             moments);
  });
}

void count_weights() {
  constexpr std::size_t size = 512;
  const auto weights = lfnc::as_view(numbers<size>(0.05), {1, size});
  const auto codes = lfnc::as_view(output<std::int8_t, size>(), {1, size});
  const auto fit = [&](const char* name, lfnc::solver solver, const auto& codebook, int group) {
    std::vector<lfnc::row_fit> rows(size / static_cast<std::size_t>(group));
    count(name, [&] {
      lfnc::quantize_weights(one_thread, lfnc::groups(weights, 0, group), codebook,
                             lfnc::groups(codes, 0, group), rows, {solver, {}});
    });
  };
  fit("exact_uniform4", lfnc::solver::exact, lfnc::uniform(4), size);
  fit("exact_ternary", lfnc::solver::exact, lfnc::ternary(), size);
  fit("exact_uniform4_groups32", lfnc::solver::exact, lfnc::uniform(4), 32);
  fit("lloyd_uniform4", lfnc::solver::lloyd, lfnc::uniform(4), size);
}

void count_packing() {
  constexpr std::size_t size = 4096;
  std::int8_t* codes = output<std::int8_t, size>();
  std::uint8_t* bytes = output<std::uint8_t, size / 2>();
  generator random(size);
  for (std::size_t k = 0; k < size; ++k) codes[k] = static_cast<std::int8_t>(random.below(16) - 8);
  count("pack_int4", [=] { lfnc::pack(lfnc::packing::int4, {codes, size}, {bytes, size / 2}); });
  count("unpack_int4",
        [=] { lfnc::unpack(lfnc::packing::int4, {bytes, size / 2}, {codes, size}); });
}

}  // namespace

int main() {
  constexpr const char* names[] = {"baseline", "avx2", "avx512"};
  std::puts(names[static_cast<int>(lfnc::used_instruction_set())]);
  count_activations();
  count_moments();
  count_weights();
  count_packing();
  return 0;
}
