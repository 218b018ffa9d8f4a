#include <lfnc/compress/steps/calibrate.hpp>

#include <algorithm>
#include <limits>
#include <vector>

#include "support/check.hpp"
#include "support/small_job.hpp"

namespace {

// The histogram of a point's values in a fresh adapter.
lfnc::activation_histogram counted(std::size_t index, std::size_t images) {
  small::stateful adapter;
  auto state = adapter.start(0, images);
  adapter.advance(state, index);
  lfnc::activation_histogram counts;
  lfnc::accumulate_histogram(lfnc::cpu{1}, adapter.values(state, index), counts);
  return counts;
}

}  // namespace

TEST_CASE("points get the alpha of their values, signed or not") {
  small::run at(3);
  at.options.activation_bits = 5;
  lfnc::detail::calibrate_all(at.job);
  REQUIRE(at.job.report.activations.size() == 3);
  const auto& relu = at.job.report.activations[0];
  const auto& sum = at.job.report.activations[1];
  CHECK(relu.layer == "relu1");
  CHECK(relu.low == 0);
  CHECK(relu.high == 31);
  CHECK(sum.layer == "sum");
  CHECK(sum.low == -15);
  CHECK(sum.high == 15);
  const auto counts = counted(small::sum, 7);
  CHECK(sum.alpha == lfnc::calibrate(counts, -15, 15));
  CHECK(sum.largest == std::max(counts.positive.largest(), counts.negative.largest()));
  CHECK(relu.alpha == lfnc::calibrate(counted(small::relu1, 7), 0, 31));
  CHECK(at.adapter.grids[1].alpha == sum.alpha);
  CHECK(at.adapter.grids[1].low == -15);
  CHECK(at.adapter.grids[1].scaling == lfnc::scaling::inverse);
}

TEST_CASE("the share of values beyond an edge") {
  lfnc::activation_histogram counts;
  for (const double x : {0.0, 1.0, 2.0, 3.0}) counts.positive.add(x);
  for (const double x : {1.0, 4.0, 5.0, 6.0}) counts.negative.add(x);
  CHECK(lfnc::detail::share_beyond(counts, 2.5, false) == 0.125);
  CHECK(lfnc::detail::share_beyond(counts, 2.5, true) == 0.5);
  CHECK(lfnc::detail::share_beyond(counts, 7, true) == 0);
}

TEST_CASE("no quantizer is set before all are known") {
  small::run at;
  SUBCASE("cancelled") {
    at.options.progress = [](const lfnc::compress_progress& now) { return now.done < now.total; };
    CHECK_THROWS_AS(lfnc::detail::calibrate_all(at.job), lfnc::cancelled);
  }
  SUBCASE("a value that is not finite") {
    at.adapter.convolutions[2].weight[7] = std::numeric_limits<float>::infinity();
    CHECK_THROWS_WITH_AS(lfnc::detail::calibrate_all(at.job),
                         doctest::Contains("lfnc: layer 'relu3': batch"), lfnc::layer_error);
  }
  for (const auto& grid : at.adapter.grids) CHECK(grid.alpha == 0);
  CHECK(at.job.report.activations.empty());
}
