#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "../../examples/support/choose.hpp"

using namespace support;

namespace {

std::vector<int> counted(int count) {
  std::vector<int> out(static_cast<std::size_t>(count));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

}  // namespace

TEST_CASE("a choice has no repetition and depends on the seed alone") {
  const std::vector<int> chosen = choose(counted(1000), 100, 1);
  CHECK(chosen == choose(counted(1000), 100, 1));
  CHECK(chosen != choose(counted(1000), 100, 2));
  std::vector<int> sorted = chosen;
  std::sort(sorted.begin(), sorted.end());
  CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
  CHECK(sorted != chosen);
}

TEST_CASE("a larger choice begins with the smaller one") {
  const std::vector<int> small = choose(counted(50), 10, 3);
  const std::vector<int> large = choose(counted(50), 30, 3);
  CHECK(std::equal(small.begin(), small.end(), large.begin()));
}

TEST_CASE("all, none, too many") {
  CHECK(choose(counted(5), 0, 1).empty());
  std::vector<int> all = choose(counted(5), 5, 1);
  std::sort(all.begin(), all.end());
  CHECK(all == counted(5));
  CHECK_THROWS_WITH_AS(choose(counted(5), 6, 1), "6 images asked for where there are 5",
                       std::invalid_argument);
}

TEST_CASE("every item is as likely at every place") {
  std::array<std::array<int, 4>, 4> seen{};
  constexpr int draws = 4000;
  for (int seed = 0; seed < draws; ++seed) {
    const std::vector<int> chosen = choose(counted(4), 4, static_cast<std::uint64_t>(seed));
    for (std::size_t place = 0; place < 4; ++place) {
      ++seen[place][static_cast<std::size_t>(chosen[place])];
    }
  }
  for (const auto& place : seen) {
    for (const int count : place) CHECK(std::abs(count - draws / 4) < 150);  // over 5 sigma
  }
}
