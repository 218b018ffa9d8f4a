// Runs in ranges of layers, batches in parts, changes between runs, and what a state holds.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#if defined(_OPENMP)
#include <omp.h>
#endif

#include "../../../examples/compress/engine/engine.hpp"
#include "builder.hpp"
#include "reference.hpp"

using namespace compress;
using namespace compress::test;

namespace {

struct residual_net {
  builder build{{3, 12, 12}};
  std::size_t trunk = 0, branch = 0;

  explicit residual_net(generator& random) {
    build.then(random_convolution(random, 3, 16, square(3, 1, 1), 1, false));  // 0
    build.then(random_batch_norm(random, 16, true, true));                     // 1
    trunk = build.then(relu{});                                                // 2
    build.then(random_convolution(random, 16, 16, square(3, 1, 1)));           // 3
    branch = build.then(random_batch_norm(random, 16, true, true));            // 4
    build.add(eltwise{}, {branch, trunk});                                     // 5
    build.then(leaky_relu{0.1F});                                              // 6
    build.then(identity{});                                                    // 7
    build.then(random_convolution(random, 16, 10, square(1)));                 // 8
    pool all;
    all.what = pool::kind::average;
    all.global = true;
    build.then(all);               // 9
    build.then(reshape{{0, -1}});  // 10
  }

  network& net() { return build.net; }
};

std::vector<float> copy(const blob& from) { return {from.values().begin(), from.values().end()}; }

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    worst = std::max(worst, static_cast<double>(std::abs(a[k] - b[k])));
  }
  return worst;
}

// Threads of what runs next; 0: as many as there are.
void use_threads([[maybe_unused]] int count) {
#if defined(_OPENMP)
  omp_set_num_threads(count > 0 ? count : omp_get_num_procs());
#endif
}

tensor images_of(const tensor& all, std::int64_t first, std::int64_t count) {
  const auto image = static_cast<std::ptrdiff_t>(all.values.size()) / all.dims[0];
  tensor part{all.dims, {}};
  part.dims[0] = count;
  part.values.assign(all.values.begin() + first * image,
                     all.values.begin() + (first + count) * image);
  return part;
}

}  // namespace

TEST_CASE("a run split anywhere, with values read between, gives the same bits") {
  generator random(1);
  residual_net example(random);
  const tensor images = random_tensor(random, {5, 3, 12, 12});
  engine run(example.net());
  const std::vector<float> whole = copy(run.forward(images));
  for (std::size_t stop = 0; stop <= example.net().layers.size(); ++stop) {
    CAPTURE(stop);
    batch_state state = run.start(images);
    run.run(state, stop);
    CHECK(state.next_layer() == stop);
    CHECK(state.images() == 5);
    std::vector<blob> kept;
    for (std::size_t v = 0; v < example.net().values.size(); ++v) {
      if (state.holds(v)) kept.push_back(run.read(state, v));
    }
    run.run(state);
    CHECK(copy(run.read(state, example.net().output)) == whole);
  }
}

TEST_CASE("values read between layers are those of the definition") {
  generator random(2);
  residual_net example(random);
  const tensor images = random_tensor(random, {2, 3, 12, 12});
  const std::vector<exact> expected = reference_values(example.net(), images);
  engine run(example.net());
  batch_state state = run.start(images);
  for (std::size_t k = 0; k <= example.net().layers.size(); ++k) {
    run.run(state, k);
    for (std::size_t v = 0; v < expected.size(); ++v) {
      if (!state.holds(v)) continue;
      const blob value = run.read(state, v);
      CHECK(value.dims == expected[v].dims);
      double worst = 0;
      for (std::size_t e = 0; e < expected[v].values.size(); ++e) {
        worst = std::max(worst,
                         std::abs(static_cast<double>(value.values()[e]) - expected[v].values[e]));
      }
      CHECK(worst < 1e-3);
    }
  }
}

