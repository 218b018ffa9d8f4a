#include <lfnc/compress/chain.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <lfnc/compress.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/check.hpp"
#include "support/random.hpp"
#include "support/small_job.hpp"

namespace {

constexpr std::size_t plane = 6;
constexpr std::size_t image_count = 10;

// Images x channels x plane.
struct tensor {
  std::size_t images = 0;
  std::size_t channels = 0;
  std::vector<float> values;
};

struct norm {
  std::vector<float> mean, variance;
};

// What both adapters run on: layers of the engine, and the network's parameters.
//
//   0 conv1  1 norm1  2 relu1  3 conv2  4 norm2  5 sum (norm2 + relu1)  6 cat (sum, relu1)
//   7 conv3  8 norm3  9 relu3  10 scores
struct network {
  std::array<std::vector<float>, 4> weights;  // conv1 2 -> 3, conv2 3 -> 3, conv3 6 -> 4, scores
  std::array<norm, 3> norms;
  std::vector<float> pixels;

  static constexpr std::array<std::size_t, 4> ins{2, 3, 6, 4};
  static constexpr std::array<std::size_t, 4> outs{3, 3, 4, 5};

  network() {
    generator random(5);
    for (std::size_t k = 0; k < 4; ++k) {
      weights[k].resize(ins[k] * outs[k]);
      for (float& w : weights[k]) w = static_cast<float>(random.gaussian());
      if (k == 3) break;
      for (std::size_t c = 0; c < outs[k]; ++c) {
        norms[k].mean.push_back(static_cast<float>(0.2 * random.gaussian()));
        norms[k].variance.push_back(static_cast<float>(0.5 + random.uniform()));
      }
    }
    pixels.resize(image_count * 2 * plane);
    for (float& x : pixels) x = static_cast<float>(random.gaussian());
  }

  tensor load(std::size_t first, std::size_t count) const {
    const float* from = pixels.data() + first * 2 * plane;
    return {count, 2, {from, from + count * 2 * plane}};
  }
  tensor convolve(std::size_t k, const tensor& in) const {
    tensor out{in.images, outs[k], std::vector<float>(in.images * outs[k] * plane)};
    for (std::size_t n = 0; n < in.images; ++n) {
      for (std::size_t o = 0; o < outs[k]; ++o) {
        for (std::size_t i = 0; i < ins[k]; ++i) {
          for (std::size_t p = 0; p < plane; ++p) {
            out.values[(n * outs[k] + o) * plane + p] +=
                weights[k][o * ins[k] + i] * in.values[(n * ins[k] + i) * plane + p];
          }
        }
      }
    }
    return out;
  }
  void normalize(std::size_t k, tensor& at) const {
    for (std::size_t i = 0; i < at.values.size(); ++i) {
      const std::size_t c = i / plane % at.channels;
      at.values[i] = (at.values[i] - norms[k].mean[c]) / std::sqrt(norms[k].variance[c] + 1e-5F);
    }
  }
  static void rectify(tensor& at) {
    for (float& x : at.values) x = std::max(x, 0.0F);
  }
  static void add(tensor& to, const tensor& other) {
    for (std::size_t i = 0; i < to.values.size(); ++i) to.values[i] += other.values[i];
  }
  static tensor concatenate(const tensor& a, const tensor& b) {
    tensor out{a.images, a.channels + b.channels, {}};
    for (std::size_t n = 0; n < a.images; ++n) {
      for (const tensor* from : {&a, &b}) {
        const auto begin =
            from->values.begin() + static_cast<std::ptrdiff_t>(n * from->channels * plane);
        out.values.insert(out.values.end(), begin,
                          begin + static_cast<std::ptrdiff_t>(from->channels * plane));
      }
    }
    return out;
  }

  friend bool operator==(const network& a, const network& b) {
    for (std::size_t k = 0; k < 3; ++k) {
      if (a.norms[k].mean != b.norms[k].mean || a.norms[k].variance != b.norms[k].variance) {
        return false;
      }
    }
    return a.weights == b.weights;
  }
};

// The network for a chain.
struct glue {
  using value = tensor;
  network net = {};
  std::vector<std::size_t> changes = {};
  std::vector<std::size_t> coded = {};
  std::vector<std::size_t> runs = {};
  std::size_t moved = 0;  // inputs that could be changed in place

