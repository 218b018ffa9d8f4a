#include <lfnc/exec/cpu.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <thread>
#include <vector>

#include "support/check.hpp"
#include "support/shape.hpp"

using lfnc::as_view;
using lfnc::cpu;
using lfnc::index_t;

namespace {

// Sum and sum of squares, whose bits depend on the order of the additions.
struct sums {
  static constexpr int fields = 2;
  void add(float x, double* field, index_t stride) const {
    field[0] += static_cast<double>(x) * 1e-3;
    field[stride] += static_cast<double>(x) * static_cast<double>(x);
  }
  double merge(int, double a, double b) const { return a + b; }
};

// The order that skeletons.hpp promises.
std::array<double, 2> in_promised_order(const std::vector<float>& row) {
  double lane[2][16] = {};
  for (std::size_t k = 0; k < row.size(); ++k) {
    lane[0][k % 16] += static_cast<double>(row[k]) * 1e-3;
    lane[1][k % 16] += static_cast<double>(row[k]) * static_cast<double>(row[k]);
  }
  for (const std::size_t width : {8U, 4U, 2U, 1U}) {
    for (std::size_t j = 0; j < width; ++j) {
      lane[0][j] += lane[0][j + width];
      lane[1][j] += lane[1][j + width];
    }
  }
  return {lane[0][0], lane[1][0]};
}

void own_loop(void*, index_t count, void (*body)(void* argument, index_t begin, index_t end),
              void* argument) {
  std::thread other([=] { body(argument, count / 3, count); });
  body(argument, 0, count / 3);
  other.join();
}

const std::vector<cpu>& policies() {
  static const std::vector<cpu> all{cpu{1}, cpu{2}, cpu{3}, cpu{4}, cpu{5}, cpu{0, own_loop}};
  return all;
}

template <int Rank>
void fill(const strided<float, Rank>& tensor, generator& random) {
  for (float& x : const_cast<std::vector<float>&>(tensor.memory)) {
    x = static_cast<float>(random.gaussian());
  }
}

// The rows of a view, element by element.
std::vector<std::vector<float>> rows_of(const lfnc::group_view<float>& view) {
  std::vector<std::vector<float>> rows;
  for (index_t r = 0; r < view.rows(); ++r) {
    rows.emplace_back();
    for (index_t k = 0; k < view.row_length(r); ++k) rows.back().push_back(*view.address(r, k));
  }
  return rows;
}

template <int Rank>
void check_skeletons(generator& random, const shape<Rank>& extents, bool repeats) {
  const auto tensor = random_layout<float, Rank>(random, extents, repeats);
  fill(tensor, random);
  for (int axis = 0; axis < Rank; ++axis) {
    const auto size = static_cast<index_t>(1 + random.below(50));
    const auto view = lfnc::groups(tensor.view, axis, size);
    const auto expected = rows_of(view);

    for (const cpu& policy : policies()) {
      int wrong = 0;
      // Each row is handed over once.
      std::vector<std::atomic<int>> reduced(expected.size());
      lfnc::reduce(
          policy, view, [](index_t) { return sums{}; },
          [&](index_t row, const auto& field) {
            ++reduced[static_cast<std::size_t>(row)];
            const auto promised = in_promised_order(expected[static_cast<std::size_t>(row)]);
            if (field[0] != promised[0] || field[1] != promised[1]) {
              reduced[static_cast<std::size_t>(row)] += 100;
            }
          });
      for (const auto& times : reduced) wrong += times != 1;

      std::vector<std::atomic<int>> sorted(expected.size());
      lfnc::sort_rows(
          policy, view,
          [](index_t row) { return [row](float x) { return row % 2 == 0 ? x : std::abs(x); }; },
          [&](index_t row, const float* keys, const double* totals, index_t count, auto&) {
            auto keys_of_row = expected[static_cast<std::size_t>(row)];
            if (row % 2 != 0) {
              for (float& x : keys_of_row) x = std::abs(x);
            }
            std::sort(keys_of_row.begin(), keys_of_row.end(), std::greater<>());
            bool right = std::equal(keys_of_row.begin(), keys_of_row.end(), keys, keys + count);
            double total = 0;
            for (index_t k = 0; k < count; ++k) {
              right = right && totals[k] == total;
              total += static_cast<double>(keys[k]);
            }
            right = right && totals[count] == total;
            sorted[static_cast<std::size_t>(row)] += right ? 1 : 100;
          });
      for (const auto& times : sorted) wrong += times != 1;

      // Into another layout, whose dimensions lie elsewhere in memory.
      const auto target = random_layout<double, Rank>(random, extents, false);
      const auto out = lfnc::groups(target.view, axis, size);
      lfnc::map(policy, view, out, [](index_t row) {
        return [row](float x) { return static_cast<double>(x) + static_cast<double>(row); };
      });
      for (index_t r = 0; r < view.rows(); ++r) {
        for (index_t k = 0; k < view.row_length(r); ++k) {
          wrong += *out.address(r, k) !=
                   static_cast<double>(
                       expected[static_cast<std::size_t>(r)][static_cast<std::size_t>(k)]) +
                       static_cast<double>(r);
        }
      }

      // Every element once.
      const auto bin = [](float x) { return x < 0 ? 0 : x < 1 ? 1 : 2; };
      std::vector<std::uint64_t> tallied(3);
      lfnc::tally(policy, lfnc::channels(tensor.view, axis), bin, tallied.data(), 3);
      for (const auto& row : expected) {
        for (const float x : row) --tallied[static_cast<std::size_t>(bin(x))];
      }
      for (const std::uint64_t left : tallied) wrong += left != 0;

      std::vector<std::atomic<int>> called(100);
      lfnc::for_each(policy, 100, [&](index_t k) { ++called[static_cast<std::size_t>(k)]; });
      for (const auto& times : called) wrong += times != 1;
      CHECK(wrong == 0);
    }
  }
}

}  // namespace

