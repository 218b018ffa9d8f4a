#include <doctest/doctest.h>

#include "../../../examples/compress/method/activation_points.hpp"
#include "fixtures.hpp"

using namespace compress;
using namespace compress::test;

namespace {

// Values and whether they are signed.
using points = std::vector<std::pair<std::size_t, bool>>;

points found(const network& net) {
  points all;
  for (const activation_point& point : activation_points(net)) {
    all.emplace_back(point.value, point.is_signed);
  }
  return all;
}

struct small : builder {
  small() : builder({4, 8, 8}) {}

  std::size_t conv(std::size_t from, std::int64_t channels = 4) {
    return add(random_convolution(random, channels, 4, square(1)), {from});
  }
  std::size_t norm(std::size_t from) {
    return add(random_batch_norm(random, 4, true, true), {from});
  }

  generator random{1};
};

}  // namespace

TEST_CASE("what ReLU and its relatives put out is a point") {
  const auto kind = [](operation op) {
    small net;
    const std::size_t value = net.add(std::move(op), {net.conv(0)});
    const points all = found(net.net);
    REQUIRE(all.size() == 1);
    CHECK(all[0].first == value);
    return all[0].second;
  };
  CHECK_FALSE(kind(relu{}));
  CHECK_FALSE(kind(clip{0, 6}));
  CHECK_FALSE(kind(clip{0.5F, 6}));
  CHECK(kind(clip{-1, 1}));
  CHECK(kind(leaky_relu{0.1F}));
  CHECK(kind(prelu{{0.25F}}));
}

TEST_CASE("a residual sum that a convolution reads is a signed point") {
  small net;
  const std::size_t active = net.add(relu{}, {net.norm(net.conv(0))});
  const std::size_t sum = net.add(eltwise{}, {net.norm(net.conv(active)), active});
  net.conv(sum);
  CHECK(found(net.net) == points{{active, false}, {sum, true}});
}

TEST_CASE("a batch norm that a convolution reads is a signed point, one that ReLU reads is not") {
  small net;
  const std::size_t before = net.norm(net.conv(0));
  const std::size_t active = net.add(relu{}, {net.norm(net.conv(before))});
  net.conv(active);
  CHECK(found(net.net) == points{{before, true}, {active, false}});
}

TEST_CASE("points are where values are made, not where they are passed on") {
  small net;
  const std::size_t active = net.add(relu{}, {net.conv(0)});
  const std::size_t plain = net.conv(0);
  const std::size_t both = net.add(concat{1}, {active, plain});
  pool smaller;
  smaller.area = square(2, 2);
  const std::size_t pooled = net.add(smaller, {both});
  const std::size_t flat = net.add(reshape{{0, -1}}, {pooled});
  net.add(random_inner_product(net.random, 8 * 4 * 4, 3, true), {flat});
  CHECK(found(net.net) == points{{active, false}, {plain, true}});
}

TEST_CASE("a value that many read is one point") {
  small net;
  const std::size_t active = net.add(relu{}, {net.conv(0)});
  const std::size_t left = net.conv(active);
  const std::size_t right = net.conv(active);
  net.add(eltwise{}, {left, right});
  CHECK(found(net.net) == points{{active, false}});
}

TEST_CASE("images are no point, padded or not") {
  small net;
  pad border;
  border.begin = {0, 0, 1, 1};
  border.end = {0, 0, 1, 1};
  net.conv(net.add(border, {0}));
  net.conv(0);
  CHECK(found(net.net).empty());
}

TEST_CASE("a value that nothing reads is no point, the network's output is one") {
  small net;
  const std::size_t active = net.add(relu{}, {net.conv(0)});
  const std::size_t last = net.add(relu{}, {net.conv(0)});
  CHECK(net.net.output == last);
  CHECK(found(net.net) == points{{last, false}});
  net.net.output = active;
  CHECK(found(net.net) == points{{active, false}});
}

TEST_CASE("without signed points only ReLU is left") {
  small net;
  const std::size_t active = net.add(relu{}, {net.norm(net.conv(0))});
  const std::size_t leaky = net.add(leaky_relu{0.1F}, {net.conv(active)});
  net.conv(net.add(eltwise{}, {leaky, active}));
  points unsigned_ones;
  for (const auto& point : found(net.net)) {
    if (!point.second) unsigned_ones.push_back(point);
  }
  CHECK(unsigned_ones == points{{active, false}});
  CHECK(found(net.net).size() == 3);
  CHECK_FALSE(published_settings().signed_points);
}