  std::size_t images() const { return image_count; }
  tensor load(std::size_t first, std::size_t count) { return net.load(first, count); }
  tensor run(std::size_t layer, std::span<lfnc::chain_input<tensor>> in) {
    runs.push_back(layer);
    for (const auto& each : in) moved += each.last() ? 1 : 0;
    switch (layer) {
      case 0:
      case 3:
        return net.convolve(layer / 3, *in[0]);
      case 7:
        return net.convolve(2, *in[0]);
      case 10:
        return net.convolve(3, *in[0]);
      case 6:
        return network::concatenate(*in[0], *in[1]);
      default:
        break;
    }
    tensor at = in[0].take();
    if (layer == 1) net.normalize(0, at);
    if (layer == 4) net.normalize(1, at);
    if (layer == 8) net.normalize(2, at);
    if (layer == 5) network::add(at, *in[1]);
    if (layer == 2 || layer == 9) network::rectify(at);
    return at;
  }
  lfnc::tensor_view<float, 3> view(tensor& at) {
    return lfnc::as_view(at.values, {at.images, at.channels, plane});
  }
  void changed(std::size_t layer) { changes.push_back(layer); }
  void set_codes(std::size_t layer, const lfnc::layer_codes& codes) {
    if (!codes.codes.empty()) coded.push_back(layer);
  }
  std::size_t overhead() const { return 77; }

  std::vector<lfnc::chain_layer<>> layers() {
    const auto weights = [this](std::size_t k) {
      return lfnc::as_view(net.weights[k], {network::outs[k], network::ins[k]});
    };
    const auto norm = [this](std::size_t k) {
      return lfnc::norm_statistics<float>{net.norms[k].mean, net.norms[k].variance, 1e-5};
    };
    return {{.name = "conv1", .inputs = {lfnc::chain_images}, .weights = weights(0)},
            {.name = "norm1", .inputs = {0}, .norm = norm(0)},
            {.name = "relu1", .inputs = {1}, .is_point = true},
            {.name = "conv2", .inputs = {2}, .weights = weights(1)},
            {.name = "norm2", .inputs = {3}, .norm = norm(1)},
            {.name = "sum", .inputs = {4, 2}, .is_point = true, .is_signed = true},
            {.name = "cat", .inputs = {5, 2}},
            {.name = "conv3", .inputs = {6}, .weights = weights(2)},
            {.name = "norm3", .inputs = {7}, .norm = norm(2)},
            {.name = "relu3", .inputs = {8}, .is_point = true},
            {.name = "scores", .inputs = {9}, .weights = weights(3)}};
  }
};

// The same by hand: the list without `cat`, which is run with what comes before it.
struct by_hand {
  network net = {};
  std::array<lfnc::activation_grid, 3> grids = {};

  std::vector<lfnc::layer_info> layers() const {
    using lfnc::layer_kind;
    return {{layer_kind::weights, "conv1", false},    {layer_kind::batch_norm, "norm1", false},
            {layer_kind::activation, "relu1", false}, {layer_kind::weights, "conv2", false},
            {layer_kind::batch_norm, "norm2", false}, {layer_kind::activation, "sum", true},
            {layer_kind::weights, "conv3", false},    {layer_kind::batch_norm, "norm3", false},
            {layer_kind::activation, "relu3", false}, {layer_kind::weights, "scores", false}};
  }
  lfnc::tensor_view<float, 2> weights(std::size_t index) {
    const std::size_t k = index / 3;
    return lfnc::as_view(net.weights[k], {network::outs[k], network::ins[k]});
  }
  lfnc::norm_statistics<float> statistics(std::size_t index) {
    return {net.norms[index / 3].mean, net.norms[index / 3].variance, 1e-5};
  }
  void changed(std::size_t) {}
  void set_quantizer(std::size_t index, const lfnc::activation_grid& grid) {
    grids[index / 3] = grid;
  }
  std::size_t images() const { return image_count; }

  struct state {
    tensor values;
    tensor relu1;
    std::size_t next = 0;
  };
  state start(std::size_t first, std::size_t count) { return {net.load(first, count), {}, 0}; }
  void advance(state& at, std::size_t index) {
    const std::size_t end = index % 3 == 2 ? index + 1 : index;
    for (; at.next < end; ++at.next) {
      const std::size_t k = at.next / 3;
      if (at.next % 3 == 0) {
        if (k == 2) at.values = network::concatenate(at.values, at.relu1);
        at.values = net.convolve(k, at.values);
      } else if (at.next % 3 == 1) {
        net.normalize(k, at.values);
      } else {
        if (k == 1) {
          network::add(at.values, at.relu1);
        } else {
          network::rectify(at.values);
        }
        round(at.values, grids[k]);
        if (k == 0) at.relu1 = at.values;
      }
    }
  }
  lfnc::tensor_view<const float, 3> values(const state& at, std::size_t) const {
    return lfnc::as_view(at.values.values, {at.values.images, at.values.channels, plane});
  }
  std::size_t bytes(const state& at) const {
    return (at.values.values.size() + at.relu1.values.size()) * sizeof(float);
  }