TEST_CASE("a state holds what layers to come read, and the output") {
  generator random(3);
  residual_net example(random);
  engine run(example.net());
  batch_state state = run.start(random_tensor(random, {1, 3, 12, 12}));
  CHECK(state.holds(0));
  run.run(state, 4);
  CHECK_FALSE(state.holds(0));
  CHECK(state.holds(example.trunk));
  CHECK(state.holds(example.net().layers[4].inputs[0]));
  CHECK_FALSE(state.holds(example.branch));
  CHECK_FALSE(state.holds(1000));
  run.run(state, 6);
  CHECK_FALSE(state.holds(example.trunk));
  CHECK_FALSE(state.holds(example.branch));
  CHECK_THROWS_WITH_AS(run.read(state, example.trunk), doctest::Contains("before layer 6"),
                       std::invalid_argument);
  CHECK_THROWS_AS(run.run(state, 5), std::invalid_argument);
  CHECK_THROWS_AS(run.run(state, 12), std::invalid_argument);
}

TEST_CASE("an output that nobody reads is dropped, others of its layer are kept") {
  builder build({4, 2, 2});
  slice cut;
  cut.begin = {0, 1, 2};
  cut.end = {1, 2, 4};
  build.add(cut, {0}, 3);
  build.add(relu{}, {2});
  engine run(build.net);
  generator random(4);
  batch_state state = run.start(random_tensor(random, {2, 4, 2, 2}));
  run.run(state, 1);
  CHECK_FALSE(state.holds(1));
  CHECK(state.holds(2));
  CHECK_FALSE(state.holds(3));
  run.run(state);
  CHECK(state.holds(4));
}

TEST_CASE("chunks of a batch give the batch's results") {
  generator random(5);
  residual_net example(random);
  const tensor images = random_tensor(random, {11, 3, 12, 12});
  engine run(example.net());
  const std::vector<float> whole = copy(run.forward(images));
  for (const std::int64_t chunk : {1, 2, 4, 8}) {
    CAPTURE(chunk);
    std::vector<float> parts;
    for (std::int64_t first = 0; first < 11; first += chunk) {
      const std::int64_t count = std::min<std::int64_t>(chunk, 11 - first);
      const std::vector<float> part = copy(run.forward(images_of(images, first, count)));
      parts.insert(parts.end(), part.begin(), part.end());
    }
    CHECK(distance(parts, whole) < 1e-4);
  }
}

TEST_CASE("inner products give an image the same bits in every batch and on any threads") {
  generator random(15);
  builder build({700, 3, 3});
  build.then(random_inner_product(random, 6300, 150, true));
  build.then(relu{});
  build.then(random_inner_product(random, 150, 64, false));
  const tensor images = random_tensor(random, {50, 700, 3, 3});
  engine run(build.net);
  const std::vector<float> whole = copy(run.forward(images));
  for (const std::int64_t chunk : {1, 2, 5, 8, 13, 21, 25, 50}) {
    CAPTURE(chunk);
    use_threads(1 + static_cast<int>(chunk % 3));
    std::vector<float> parts;
    for (std::int64_t first = 0; first < 50; first += chunk) {
      const std::int64_t count = std::min<std::int64_t>(chunk, 50 - first);
      const std::vector<float> part = copy(run.forward(images_of(images, first, count)));
      parts.insert(parts.end(), part.begin(), part.end());
    }
    CHECK(parts == whole);
  }
  use_threads(0);
}

TEST_CASE("a copied state goes its own way") {
  generator random(6);
  residual_net example(random);
  const tensor images = random_tensor(random, {3, 3, 12, 12});
  engine run(example.net());
  const std::vector<float> whole = copy(run.forward(images));
  for (std::size_t stop = 0; stop < example.net().layers.size(); ++stop) {
    batch_state first = run.start(images);
    run.run(first, stop);
    batch_state second = first;
    run.run(first);
    run.run(second);
    CHECK(copy(run.read(first, example.net().output)) == whole);
    CHECK(copy(run.read(second, example.net().output)) == whole);
  }
}

TEST_CASE("what was read stays as it was") {
  builder build({2, 3, 3});
  build.then(relu{});
  build.then(leaky_relu{0.5F});
  engine run(build.net);
  generator random(7);
  const tensor images = random_tensor(random, {1, 2, 3, 3});
  batch_state state = run.start(images);
  const blob before = run.read(state, 0);
  run.run(state);
  CHECK(copy(before) == images.values);
}

