#include <lfnc/compress/steps/renormalize.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "support/check.hpp"
#include "support/small_job.hpp"

using lfnc::compress_stage;
using lfnc::detail::layer_moments;

TEST_CASE("anchored leaves a network that did not change as it is") {
  small::run at;
  const small::stateful before;
  const auto trained = lfnc::detail::save_statistics(at.job);
  const auto original = lfnc::detail::measure_all(at.job, compress_stage::float_statistics);
  lfnc::detail::renormalize_all(at.job, compress_stage::batch_norm, trained, original);
  CHECK(at.adapter == before);
  REQUIRE(at.job.report.norms.size() == 3);
  CHECK(at.job.report.norms[1].layer == "norm2");
  CHECK(at.job.report.norms[1].mean_shift == 0);
  CHECK(at.job.report.norms[1].variance_ratio == 1);
  CHECK(at.adapter.changes == std::vector<std::size_t>{small::norm1, small::norm2, small::norm3});
}

TEST_CASE("plain takes what is measured") {
  small::run at;
  at.options.renormalize = lfnc::renormalization::plain;
  const auto trained = lfnc::detail::save_statistics(at.job);
  const auto seen = lfnc::detail::measure_all(at.job, compress_stage::float_statistics);
  lfnc::detail::renormalize_all(at.job, compress_stage::batch_norm, trained, {});
  const small::norm& now = at.adapter.norms[0];
  double shift = 0;
  double ratio = 0;
  for (std::size_t c = 0; c < 4; ++c) {
    CHECK(now.mean[c] == static_cast<float>(seen[0][c].mean()));
    CHECK(now.variance[c] ==
          static_cast<float>(seen[0][c].variance(lfnc::variance_kind::unbiased)));
    const double old = static_cast<double>(trained[0].variance[c]) + at.adapter.epsilon;
    const double step = static_cast<double>(now.mean[c]) - static_cast<double>(trained[0].mean[c]);
    shift += step * step / old / 4;
    ratio += std::log((static_cast<double>(now.variance[c]) + at.adapter.epsilon) / old) / 4;
  }
  CHECK(at.job.report.norms[0].mean_shift == doctest::Approx(std::sqrt(shift)));
  CHECK(at.job.report.norms[0].variance_ratio == doctest::Approx(std::exp(ratio)));
}

TEST_CASE("it starts from the trained statistics, whatever has become of them") {
  small::run first;
  small::run second;
  first.options.images = second.options.images = 6;
  std::vector<layer_moments> original;
  for (auto* at : {&first, &second}) {
    const auto trained = lfnc::detail::save_statistics(at->job);
    original = lfnc::detail::measure_all(at->job, compress_stage::float_statistics);
    at->adapter.convolutions[0].weight[5] += 0.5F;
    if (at == &second) at->adapter.norms[0].mean[0] += 3;
    lfnc::detail::renormalize_all(at->job, compress_stage::batch_norm, trained, original);
  }
  CHECK(first.adapter == second.adapter);
}

TEST_CASE("what ends it early leaves the statistics as they were") {
  for (const std::string last : {"norm1", "norm2", "norm3"}) {
    CAPTURE(last);
    small::run at;
    at.options.renormalize = lfnc::renormalization::plain;
    const small::stateful before;
    const auto trained = lfnc::detail::save_statistics(at.job);
    at.options.progress = [&](const lfnc::compress_progress& now) { return now.layer != last; };
    CHECK_THROWS_AS(lfnc::detail::renormalize_all(at.job, compress_stage::batch_norm, trained, {}),
                    lfnc::cancelled);
    CHECK(at.adapter == before);
    // The adapter was told that they are back.
    REQUIRE(at.adapter.changes.size() >= 3);
    CHECK(std::vector(at.adapter.changes.end() - 3, at.adapter.changes.end()) ==
          std::vector<std::size_t>{small::norm1, small::norm2, small::norm3});
    CHECK(at.job.report.norms.empty());
  }
}

TEST_CASE("a channel that quantization makes constant keeps its variance, and is counted") {
  for (const auto kind : {lfnc::renormalization::anchored, lfnc::renormalization::plain}) {
    small::run at;
    at.options.renormalize = kind;
    const auto trained = lfnc::detail::save_statistics(at.job);
    const auto original = lfnc::detail::measure_all(at.job, compress_stage::float_statistics);
    // What is left of it is rounding noise.
    for (std::size_t k = 0; k < 18; ++k) at.adapter.convolutions[0].weight[k] *= 1e-12F;
    // And one that is nearly so.
    for (std::size_t k = 18; k < 36; ++k) at.adapter.convolutions[0].weight[k] *= 1e-3F;
    lfnc::detail::renormalize_all(at.job, compress_stage::batch_norm, trained, original);
    CHECK(at.adapter.norms[0].variance[0] == trained[0].variance[0]);
    const double divisor = static_cast<double>(trained[0].variance[1]) + at.adapter.epsilon;
    CHECK(static_cast<double>(at.adapter.norms[0].variance[1]) + at.adapter.epsilon ==
          doctest::Approx(divisor / 16));
    CHECK(at.job.report.norms[0].kept == 1);
    CHECK(at.job.report.norms[0].bounded == 1);
    CHECK(at.job.report.norms[1].kept == 0);
  }
}