  static void round(tensor& at, const lfnc::activation_grid& grid) {
    if (grid.alpha == 0) return;
    const auto alpha = static_cast<float>(grid.alpha);
    const float inverse = 1 / alpha;
    for (float& x : at.values) {
      x = alpha * std::clamp(std::floor(x * inverse + 0.5F), static_cast<float>(grid.low),
                             static_cast<float>(grid.high));
    }
  }
};

lfnc::compress_options how(std::size_t batch, std::size_t memory) {
  lfnc::compress_options options;
  options.images = options.activation_images = image_count;
  options.batch = batch;
  options.memory = memory;
  return options;
}

// What a list is refused for, and by the name of which layer.
std::string refusal(const std::vector<lfnc::chain_layer<>>& layers) {
  glue inside;
  try {
    lfnc::chain at(inside, layers);
  } catch (const lfnc::error& problem) {
    return problem.what();
  }
  return "";
}

// What advance() throws where run() of layer `place` returns something else.
template <class Broken>
std::string fault(Broken& inside, std::size_t index) {
  lfnc::chain at(inside, inside.layers());
  try {
    auto state = at.start(0, 2);
    at.advance(state, index);
  } catch (const lfnc::layer_error& problem) {
    return problem.what();
  }
  return "";
}

template <class A>
concept takes_codes = requires(A& adapter) { adapter.set_codes(0, lfnc::layer_codes{}); };

}  // namespace

TEST_CASE("a chain is an adapter, with an entry for what the method has to do with") {
  CHECK(lfnc::stateful_adapter<lfnc::chain<glue>>);
  glue inside;
  lfnc::chain at(inside, inside.layers());
  const auto listed = at.layers();
  const auto expected = by_hand{}.layers();
  REQUIRE(listed.size() == expected.size());
  for (std::size_t k = 0; k < listed.size(); ++k) {
    CHECK(listed[k].kind == expected[k].kind);
    CHECK(listed[k].name == expected[k].name);
    CHECK(listed[k].is_signed == expected[k].is_signed);
  }
  CHECK(at.images() == image_count);
  CHECK(at.overhead() == 77);
  CHECK(at.weights(6).data == inside.net.weights[2].data());
  CHECK(at.statistics(7).mean.data() == inside.net.norms[2].mean.data());
}

TEST_CASE("a residual sum and a concatenation: the bits of an adapter written by hand") {
  for (const std::size_t batch : {1U, 3U, 10U}) {
    for (const std::size_t memory : {std::size_t{0}, std::size_t{3000}, std::size_t{1} << 30}) {
      CAPTURE(batch);
      CAPTURE(memory);
      by_hand expected;
      const auto report = lfnc::compress(expected, how(batch, memory), small::plain_verbs{});
      glue inside;
      lfnc::chain at(inside, inside.layers());
      const auto same = lfnc::compress(at, how(batch, memory), small::plain_verbs{});
      CHECK(inside.net == expected.net);
      REQUIRE(same.activations.size() == 3);
      for (std::size_t k = 0; k < 3; ++k) {
        CHECK(same.activations[k].alpha == report.activations[k].alpha);
        CHECK(same.activations[k].saturated == report.activations[k].saturated);
        CHECK(same.norms[k].mean_shift == report.norms[k].mean_shift);
      }
      CHECK(inside.coded == std::vector<std::size_t>{0, 3, 7, 10});
      REQUIRE(inside.changes.size() >= 7);
      CHECK(std::vector(inside.changes.begin(), inside.changes.begin() + 5) ==
            std::vector<std::size_t>{0, 3, 7, 10, 1});
      // The quantized network's scores.
      auto state = at.start(0, image_count);
      auto other = expected.start(0, image_count);
      expected.advance(other, 9);
      CHECK(at.output(state, 10).values == expected.net.convolve(3, other.values).values);
    }
  }
}