TEST_CASE("changed parameters take effect with refresh, at the layer and from there on") {
  generator random(8);
  residual_net example(random);
  network& net = example.net();
  const tensor images = random_tensor(random, {4, 3, 12, 12});
  engine run(net);
  const std::vector<float> before = copy(run.forward(images));

  batch_state state = run.start(images);
  run.run(state, 4);
  auto& norm = std::get<batch_norm>(net.layers[4].op);
  for (float& m : norm.mean) m += 1;
  for (float& v : norm.variance) v *= 2;
  run.refresh(4);
  run.run(state);
  engine anew(net);
  const std::vector<float> after = copy(run.read(state, net.output));
  CHECK(after == copy(anew.forward(images)));
  CHECK(distance(after, before) > 1e-3);

  for (float& w : std::get<convolution>(net.layers[8].op).weight.values) w = -w;
  CHECK(copy(run.forward(images)) == after);  // the engine has copies of its own
  run.refresh(8);
  engine again(net);
  CHECK(copy(run.forward(images)) == copy(again.forward(images)));
  CHECK(copy(run.forward(images)) != after);
}

TEST_CASE("a quantizer acts where its value is produced, before any reader") {
  builder build({1, 1, 6});
  const std::size_t once = build.then(relu{});
  const std::size_t twice = build.then(identity{});
  build.add(eltwise{}, {once, twice});
  network& net = build.net;
  engine run(net);
  const tensor images{{1, 1, 1, 6}, {-1.0F, 0.2F, 0.25F, 0.3F, 0.75F, 100.0F}};
  CHECK(copy(run.forward(images)) == std::vector<float>{0, 0.4F, 0.5F, 0.6F, 1.5F, 200});

  net.values[once].quantizer = activation_quantizer{0.5F, 0, 7};
  CHECK(copy(run.forward(images)) == std::vector<float>{0, 0, 1, 1, 2, 7});

  // The identity shares memory with its input, which must keep its finer levels.
  net.values[twice].quantizer = activation_quantizer{2, -127, 127};
  CHECK(copy(run.forward(images)) == std::vector<float>{0, 0, 0.5F, 0.5F, 3, 7.5F});

  net.values[0].quantizer = activation_quantizer{1, 0, 1};
  net.values[once].quantizer.reset();
  net.values[twice].quantizer.reset();
  CHECK(copy(run.forward(images)) == std::vector<float>{0, 0, 0, 0, 2, 2});

  net.values[3].quantizer = activation_quantizer{0.75F, 0, 255};
  CHECK(copy(run.forward(images)) == std::vector<float>{0, 0, 0, 0, 2.25F, 2.25F});
}

TEST_CASE("quantized values equal the definition in every layout") {
  generator random(9);
  for (const std::int64_t channels : {16, 10}) {
    builder build({3, 8, 8});
    build.then(random_convolution(random, 3, channels, square(3, 1, 1)));
    const std::size_t value = build.then(leaky_relu{0.1F});
    build.then(random_convolution(random, channels, 4, square(3)));
    network& net = build.net;
    const tensor images = random_tensor(random, {2, 3, 8, 8});
    engine run(net);
    batch_state state = run.start(images);
    run.run(state, 2);
    std::vector<float> expected = copy(run.read(state, value));
    const activation_quantizer with{0.05F, -127, 127};
    for (float& x : expected) {
      x = with.alpha * std::clamp(std::floor(x / with.alpha + 0.5F), -127.0F, 127.0F);
    }
    net.values[value].quantizer = with;
    state = run.start(images);
    run.run(state, 2);
    CHECK(copy(run.read(state, value)) == expected);
    CHECK(run.forward(images).dims == shape{2, 4, 6, 6});
  }
}

TEST_CASE("two engines over equal layers can hand over a state") {
  generator random(10);
  residual_net example(random);
  const tensor images = random_tensor(random, {2, 3, 12, 12});
  const network other = example.net();
  engine first(example.net());
  engine second(other);
  batch_state state = first.start(images);
  first.run(state, 5);
  second.run(state);
  CHECK(copy(second.read(state, other.output)) == copy(first.forward(images)));
}
