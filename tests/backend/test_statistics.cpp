// Moments and histograms against the CPU's: the same values, whatever the backend adds up when.
#include <cmath>
#include <memory>
#include <vector>

#include "../support/random.hpp"
#include "../support/shape.hpp"
#include "compare.hpp"

using lfnc::index_t;

namespace {

template <class T>
void check_moments(generator& random, const std::array<index_t, 4>& extents, int axis) {
  auto batch = random_layout<T, 4>(random, extents, false);
  for (T& x : batch.memory) x = as<T>(random.gaussian() * 3 + 100);
  const auto channels =
      static_cast<std::size_t>(batch.view.extents[static_cast<std::size_t>(axis)]);
  std::vector<lfnc::channel_moments> expected(channels);
  const backend::memory<lfnc::channel_moments> moments(expected);
  const backend::memory<T> there(batch.memory);
  const auto view = backend::same_layout(batch.view, batch.memory.data(), there);
  // Twice, to see that a batch is added to what was there.
  for (int round = 0; round < 2; ++round) {
    lfnc::accumulate_moments(lfnc::cpu{1}, lfnc::channels(batch.view, axis), expected);
    backend::run([&](const auto& policy) {
      accumulate_moments(policy, lfnc::channels(view, axis), moments.list());
    });
  }
  CHECK(moments.host() == expected);
}

template <class T>
void check_histogram(generator& random, double scale) {
  auto batch = random_layout<T, 3>(random, {1 + random.below(4), 1 + random.below(60), 113}, false);
  for (T& x : batch.memory) {
    x = as<T>(random.below(3) == 0 ? 0.0 : scale * random.laplacian());
  }
  auto expected = std::make_unique<lfnc::activation_histogram>();
  const backend::memory<lfnc::activation_histogram> counts(
      std::vector<lfnc::activation_histogram>(1));
  const backend::memory<T> there(batch.memory);
  const auto view = backend::same_layout(batch.view, batch.memory.data(), there);
  for (int round = 0; round < 2; ++round) {
    lfnc::accumulate_histogram(lfnc::cpu{1}, batch.view, *expected);
    backend::run([&](const auto& policy) { accumulate_histogram(policy, view, counts.data()); });
    // A wider range comes later.
    if (round == 0) {
      const std::vector<float> wide{-1e6F, 1e7F};
      const backend::memory<float> wide_there(wide);
      lfnc::accumulate_histogram(lfnc::cpu{1}, lfnc::as_view(wide), *expected);
      backend::run([&](const auto& policy) {
        accumulate_histogram(
            policy, lfnc::tensor_view<float, 1, backend::space>{wide_there.data(), {2}, {1}},
            counts.data());
      });
    }
  }
  CHECK(counts.host()[0] == *expected);
}

}  // namespace

TEST_CASE("moments of batches of every layout and type") {
  generator random(1);
  for (int round = 0; round < 3; ++round) {
    check_moments<float>(random, {1 + random.below(4), 5, 7, 7}, 1);
    check_moments<float>(random, {3, 1 + random.below(9), 11, 4}, 3);
    check_moments<float>(random, {2, 3, 40, 31}, 1);
  }
  check_moments<double>(random, {2, 3, 9, 5}, 1);
  check_moments<lfnc::float16>(random, {2, 3, 9, 5}, 1);
  check_moments<lfnc::bfloat16>(random, {2, 3, 9, 5}, 1);
  check_moments<float>(random, {40, 70, 1, 1}, 1);
}

TEST_CASE("histograms of batches of every layout and type") {
  generator random(2);
  check_histogram<float>(random, 1);
  check_histogram<float>(random, 1e-20);
  check_histogram<double>(random, 3);
  check_histogram<lfnc::float16>(random, 10);
}