TEST_CASE("map, reduce, sort_rows and tally over every rank and layout") {
  for_random_shapes<1, 2, 3, 4, 5, 6, 7, 8>(
      8, [&]<int Rank>(generator& random, const shape<Rank>& extents, bool repeats) {
        check_skeletons<Rank>(random, extents, repeats);
      });
}

TEST_CASE("tensors large enough for several threads") {
  generator random(9);
  check_skeletons<3>(random, {7, 150, 101}, false);
  check_skeletons<2>(random, {1, 120001}, false);
  check_skeletons<4>(random, {3, 5, 90, 100}, true);
}

TEST_CASE("empty tensors are walked at once") {
  float nothing[1] = {};
  const auto empty = lfnc::groups(lfnc::channels(as_view(nothing, {0, 5}), 0));
  const auto no_rows = lfnc::groups(lfnc::channels(as_view(nothing, {5, 0}), 0));
  for (const auto& view : {empty, no_rows}) {
    int calls = 0;
    lfnc::reduce(
        cpu{2}, view, [](index_t) { return sums{}; }, [&](index_t, const auto&) { ++calls; });
    lfnc::sort_rows(
        cpu{2}, view, [](index_t) { return [](float x) { return x; }; },
        [&](index_t, const float*, const double*, index_t, auto&) { ++calls; });
    std::uint64_t count = 0;
    const auto to_bin = [&](float) { return calls++; };
    lfnc::tally(cpu{2}, view.base, to_bin, &count, 1);
    lfnc::map(cpu{2}, view, view, [](index_t) { return [](float x) { return x; }; });
    CHECK(calls == 0);
  }
}

TEST_CASE("what a visitor throws on another thread reaches the caller") {
  std::vector<float> memory(4 * 40000);
  const auto view = lfnc::groups(as_view(memory, {4, 40000}), 0, 40000);
  for (const cpu& policy : policies()) {
    CHECK_THROWS_WITH_AS(lfnc::reduce(
                             policy, view, [](index_t) { return sums{}; },
                             [&](index_t row, const auto&) {
                               if (row == 3) throw std::runtime_error("row 3");
                             }),
                         "row 3", std::runtime_error);
    CHECK_THROWS_WITH_AS(lfnc::for_each(policy, 160000,
                                        [](index_t index) {
                                          if (index == 159999) throw std::runtime_error("the last");
                                        }),
                         "the last", std::runtime_error);
  }
}

TEST_CASE("the first element that is not finite is named, by channel and index") {
  std::vector<float> memory(24);
  memory[2 * 8 + 5] = std::nanf("");
  memory[2 * 8 + 7] = std::numeric_limits<float>::infinity();
  const auto reject_rows = [&](index_t size, std::size_t bad_row, const char* argument) {
    const auto rows = lfnc::groups(as_view(memory, {3, 8}), 0, size);
    std::vector<double> bad(static_cast<std::size_t>(rows.rows()));
    lfnc::reject(cpu{1}, rows, bad.data(), argument);
    bad[bad_row] = std::nan("");
    lfnc::reject(cpu{1}, rows, bad.data(), argument);
  };
  CHECK_REFUSED(reject_rows(8, 2, "weights"), "weights: element 5 of channel 2 is NaN or infinite");
  CHECK_REFUSED(reject_rows(3, 7, "weights"), "weights: element 5 of channel 2 is NaN or infinite");
  CHECK_REFUSED(reject_rows(3, 8, "batch"), "batch: element 7 of channel 2 is NaN or infinite");
}