TEST_CASE("a value goes when its last reader has run") {
  glue inside;
  lfnc::chain at(inside, inside.layers());
  auto state = at.start(0, 2);
  const auto floats = [&] { return at.bytes(state) / sizeof(float) / plane / 2; };
  CHECK(floats() == 2);  // the images
  at.advance(state, 1);
  CHECK(floats() == 3);  // conv1
  at.advance(state, 3);
  CHECK(floats() == 3);  // relu1
  at.advance(state, 5);
  CHECK(floats() == 3 + 3);  // the sum beside relu1
  at.advance(state, 6);
  CHECK(floats() == 6);  // the concatenation
  CHECK(at.output(state, 10).channels == 5);
  CHECK(floats() == 5);
  CHECK_REFUSED(at.output(state, 2), "layer: all that read 'relu1' have run");
  CHECK_REFUSED(at.output(state, 11), "layer: there is none of that number");
  CHECK_REFUSED(at.values(state, 1), "index: the state is not at 'norm1'");
  // All 13 but the images, and relu1 where conv2 and the sum read it.
  CHECK(inside.moved == 13 - 1 - 2);
}

TEST_CASE("copies of a state are independent, though layers work in place") {
  glue inside;
  lfnc::chain at(inside, inside.layers());
  auto state = at.start(3, 4);
  at.advance(state, 1);
  const auto copy = state;
  const tensor before = at.output(state, 0);
  auto first = state;
  const tensor scores = at.output(first, 10);
  CHECK(at.output(state, 0).values == before.values);
  auto second = copy;
  CHECK(at.output(second, 10).values == scores.values);
}

TEST_CASE("in place only where nobody else reads") {
  struct shared {
    int* at;
    shared clone() const { return {new int(*at)}; }
  };
  int number = 1;
  shared handle{&number};
  CHECK(lfnc::chain_input<shared>(handle, true).take().at == &number);
  const shared copy = lfnc::chain_input<shared>(handle, false).take();
  CHECK(copy.at != &number);
  CHECK(*copy.at == 1);
  delete copy.at;

  // A layer that reads one value twice, and the images, which may be the engine's own.
  struct twice : glue {
    tensor run(std::size_t layer, std::span<lfnc::chain_input<tensor>> in) {
      for (const auto& each : in) moved += each.last() ? 1 : 0;
      tensor out = in[0].take();
      if (layer == 1) network::add(out, *in[1]);
      return out;
    }
  } inside;
  lfnc::chain at(inside,
                 std::vector<lfnc::chain_layer<>>{{.name = "same", .inputs = {lfnc::chain_images}},
                                                  {.name = "doubled", .inputs = {0, 0}}});
  auto state = at.start(0, 1);
  CHECK(at.output(state, 1).values[3] == 2 * inside.net.pixels[3]);
  CHECK(inside.moved == 0);
}

TEST_CASE("an engine may quantize and count for itself") {
  struct own : glue {
    std::vector<std::size_t> set = {};
    void set_quantizer(std::size_t layer, const lfnc::activation_grid&) { set.push_back(layer); }
    lfnc::tensor_view<const float, 3> view(tensor& at) { return glue::view(at); }
    std::size_t bytes(const tensor& at) const { return 100 * at.images; }
  } inside;
  lfnc::chain at(inside, inside.layers());
  at.set_quantizer(2, {0.5, 0, 15});
  at.set_quantizer(8, {0.5, 0, 15});
  CHECK(inside.set == std::vector<std::size_t>{2, 9});
  auto state = at.start(0, 2);
  CHECK(at.bytes(state) == 200);
  at.advance(state, 5);
  CHECK(at.bytes(state) == 400);
}

TEST_CASE("an engine need not take codes, nor hear of changes") {
  struct plain {
    using value = tensor;
    network net = {};
    std::size_t images() const { return image_count; }
    tensor load(std::size_t first, std::size_t count) { return net.load(first, count); }
    tensor run(std::size_t, std::span<lfnc::chain_input<tensor>> in) {
      return net.convolve(0, *in[0]);
    }
    lfnc::tensor_view<float, 3> view(tensor& at) {
      return lfnc::as_view(at.values, {at.images, at.channels, plane});
    }
  } inside;
  lfnc::chain at(inside, std::vector<lfnc::chain_layer<>>{
                             {.name = "conv",
                              .inputs = {lfnc::chain_images},
                              .weights = lfnc::as_view(inside.net.weights[0], {3, 2})}});
  CHECK(lfnc::stateful_adapter<decltype(at)>);
  CHECK(takes_codes<lfnc::chain<glue>>);
  CHECK_FALSE(takes_codes<decltype(at)>);
  at.changed(0);
  CHECK(at.overhead() == 0);
}

