#include <lfnc/detail/overlap.hpp>

#include <lfnc/quantize.hpp>

#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "support/check.hpp"
#include "support/random.hpp"

using lfnc::as_view;
using lfnc::cpu;
using lfnc::index_t;

namespace {

const lfnc::activation_grid grid{0.25, -127, 127, lfnc::scaling::inverse};

template <class T>
std::set<index_t> bytes_of(const T* base, const lfnc::tensor_view<const T, 3>& view) {
  std::set<index_t> bytes;
  for (index_t i = 0; i < view.extents[0]; ++i) {
    for (index_t j = 0; j < view.extents[1]; ++j) {
      for (index_t k = 0; k < view.extents[2]; ++k) {
        const index_t first = (&view(i, j, k) - base) * static_cast<index_t>(sizeof(T));
        for (index_t b = 0; b < static_cast<index_t>(sizeof(T)); ++b) bytes.insert(first + b);
      }
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("views meet where they have a byte in common, and nowhere else") {
  std::vector<float> memory(4096);
  const float* base = memory.data();
  const auto* halves = reinterpret_cast<const lfnc::float16*>(memory.data());
  generator random(4);
  int meeting = 0;
  for (int round = 0; round < 4000; ++round) {
    CAPTURE(round);
    const auto draw = [&](const auto* from, int reach) {
      const auto stride = [&] { return random.below(2 * reach + 1) - reach; };
      return as_view(from + 1000 + random.below(60),
                     {1 + random.below(4), 1 + random.below(4), 1 + random.below(5)},
                     {stride(), stride(), stride()});
    };
    const auto a = draw(base, 2 + random.below(30));
    const auto b = draw(halves + 900, 2 + random.below(60));
    const auto bytes = bytes_of(base, a);
    bool meet = false;
    for (const index_t byte : bytes_of(halves, b)) meet = meet || bytes.count(byte) > 0;
    meeting += static_cast<int>(meet);
    using lfnc::detail::footprint;
    CHECK(lfnc::detail::elements_meet(footprint(lfnc::whole(a)), footprint(lfnc::whole(b))) ==
          meet);
  }
  CHECK(meeting > 400);
  CHECK(meeting < 3600);
}

TEST_CASE("partly overlapping views are refused before anything is written") {
  std::vector<float> memory(200);
  for (std::size_t k = 0; k < memory.size(); ++k) memory[k] = static_cast<float>(k) / 8;
  const auto before = memory;
  float* data = memory.data();
  const auto in = as_view(static_cast<const float*>(data), {4, 25});
  for (const index_t shift : {1, 7, 99}) {
    CAPTURE(shift);
    CHECK_REFUSED(lfnc::fake_quantize(cpu{1}, in, as_view(data + shift, {4, 25}), grid),
                  "out: shares memory with in and is not the same view");
  }
  CHECK_REFUSED(lfnc::fake_quantize(cpu{1}, in, as_view(data, {4, 25}, {1, 4}), grid), "out");
  CHECK_REFUSED(lfnc::fake_quantize(cpu{1}, in, as_view(data + 99, {4, 25}, {-25, -1}), grid),
                "out");
  auto* codes = reinterpret_cast<std::int8_t*>(data);
  CHECK_REFUSED(lfnc::quantize(cpu{1}, in, as_view(codes, {4, 25}), grid), "out");
  CHECK_REFUSED(lfnc::dequantize(cpu{1}, as_view(codes, {4, 25}), as_view(data, {4, 25}), grid),
                "out");
  CHECK(memory == before);
}

TEST_CASE("the same view, neighbours and views that alternate are served") {
  std::vector<float> memory(200);
  for (std::size_t k = 0; k < memory.size(); ++k) memory[k] = static_cast<float>(k) / 8;
  const auto before = memory;
  float* data = memory.data();
  const auto expected = [&](std::size_t k) { return std::floor(before[k] * 4 + 0.5F) / 4; };
  lfnc::fake_quantize(cpu{1}, as_view(data, {4, 25}), as_view(data, {4, 25}), grid);
  for (std::size_t k = 0; k < 100; ++k) CHECK(memory[k] == expected(k));
  lfnc::fake_quantize(cpu{1}, as_view(data + 100, {5, 5}, {1, 5}),
                      as_view(data + 100, {5, 5}, {1, 5}), grid);
  for (std::size_t k = 100; k < 125; ++k) CHECK(memory[k] == expected(k));
  memory = before;
  lfnc::fake_quantize(cpu{1}, as_view(data, {100}), as_view(data + 100, {100}), grid);
  for (std::size_t k = 0; k < 100; ++k) CHECK(memory[k + 100] == expected(k));
  // Channels 0 to 2 of 6 into channels 3 to 5.
  memory = before;
  lfnc::fake_quantize(cpu{1}, as_view(data, {30, 3}, {6, 1}), as_view(data + 3, {30, 3}, {6, 1}),
                      grid);
  for (std::size_t i = 0; i < 30; ++i) CHECK(memory[6 * i + 5] == expected(6 * i + 2));
}

TEST_CASE("weights, codes and rows that share memory are refused, and nothing is written") {
  std::vector<float> memory(64);
  for (std::size_t k = 0; k < memory.size(); ++k) memory[k] = std::sin(static_cast<float>(k));
  const auto before = memory;
  std::vector<lfnc::row_fit> rows(4, {7, 7, 7});
  const auto weights = lfnc::channels(as_view(memory.data(), {4, 8}), 0);
  auto* bytes = reinterpret_cast<std::int8_t*>(memory.data());
  const auto codes = lfnc::channels(as_view(bytes + 5, {4, 8}), 0);
  const auto book = lfnc::uniform(4);
  CHECK_REFUSED(lfnc::quantize_weights(cpu{1}, weights, book, codes, rows), "codes: shares memory");
  CHECK_REFUSED(lfnc::dequantize_weights(cpu{1}, codes, book, rows, weights),
                "weights: shares memory");
  const std::vector<double> alpha(4, 0.25);
  CHECK_REFUSED(lfnc::encode_weights(cpu{1}, groups(weights), book, alpha, groups(codes)),
                "codes: shares memory");
  std::vector<std::int8_t> own(32);
  const auto apart = lfnc::channels(as_view(own, {4, 8}), 0);
  const std::span<lfnc::row_fit> inside(reinterpret_cast<lfnc::row_fit*>(memory.data()), 4);
  CHECK_REFUSED(lfnc::quantize_weights(cpu{1}, weights, book, apart, inside),
                "rows: shares memory with the weights");
  CHECK_REFUSED(lfnc::dequantize_weights(cpu{1}, apart, book, inside, weights),
                "rows: shares memory with the weights");
  CHECK(memory == before);
  CHECK(rows[3].alpha == 7);
}
