#include <lfnc/compress/options.hpp>

#include <string>
#include <vector>

#include "support/check.hpp"

TEST_CASE("codebooks by their names") {
  for (const char* name :
       {"ternary", "fixed-8", "uniform-2", "uniform-4", "uniform-8", "power-of-two-3",
        "power-of-two-4", "published-power-of-two-3", "published-power-of-two-4"}) {
    CAPTURE(name);
    CHECK(lfnc::name_of(lfnc::codebook_named(name)) == name);
  }
  CHECK(std::get<lfnc::uniform>(lfnc::codebook_named("uniform-3")).high == 3);
  for (const char* name : {"uniform-9", "uniform-1", "Ternary", "levels-3", ""}) {
    CHECK_REFUSED(lfnc::codebook_named(name), "name: there is no codebook '" + std::string(name));
  }
}

TEST_CASE("levels of one's own can be chosen") {
  const std::vector<double> mine{-1, -0.25, 0, 0.5};
  CHECK(lfnc::name_of(lfnc::levels(mine)) == "levels-4");
}

TEST_CASE("the default is lfnc's own method, the preset the published one") {
  const lfnc::compress_options mine;
  CHECK(lfnc::name_of(mine.weights) == "uniform-4");
  CHECK(lfnc::name_of(mine.first_and_last) == "uniform-8");
  CHECK(mine.renormalize == lfnc::renormalization::anchored);
  CHECK(mine.renormalize_again);
  CHECK(mine.memory == 2147483648U);
  const lfnc::compress_options theirs = lfnc::published_options();
  CHECK(lfnc::name_of(theirs.weights) == "published-power-of-two-4");
  CHECK(lfnc::name_of(theirs.first_and_last) == "fixed-8");
  CHECK(theirs.fit.solver == lfnc::solver::lloyd);
  CHECK(theirs.renormalize == lfnc::renormalization::plain);
  CHECK_FALSE(theirs.renormalize_again);
  CHECK_FALSE(theirs.signed_points);
  CHECK(theirs.activation_bits == 7);
  CHECK(theirs.activation_scaling == lfnc::scaling::division);
  CHECK(theirs.calibration.method == lfnc::calibration::lloyd);
  CHECK(theirs.images == 1000);
  CHECK(theirs.activation_images == 400);
}

TEST_CASE("names of kinds and stages") {
  CHECK(lfnc::name_of(lfnc::renormalization::plain) == "plain");
  CHECK(lfnc::name_of(lfnc::renormalization::none) == "none");
  CHECK_REFUSED(lfnc::name_of(static_cast<lfnc::renormalization>(9)), "renormalize");
  CHECK(lfnc::name_of(lfnc::compress_stage::codes) == "weights");
  CHECK(lfnc::name_of(lfnc::compress_stage::batch_norm_again) == "re-normalization");
  CHECK_REFUSED(lfnc::name_of(static_cast<lfnc::compress_stage>(9)), "stage");
}

TEST_CASE("a cancelled run says how far it had come") {
  const lfnc::cancelled stopped(lfnc::compress_step::weights);
  CHECK(stopped.done() == lfnc::compress_step::weights);
  CHECK(std::string(stopped.what()) == "lfnc: compress: cancelled");
}