TEST_CASE("a list that cannot be run is refused by the name of the layer") {
  constexpr std::size_t images = lfnc::chain_images;
  CHECK(refusal({}) == "lfnc: layers: there are none");
  CHECK(refusal({{.name = "a", .inputs = {images}}}) == "");
  CHECK(refusal({{.name = "a", .inputs = {1}}, {.name = "b", .inputs = {images}}}) ==
        "lfnc: layer 'a': reads layer 'b', which comes later than it");
  CHECK(refusal({{.name = "a", .inputs = {images}}, {.name = "b", .inputs = {1}}}) ==
        "lfnc: layer 'b': reads layer 'b', which reads it, itself or by others: a cycle");
  CHECK(refusal({{.name = "a", .inputs = {2}},
                 {.name = "b", .inputs = {0}},
                 {.name = "c", .inputs = {images, 1}}}) ==
        "lfnc: layer 'a': reads layer 'c', which reads it, itself or by others: a cycle");
  CHECK(refusal({{.name = "a", .inputs = {7}}}) == "lfnc: layer 'a': reads layer 7 of 1");

  std::vector<float> numbers(4);
  const auto weights = lfnc::as_view(numbers, {2, 2});
  const lfnc::norm_statistics<float> norm{numbers, numbers};
  CHECK(refusal({{.name = "a", .inputs = {images}, .weights = weights, .norm = norm}}) ==
        "lfnc: layer 'a': has weights and statistics; list it as two layers");
  CHECK(refusal({{.name = "a", .inputs = {images, images}, .norm = norm}}) ==
        "lfnc: layer 'a': is a batch norm that reads 2 values");
}

TEST_CASE("an output of the wrong shape is refused by the name of its layer") {
  // As of an engine without a batch dimension.
  struct single : glue {
    lfnc::tensor_view<float, 3> view(tensor& at) {
      return lfnc::as_view(at.values.data(), {std::size_t{1}, at.channels, plane});
    }
  } one;
  CHECK(fault(one, 1) ==
        "lfnc: layer 'conv1': output: holds 1 images where 2 were fed; without a batch dimension, "
        "options.batch is 1");
  struct narrow : glue {
    tensor run(std::size_t layer, std::span<lfnc::chain_input<tensor>> in) {
      tensor made = glue::run(layer, in);
      if (layer == 3) made = {made.images, 2, std::vector<float>(made.images * 2 * plane)};
      return made;
    }
  } few;
  CHECK(fault(few, 1) == "");
  CHECK(fault(few, 4) ==
        "lfnc: layer 'conv2': output: has 2 channels where batch norm 'norm2', which reads it, has "
        "3");
  struct empty : glue {
    lfnc::tensor_view<float, 3> view(tensor&) { return {nullptr, {2, 3, 6}, {18, 6, 1}}; }
  } nothing;
  CHECK(fault(nothing, 1) == "lfnc: layer 'conv1': output: null data");
}

TEST_CASE("what run() throws gets the name of the layer") {
  struct failing : glue {
    int kind = 0;
    tensor run(std::size_t layer, std::span<lfnc::chain_input<tensor>> in) {
      if (layer == 3 && kind == 0) throw std::runtime_error("no kernel");
      if (layer == 3 && kind == 1) throw lfnc::argument_error("weights", "bad");
      if (layer == 3 && kind == 2) throw std::bad_alloc();
      return glue::run(layer, in);
    }
  } inside;
  CHECK(fault(inside, 3) == "");
  CHECK(fault(inside, 4) == "lfnc: layer 'conv2': no kernel");
  lfnc::chain at(inside, inside.layers());
  auto state = at.start(0, 1);
  try {
    at.advance(state, 4);
  } catch (const lfnc::layer_error& problem) {
    CHECK(problem.layer() == "conv2");
    CHECK_THROWS_WITH_AS(std::rethrow_if_nested(problem), "no kernel", std::runtime_error);
  }
  inside.kind = 1;
  CHECK(fault(inside, 4) == "lfnc: layer 'conv2': weights: bad");
  inside.kind = 2;
  state = at.start(0, 1);
  CHECK_THROWS_AS(at.advance(state, 4), std::bad_alloc);
}
