#include <lfnc/compress/steps/job.hpp>

#include <string>
#include <vector>

#include "support/check.hpp"
#include "support/small_job.hpp"

using lfnc::compress_stage;

TEST_CASE("all images are fed, in batches") {
  small::run at(4);
  std::vector<lfnc::index_t> images;
  std::vector<std::size_t> told;
  at.options.progress = [&](const lfnc::compress_progress& now) {
    CHECK(now.stage == compress_stage::activations);
    CHECK(now.total == 9);
    told.push_back(now.done);
    return true;
  };
  lfnc::detail::feed_all(
      at.job, compress_stage::activations, 9, {small::norm2},
      [&](std::size_t, const auto& values) { images.push_back(values.extents[0]); });
  CHECK(images == std::vector<lfnc::index_t>{4, 4, 1});
  CHECK(told == std::vector<std::size_t>{0, 4, 8, 9});
  CHECK(at.job.report.cost.images == 9);
}

TEST_CASE("who is told may cancel") {
  small::run at;
  at.options.progress = [](const lfnc::compress_progress& now) { return now.done < 4; };
  at.job.done = lfnc::compress_step::batch_norm;
  try {
    lfnc::detail::feed_all(at.job, compress_stage::activations, 9, {small::norm1},
                           [](std::size_t, const auto&) {});
    FAIL("nothing was thrown");
  } catch (const lfnc::cancelled& stopped) {
    CHECK(stopped.done() == lfnc::compress_step::batch_norm);
  }
  CHECK(at.adapter.starts == 4);
}

TEST_CASE("errors name the layer") {
  small::run at;
  CHECK_THROWS_WITH_AS(
      lfnc::detail::feed_all(at.job, compress_stage::activations, 9, {small::norm1, small::sum},
                             [](std::size_t index, const auto&) {
                               lfnc::detail::require(index != small::sum, "batch", "bad");
                             }),
      "lfnc: layer 'sum': batch: bad", lfnc::layer_error);
}

TEST_CASE("a step that is done is told") {
  small::run at;
  lfnc::compress_step told{};
  at.options.after = [&](lfnc::compress_step step) { told = step; };
  at.job.finish(lfnc::compress_step::activations);
  CHECK(told == lfnc::compress_step::activations);
  CHECK(at.job.done == lfnc::compress_step::activations);
}
