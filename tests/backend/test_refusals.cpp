// What is refused, in the words of the CPU, and that nothing was written.
#include <limits>
#include <string>
#include <vector>

#include "../support/check.hpp"
#include "compare.hpp"

using lfnc::index_t;

namespace {

template <class T>
lfnc::channel_view<T, backend::space> rows(T* data, index_t channels, index_t length) {
  return backend::dense<backend::space>(data, channels, length);
}

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("weights with NaN are refused before anything is written") {
  std::vector<float> weights(7 * 40, 0.5F);
  weights[3 * 40 + 17] = not_a_number;
  weights[5 * 40 + 2] = std::numeric_limits<float>::infinity();
  const backend::memory<float> there(weights);
  const std::vector<std::int8_t> untouched(weights.size(), 55);
  const std::vector<lfnc::row_fit> no_fits(7, {1, 2, 3});
  const backend::memory<std::int8_t> codes(untouched);
  const backend::memory<lfnc::row_fit> fits(no_fits);
  for (const auto solver : {lfnc::solver::exact, lfnc::solver::lloyd}) {
    CHECK_REFUSED(backend::run([&](const auto& policy) {
                    quantize_weights(policy, rows(there.data(), 7, 40), lfnc::uniform(4),
                                     rows(codes.data(), 7, 40), fits.list(), {solver, {}});
                  }),
                  "weights: element 17 of channel 3 is NaN or infinite");
    CHECK_SAME_BITS(untouched, codes.host());
    CHECK_SAME_BITS(no_fits, fits.host());
  }
}

TEST_CASE("elements are numbered in their channel, groups or not") {
  std::vector<float> weights(4 * 50, 0.5F);
  weights[2 * 50 + 49] = -std::numeric_limits<float>::infinity();
  const backend::memory<float> there(weights);
  const backend::memory<lfnc::row_fit> fits(std::vector<lfnc::row_fit>(4 * 4));
  const lfnc::group_view<float, backend::space> groups{rows(there.data(), 4, 50), 16};
  CHECK_REFUSED(
      backend::run([&](const auto& policy) { fit(policy, groups, lfnc::ternary(), fits.list()); }),
      "weights: element 49 of channel 2");
}

TEST_CASE("a batch with NaN leaves moments and histogram as they were") {
  std::vector<float> batch(2 * 3 * 25, 1.5F);
  batch[25 * 4 + 7] = not_a_number;
  const backend::memory<float> there(batch);
  const lfnc::tensor_view<const float, 4, backend::space> view{
      there.data(), {2, 3, 5, 5}, {75, 25, 5, 1}};
  const backend::memory<lfnc::channel_moments> moments(std::vector<lfnc::channel_moments>(3));
  CHECK_REFUSED(backend::run([&](const auto& policy) {
                  accumulate_moments(policy, lfnc::channels(view, 1), moments.list());
                }),
                "batch: element 32 of channel 1");
  CHECK(moments.host() == std::vector<lfnc::channel_moments>(3));
  const backend::memory<lfnc::activation_histogram> counts(
      std::vector<lfnc::activation_histogram>(1));
  CHECK_REFUSED(
      backend::run([&](const auto& policy) { accumulate_histogram(policy, view, counts.data()); }),
      "batch: element 107 of channel 0");
  CHECK(counts.host()[0] == lfnc::activation_histogram{});
}

TEST_CASE("squares beyond the range of double") {
  const std::vector<double> batch(20, 1e200);
  const backend::memory<double> there(batch);
  const backend::memory<lfnc::channel_moments> moments(std::vector<lfnc::channel_moments>(2));
  CHECK_OVERFLOW(backend::run([&](const auto& policy) {
                   accumulate_moments(policy, rows(there.data(), 2, 10), moments.list());
                 }),
                 "batch: the sum of squares of channel 0 is beyond the range of double");
}

TEST_CASE("map refuses an output of another shape, or one that shares memory") {
  const backend::memory<float> there(std::vector<float>(24));
  const lfnc::activation_grid grid{0.1};
  const lfnc::tensor_view<float, 2, backend::space> in{there.data(), {4, 6}, {6, 1}};
  const lfnc::tensor_view<float, 2, backend::space> other{there.data(), {6, 4}, {4, 1}};
  const lfnc::tensor_view<float, 2, backend::space> shared{there.data(), {4, 6}, {0, 1}};
  CHECK_REFUSED(backend::run([&](const auto& policy) { fake_quantize(policy, in, other, grid); }),
                "out: extent 0 is 6, the input's is 4");
  CHECK_REFUSED(backend::run([&](const auto& policy) { fake_quantize(policy, in, shared, grid); }),
                "out: its elements share memory");
}

#if defined(LFNC_TEST_FIBERS)

TEST_CASE("rows longer than the machine can sort") {
  const backend::memory<float> there(std::vector<float>(64, 1));
  const backend::memory<lfnc::row_fit> fits(std::vector<lfnc::row_fit>(2));
  fibers::machine machine;
  machine.sorts_at_a_time = 31;
  lfnc::workspace needed;
  CHECK_REFUSED(fit(backend::policy(machine, needed), lfnc::groups(rows(there.data(), 2, 32)),
                    lfnc::ternary(), fits.list()),
                "rows: one of 32 elements is longer than can be sorted here (31)");
}

#endif

#if !defined(LFNC_TEST_THRUST)

namespace {

#if defined(LFNC_TEST_CUDA)
lfnc::cuda policy_on(lfnc::workspace& memory) { return lfnc::cuda(nullptr, memory); }
lfnc::cuda policy_without() { return lfnc::cuda(nullptr); }
#else
backend::policy policy_on(lfnc::workspace& memory) {
  return backend::policy(fibers::machine{}, memory);
}
backend::policy policy_without() { return backend::policy(fibers::machine{}); }
#endif

}  // namespace

TEST_CASE("a workspace that is missing, misaligned or too small") {
  const backend::memory<float> there(std::vector<float>(64, 1));
  const backend::memory<lfnc::row_fit> fits(std::vector<lfnc::row_fit>(2, {1, 2, 3}));
  const auto weights = lfnc::groups(rows(there.data(), 2, 32));
  CHECK_REFUSED(fit(policy_without(), weights, lfnc::ternary(), fits.list()),
                "workspace: this verb needs one");
  const backend::memory<std::byte> place(std::vector<std::byte>(1024));
  CHECK_REFUSED(lfnc::workspace(nullptr, 1024), "workspace: null data");
  CHECK_REFUSED(lfnc::workspace(place.data() + 16, 512), "multiple of 256");
  CHECK_REFUSED(lfnc::workspace(place.data(), 100), "fewer than 256 bytes");

  lfnc::workspace needed;
  fit(policy_on(needed), weights, lfnc::ternary(), fits.list());
  CHECK(needed.bytes() > 1024);
  CHECK_REFUSED(check(policy_on(needed)), "it only counts");
  // The most that any of several verbs takes.
  const std::size_t bytes = needed.bytes();
  fit(policy_on(needed), lfnc::groups(rows(there.data(), 1, 4)), lfnc::ternary(), {fits.data(), 1},
      {lfnc::solver::abs_max, {}});
  CHECK(needed.bytes() == bytes);
  lfnc::workspace little(place.data(), 1024);
  CHECK_REFUSED(fit(policy_on(little), weights, lfnc::ternary(), fits.list()),
                "workspace: holds 1024 bytes, at least");
  check(policy_on(little));
  CHECK_SAME_BITS(fits.host(), std::vector<lfnc::row_fit>(2, {1, 2, 3}));
}

TEST_CASE("after a refusal nothing is written until check has thrown it, and then all is well") {
  std::vector<float> bad(50, 1);
  bad[20] = not_a_number;
  const std::vector<float> good(50, 2);
  const backend::memory<float> bad_there(bad);
  const backend::memory<float> good_there(good);
  const backend::memory<lfnc::channel_moments> moments(std::vector<lfnc::channel_moments>(1));
  const backend::memory<std::uint8_t> codes(std::vector<std::uint8_t>(50, 99));
  const auto add = [&](const auto& policy, const backend::memory<float>& batch) {
    accumulate_moments(policy, rows(batch.data(), 1, 50), moments.list());
  };
  lfnc::workspace needed;
  add(policy_on(needed), bad_there);
  const backend::memory<std::byte> place(std::vector<std::byte>(needed.bytes()));
  lfnc::workspace work(place.data(), needed.bytes());
  const auto policy = policy_on(work);
  add(policy, bad_there);
  add(policy, good_there);
  const lfnc::tensor_view<float, 1, backend::space> in{good_there.data(), {50}, {1}};
  const lfnc::tensor_view<std::uint8_t, 1, backend::space> out{codes.data(), {50}, {1}};
  quantize(policy, in, out, {0.1});
  CHECK_REFUSED(check(policy), "batch: element 20 of channel 0");
  CHECK(moments.host()[0].count == 0);
  CHECK(codes.host()[0] == 99);
  check(policy);
  add(policy, good_there);
  quantize(policy, in, out, {0.1});
  check(policy);
  CHECK(moments.host()[0].count == 50);
  CHECK(codes.host()[0] == 20);
}

#endif
