#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "../../../examples/compress/method/adapter.hpp"
#include "fixtures.hpp"

using namespace compress;
using namespace compress::test;

static_assert(lfnc::stateful_adapter<adapter>);

namespace {

// The adapter's list of residual_network(), by places in the network.
enum place : std::size_t { conv0, norm1, relu2, conv3, norm4, relu6, conv7, norm8, relu9, product };

constexpr std::size_t how_much = std::size_t{1} << 30;

bool same(const network& a, const network& b) {
  for (std::size_t k = 0; k < a.layers.size(); ++k) {
    const auto* one = std::get_if<batch_norm>(&a.layers[k].op);
    if (one == nullptr) continue;
    const auto& other = std::get<batch_norm>(b.layers[k].op);
    if (one->mean != other.mean || one->variance != other.variance) return false;
  }
  for (std::size_t k = 0; k < a.values.size(); ++k) {
    const auto& one = a.values[k].quantizer;
    const auto& other = b.values[k].quantizer;
    if (one.has_value() != other.has_value() || (one && one->alpha != other->alpha)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("layers are found in order") {
  const support::image_set images = random_images(1).images;
  network net = residual_network();
  const adapter at(net, images, how_much);
  std::string kinds;
  std::vector<std::string> names;
  for (const lfnc::layer_info& each : at.layers()) {
    kinds += "wna"[static_cast<std::size_t>(each.kind)];
    names.push_back(each.name);
    CHECK_FALSE(each.is_signed);
  }
  CHECK(kinds == "wnawnawnaw");
  CHECK(names[conv3] == "layer 3");
  CHECK(names[norm4] == "layer 4");
  CHECK(names[relu6] == net.values[7].name);
}

TEST_CASE("states stop where they are told to, and show what is there") {
  const support::image_set images = random_images(6).images;
  network net = residual_network();
  adapter at(net, images, how_much);
  engine whole(net);
  batch_state expected = whole.start(images.batch(1, 5));
  adapter::state state = at.start(1, 5);
  at.advance(state, norm4);
  CHECK(state.next_layer() == 4);
  whole.run(expected, 4);
  const auto view = at.values(state, norm4);
  CHECK(view.extents == std::array<lfnc::index_t, 3>{5, 8, 144});
  const blob seen = whole.read(expected, net.layers[4].inputs[0]);
  for (std::size_t i = 0; i < seen.values().size(); ++i) {
    CHECK_EQ(view.data[i], seen.values()[i]);
  }

  // A copy that goes on leaves the original where it is.
  adapter::state ahead = state;
  at.advance(ahead, relu6);
  CHECK(ahead.next_layer() == 7);
  CHECK(at.values(ahead, relu6).extents == std::array<lfnc::index_t, 3>{5, 8, 144});
  CHECK(state.next_layer() == 4);
  at.advance(ahead, product);
  CHECK(ahead.next_layer() == net.layers.size() - 1);
}

TEST_CASE("bytes are those of the values that are still to be read") {
  const support::image_set images = random_images(4).images;
  network net = residual_network();
  adapter at(net, images, how_much);
  constexpr std::size_t plane = 12 * 12 * sizeof(float);
  adapter::state state = at.start(0, 4);
  CHECK(at.bytes(state) == 4 * 3 * plane);
  at.advance(state, norm1);
  // Engines may fill channels up to what their vectors hold.
  CHECK(at.bytes(state) >= 4 * 8 * plane);
  CHECK(at.bytes(state) <= 4 * 16 * plane);
  const std::size_t narrow = at.bytes(state);
  at.advance(state, norm4);
  CHECK(at.bytes(state) == 2 * narrow);
  CHECK(at.overhead() > images.bytes());
}

TEST_CASE("the engine keeps less memory for later where there is less") {
  const support::image_set images = random_images(4).images;
  network net = residual_network();
  engine usual(net);
  CHECK(usual.spare_bytes() == std::size_t{256} << 20);
  adapter small(net, images, std::size_t{64} << 20);
  CHECK(small.running().spare_bytes() == std::size_t{8} << 20);
  adapter none(net, images, 0);
  CHECK(none.running().spare_bytes() == 0);
  const blob expected = usual.forward(images.batch(0, 4));
  for (int k = 0; k < 2; ++k) {
    const blob seen = none.running().forward(images.batch(0, 4));
    CHECK(std::ranges::equal(seen.values(), expected.values()));
  }
}

TEST_CASE("the result does not depend on the memory") {
  const support::image_set images = random_images(10).images;
  settings how = quick_settings(10);
  how.memory = std::numeric_limits<std::size_t>::max();
  const compression expected = compress_network(residual_network(), images, nullptr, how);
  network net = residual_network();
  constexpr std::size_t plane = 12 * 12 * sizeof(float);
  const std::size_t fixed = adapter(net, images, how_much).overhead();
  std::size_t fed = expected.report.cost.images;
  for (const std::size_t states : {10 * 32 * plane, 10 * 16 * plane, 10 * 8 * plane, plane}) {
    CAPTURE(states);
    // Besides states there are codes and a batch on its way; an eighth is for the engine.
    how.memory = (fixed - how_much / 8 + 8000 + 2 * 4 * 32 * plane + states) / 7 * 8;
    const compression made = compress_network(residual_network(), images, nullptr, how);
    CHECK(same(made.net, expected.net));
    CHECK(made.report.cost.state_bytes <= states + 2 * 4 * 32 * plane);
    CHECK(made.report.cost.images >= fed);
    fed = made.report.cost.images;
  }
  how.memory = 0;
  const compression made = compress_network(residual_network(), images, nullptr, how);
  CHECK(same(made.net, expected.net));
  CHECK(made.report.cost.state_bytes == 0);
  CHECK(made.report.cost.images > expected.report.cost.images);
}

TEST_CASE("values that are not finite are refused with the layer") {
  const support::image_set images = random_images(2).images;
  network net = residual_network();
  std::get<convolution>(net.layers[3].op).bias[5] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH_AS(compress_network(net, images, nullptr, quick_settings(2)),
                       doctest::Contains("layer 'layer 4'"), lfnc::layer_error);
}
