#include <lfnc/compress/steps/measure.hpp>

#include <vector>

#include "support/check.hpp"
#include "support/small_job.hpp"

using lfnc::compress_stage;
using lfnc::detail::layer_moments;

namespace {

// Measures layer after layer, setting each to what was measured.
template <class Adapter>
std::vector<layer_moments> in_turn(small::run<Adapter>& at) {
  std::vector<layer_moments> seen;
  lfnc::detail::measure_in_turn(at.job, compress_stage::batch_norm,
                                [&](std::size_t k, const layer_moments& moments) {
                                  REQUIRE(k == seen.size());
                                  seen.push_back(moments);
                                  small::norm& norm = at.adapter.norms[k];
                                  for (std::size_t c = 0; c < norm.mean.size(); ++c) {
                                    norm.mean[c] = static_cast<float>(moments[c].mean());
                                    norm.variance[c] = static_cast<float>(moments[c].variance());
                                  }
                                });
  return seen;
}

// A batch's bytes at each place, images of 16 x 8 bytes a channel: 2 channels in, 4 until norm1 and
// relu1, twice that from conv2 to norm2, 4 until conv3, 5 until norm3.
constexpr std::size_t image = 16 * sizeof(double);
constexpr std::size_t widest = 8 * image;

}  // namespace

TEST_CASE("moments are those of the values") {
  small::run at(3);
  const auto moments = lfnc::detail::measure_all(at.job, compress_stage::float_statistics);
  REQUIRE(moments.size() == 3);
  small::stateful adapter;
  auto state = adapter.start(0, 10);
  adapter.advance(state, small::norm2);
  const auto view = adapter.values(state, small::norm2);
  layer_moments expected(4);
  lfnc::accumulate_moments(lfnc::cpu{1}, lfnc::channels(view, 1), expected);
  CHECK(moments[1] == expected);
}

TEST_CASE("in turn, layers see those before them as they have become") {
  small::run at;
  const auto seen = in_turn(at);
  small::run once;
  const auto at_once = lfnc::detail::measure_all(once.job, compress_stage::float_statistics);
  CHECK(seen[0] == at_once[0]);
  CHECK_FALSE(seen[1] == at_once[1]);
  // All at once in the network that has become: every layer's input is what was measured in turn.
  small::run after;
  after.adapter.norms = at.adapter.norms;
  CHECK(lfnc::detail::measure_all(after.job, compress_stage::float_statistics) == seen);
}

TEST_CASE("the same moments with any memory and batch, by whole passes too") {
  small::run first;
  const auto expected = in_turn(first);
  for (const std::size_t batch : {1U, 3U, 7U, 10U}) {
    small::run<small::passes> passes(batch);
    CHECK(in_turn(passes) == expected);
    for (std::size_t memory = 0; memory < 240 * image; memory += image) {
      CAPTURE(batch);
      CAPTURE(memory);
      small::run at(batch);
      at.options.memory = memory;
      CHECK(in_turn(at) == expected);
      const std::size_t kept = at.job.report.cost.state_bytes;
      CHECK((kept == 0 || kept + 2 * widest <= memory));
    }
  }
}

TEST_CASE("memory is filled as far as it goes") {
  const auto steps = [](std::size_t memory) {
    small::run at(1);
    at.options.memory = 2 * widest + memory;
    in_turn(at);
    return at.adapter.steps;
  };
  // One batch to measure sizes with; each image up to its last batch norm once.
  constexpr std::size_t once = small::norm3 + 10 * small::norm3;
  CHECK(steps(10 * widest) == once);
  CHECK(steps(10 * widest - 1) > once);
  // Without memory each image starts three times.
  CHECK(steps(0) == small::norm3 + 10 * (small::norm1 + small::norm2 + small::norm3));
  // Where what norm2 needs does not fit, what norm1 needs still does, or does for half of them.
  CHECK(steps(10 * 4 * image) < steps(10 * 2 * image));
  CHECK(steps(10 * 2 * image) > steps(10 * 4 * image));
  CHECK(steps(10 * 2 * image) < steps(0));
  // Room for half of the images serves half of them.
  CHECK(steps(5 * widest) < steps(0));
  CHECK(steps(5 * widest) > steps(10 * widest));
}

TEST_CASE("nothing is kept behind the last batch norm, or after it") {
  small::run at(5);
  at.job.norms = {small::norm1};
  std::vector<layer_moments> seen;
  lfnc::detail::measure_in_turn(
      at.job, compress_stage::batch_norm,
      [&](std::size_t, const layer_moments& moments) { seen.push_back(moments); });
  CHECK(seen.size() == 1);
  CHECK(at.job.report.cost.state_bytes == 0);
  CHECK(at.job.report.cost.images == 15);
}

TEST_CASE("progress counts images of every layer, and can end it") {
  small::run at(5);
  std::size_t last = 0;
  at.options.progress = [&](const lfnc::compress_progress& now) {
    CHECK(now.total == 30);
    CHECK(now.done >= last);
    last = now.done;
    return true;
  };
  in_turn(at);
  CHECK(last == 30);
  at.options.progress = [](const lfnc::compress_progress& now) { return now.layer != "norm2"; };
  CHECK_THROWS_AS(in_turn(at), lfnc::cancelled);
}
