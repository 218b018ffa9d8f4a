#include <lfnc/compress/steps/wait.hpp>

#include <algorithm>
#include <cstddef>
#include <random>
#include <vector>

#include "support/check.hpp"

using lfnc::detail::nowhere;
using lfnc::detail::plan_wait;
using lfnc::detail::wait_plan;

namespace {

std::size_t layers(std::size_t place, std::size_t index) {
  return place == nowhere ? index + 1 : index - place;
}

// Fewest layers to be computed again, all choices of one place an image tried.
std::size_t fewest(const std::vector<std::size_t>& bytes, std::size_t index, std::size_t limit,
                   std::size_t images) {
  if (images == 0) return 0;
  std::size_t least = layers(nowhere, index) + fewest(bytes, index, limit, images - 1);
  for (std::size_t place = 0; place <= index; ++place) {
    if (bytes[place] > limit) continue;
    const std::size_t rest = fewest(bytes, index, limit - bytes[place], images - 1);
    least = std::min(least, layers(place, index) + rest);
  }
  return least;
}

}  // namespace

TEST_CASE("as few layers are computed again as memory allows") {
  std::mt19937 random(5);
  for (int trial = 0; trial < 3000; ++trial) {
    const std::size_t index = random() % 5;
    const std::size_t images = 1 + random() % 4;
    std::vector<std::size_t> bytes(index + 1);
    for (std::size_t& each : bytes) each = random() % 12;
    const std::size_t limit = random() % 40;
    const wait_plan plan = plan_wait(bytes, index, limit, images);
    REQUIRE(plan.far_images <= images);
    std::size_t taken = plan.near == nowhere ? 0 : (images - plan.far_images) * bytes[plan.near];
    std::size_t again = (images - plan.far_images) * layers(plan.near, index);
    std::size_t step = 0;
    if (plan.far_images > 0 || plan.far != nowhere) {
      taken += plan.far_images * bytes[plan.far];
      again += plan.far_images * layers(plan.far, index);
      step = layers(plan.near, index) - layers(plan.far, index);
    }
    CHECK(taken <= limit);
    // The share of one image at most is lost, since images are whole.
    CHECK(again <= fewest(bytes, index, limit, images) + step);
  }
}

TEST_CASE("the narrow place before, where the wide one does not fit") {
  const std::vector<std::size_t> bytes = {10, 100, 40, 100};
  wait_plan plan = plan_wait(bytes, 3, 400, 4);
  CHECK(plan.near == 3);
  CHECK(plan.far == nowhere);
  plan = plan_wait(bytes, 3, 160, 4);
  CHECK(plan.near == 2);
  CHECK(plan.far_images == 0);
  plan = plan_wait(bytes, 3, 281, 4);
  CHECK(plan.near == 2);
  CHECK(plan.far == 3);
  CHECK(plan.far_images == 2);
  plan = plan_wait(bytes, 3, 0, 4);
  CHECK(plan.near == nowhere);
  CHECK(plan.far_images == 0);
}
