#include <lfnc/compress.hpp>

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/check.hpp"
#include "support/small_adapter.hpp"

using lfnc::compress_options;
using lfnc::compress_progress;
using lfnc::compress_report;
using lfnc::compress_step;

namespace {

compress_options few(std::size_t batch = 3) {
  compress_options options;
  options.images = 10;
  options.activation_images = 7;
  options.activation_bits = 4;
  options.batch = batch;
  return options;
}

// What compress() made of a fresh network.
template <class Adapter>
struct outcome {
  Adapter adapter;
  compress_report report;

  explicit outcome(const compress_options& options) { report = lfnc::compress(adapter, options); }
};

// Without what depends on the memory.
std::string text(compress_report report) {
  report.cost = {};
  return lfnc::to_json(report);
}

template <class Run>
std::string message_of(Run run) {
  try {
    run();
  } catch (const std::exception& problem) {
    return problem.what();
  }
  return "nothing was thrown";
}

bool starts_with(const std::string& text, const std::string& part) {
  return text.rfind(part, 0) == 0;
}

}  // namespace

TEST_CASE("the whole method on a small network") {
  const small::stateful before;
  const outcome<small::stateful> after(few());
  const compress_report& report = after.report;
  REQUIRE(report.weights.size() == 4);
  CHECK(report.weights[0].layer == "conv1");
  CHECK(report.weights[0].codebook == "uniform-8");
  CHECK(report.weights[1].codebook == "uniform-4");
  CHECK(report.weights[3].codebook == "uniform-8");
  CHECK(report.renormalized == lfnc::renormalization::anchored);
  CHECK(report.images == 10);
  CHECK(report.activation_images == 7);
  REQUIRE(report.norms.size() == 3);
  CHECK(report.norms[2].layer == "norm3");
  CHECK(report.norms[2].mean_shift > 0);
  REQUIRE(report.activations.size() == 3);
  CHECK(report.activations[0].low == 0);
  CHECK(report.activations[0].high == 15);
  CHECK(report.activations[1].layer == "sum");
  CHECK(report.activations[1].low == -7);
  CHECK(report.activations[1].high == 7);
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(after.adapter.grids[k].alpha == report.activations[k].alpha);
    CHECK(after.adapter.norms[k].mean != before.norms[k].mean);
    CHECK(after.adapter.norms[k].gamma == before.norms[k].gamma);
  }
  const lfnc::weight_totals sums = lfnc::total(report);
  CHECK(sums.weights == 72 + 144 + 180 + 15);
  CHECK(sums.bytes_before == 4 * sums.weights);
  CHECK(sums.bytes_after < sums.bytes_before);
}

TEST_CASE("the same bits for every batch size, memory and kind of adapter") {
  for (const auto kind : {lfnc::renormalization::anchored, lfnc::renormalization::plain}) {
    compress_options options = few(10);
    options.renormalize = kind;
    const outcome<small::stateful> expected(options);
    for (const std::size_t batch : {1U, 3U, 4U, 10U, 100U}) {
      options.batch = batch;
      for (const std::size_t memory : {0U, 3000U, 6000U, 10000U, 20000U, 100000000U}) {
        CAPTURE(batch);
        CAPTURE(memory);
        options.memory = memory;
        const outcome<small::stateful> same(options);
        CHECK(same.adapter == expected.adapter);
        CHECK(text(same.report) == text(expected.report));
      }
      const outcome<small::passes> slow(options);
      CHECK(slow.adapter == expected.adapter);
      CHECK(text(slow.report) == text(expected.report));
    }
  }
}

TEST_CASE("the same bits for every number of threads") {
  small::stateful one;
  small::stateful four;
  const auto first = lfnc::compress(one, few(), lfnc::cpu_verbs{lfnc::cpu{1}});
  const auto second = lfnc::compress(four, few(), lfnc::cpu_verbs{lfnc::cpu{4}});
  CHECK(one == four);
  CHECK(text(first) == text(second));
}

TEST_CASE("the caller's own loop is run for every step, the writing of codes too") {
  int calls = 0;
  const lfnc::parallel_for loop = [](void* context, lfnc::index_t count,
                                     void (*body)(void*, lfnc::index_t, lfnc::index_t),
                                     void* argument) {
    ++*static_cast<int*>(context);
    body(argument, 0, count);
  };
  compress_options options = few();
  std::vector<int> calls_of;  // steps
  options.after = [&](compress_step) {
    calls_of.push_back(calls);
    calls = 0;
  };
  options.renormalize = lfnc::renormalization::plain;  // nothing is measured before the codes
  small::stateful looped;
  const auto report = lfnc::compress(looped, options, lfnc::cpu_verbs{lfnc::cpu{0, loop, &calls}});
  REQUIRE(calls_of.size() == 5);
  CHECK(calls_of[0] > 0);   // weights become codes,
  CHECK(calls_of[1] == 4);  // and are written, layer after layer
  CHECK(calls_of[2] > 0);
  CHECK(calls_of[3] > 0);
  small::stateful plain;
  options.after = nullptr;
  CHECK(text(lfnc::compress(plain, options)) == text(report));
  CHECK(plain == looped);
}

TEST_CASE("cpu_verbs quantize as quantize_weights does") {
  small::network net;
  const auto view = lfnc::channels(net.weights(small::conv2), 0);
  const lfnc::channel_view<const float> weights = view;
  const auto expected = lfnc::quantize_weights(view, lfnc::uniform(3));
  const auto made = lfnc::cpu_verbs{}.quantize_weights(weights, lfnc::uniform(3), {});
  CHECK(made.codes == expected.codes);
  REQUIRE(made.rows.size() == 4);
  CHECK(made.rows[3].alpha == expected.rows[3].alpha);
}

TEST_CASE("memory saves passes, and is kept to") {
  compress_options options = few(2);
  options.memory = 0;
  const outcome<small::stateful> without(options);
  options.memory = 1 << 20;
  const outcome<small::stateful> with(options);
  CHECK(without.report.cost.state_bytes == 0);
  CHECK(with.report.cost.state_bytes > 0);
  // The float network, sizes, three batch norms twice, activations; and each of them once.
  CHECK(without.report.cost.images == 10 + 2 * (2 + 3 * 10) + 7);
  CHECK(with.report.cost.images == 10 + 2 * (2 + 10) + 7);
  CHECK(with.adapter.starts == with.report.cost.images);
  CHECK(with.adapter.steps < without.adapter.steps);
  std::size_t steps = without.adapter.steps;
  for (std::size_t memory = 2000; memory < 16000; memory += 500) {
    options.memory = memory;
    const outcome<small::stateful> some(options);
    CHECK(some.report.cost.state_bytes <= memory);
    CHECK(some.adapter.steps <= steps);
    steps = some.adapter.steps;
  }
}

TEST_CASE("what the adapter holds itself is taken off the memory") {
  struct heavy : small::stateful {
    std::size_t overhead() const { return 1 << 20; }
  } adapter;
  compress_options options = few();
  options.memory = 1 << 20;
  CHECK(lfnc::compress(adapter, options).cost.state_bytes == 0);
}

TEST_CASE("the steps, in order, and what they leave") {
  small::stateful adapter;
  const small::stateful before;
  compress_options options = few();
  std::vector<compress_step> steps;
  options.after = [&](compress_step step) {
    steps.push_back(step);
    if (step == compress_step::none) CHECK(adapter == before);
    if (step == compress_step::weights) {
      CHECK(adapter.convolutions[3].weight != before.convolutions[3].weight);
      CHECK(adapter.norms[0].mean == before.norms[0].mean);
    }
    if (step == compress_step::batch_norm) CHECK(adapter.grids[0].alpha == 0);
  };
  lfnc::compress(adapter, options);
  CHECK(steps == std::vector{compress_step::none, compress_step::weights, compress_step::batch_norm,
                             compress_step::activations, compress_step::finished});
  steps.clear();
  options.after = [&](compress_step step) { steps.push_back(step); };
  options.renormalize = lfnc::renormalization::none;
  options.images = 0;  // not asked for
  options.quantize_activations = false;
  options.activation_images = 1000;
  small::stateful other;
  const compress_report report = lfnc::compress(other, options);
  CHECK(report.norms.empty());
  CHECK(report.activations.empty());
  CHECK(report.images == 0);
  CHECK(other.norms[0].mean == before.norms[0].mean);
  CHECK(steps == std::vector{compress_step::none, compress_step::weights, compress_step::finished});
}

TEST_CASE("cancelled anywhere, the adapter is as the last step left it") {
  // The states after each step, by its number.
  std::vector<small::stateful> left;
  std::size_t calls = 0;
  {
    small::stateful adapter;
    compress_options options = few();
    options.after = [&](compress_step) { left.push_back(adapter); };
    options.progress = [&](const compress_progress& now) {
      ++calls;
      CHECK(now.done <= now.total);
      return true;
    };
    lfnc::compress(adapter, options);
  }
  REQUIRE(left.size() == 5);
  REQUIRE(calls > 30);
  for (std::size_t last = 1; last <= calls; ++last) {
    CAPTURE(last);
    small::stateful adapter;
    compress_options options = few();
    std::size_t called = 0;
    options.progress = [&](const compress_progress&) { return ++called < last; };
    try {
      lfnc::compress(adapter, options);
      FAIL("nothing was thrown");
    } catch (const lfnc::cancelled& stopped) {
      CHECK(called == last);
      CHECK(adapter == left[static_cast<std::size_t>(stopped.done())]);
    }
  }
}

TEST_CASE("something that fails on the way leaves the adapter as the last step did") {
  struct fragile : small::stateful {
    void advance(state& at, std::size_t index) {
      if (fail_at > 0 && --fail_at == 0) throw std::runtime_error("out of luck");
      stateful::advance(at, index);
    }
    std::size_t fail_at = 0;
  };
  std::vector<fragile> left;
  fragile whole;
  compress_options options = few();
  options.after = [&](compress_step) { left.push_back(whole); };
  lfnc::compress(whole, options);
  for (std::size_t fail_at = 1;; fail_at += 3) {
    CAPTURE(fail_at);
    fragile adapter;
    adapter.fail_at = fail_at;
    compress_step done = compress_step::none;
    options.after = [&](compress_step step) { done = step; };
    const std::string message = message_of([&] { lfnc::compress(adapter, options); });
    if (adapter.fail_at > 0) break;
    CHECK(message == "out of luck");
    CHECK(adapter == left[static_cast<std::size_t>(done)]);
  }
}

TEST_CASE("the published method") {
  compress_options options = lfnc::published_options();
  options.images = 10;
  options.activation_images = 7;
  const outcome<small::stateful> made(options);
  CHECK(made.report.weights[0].codebook == "fixed-8");
  CHECK(made.report.weights[1].codebook == "published-power-of-two-4");
  CHECK(made.report.renormalized == lfnc::renormalization::plain);
  REQUIRE(made.report.activations.size() == 2);  // not the signed one
  CHECK(made.report.activations[1].layer == "relu3");
  CHECK(made.report.activations[1].high == 127);
  CHECK(made.adapter.grids[0].scaling == lfnc::scaling::division);
  CHECK(made.adapter.grids[1].alpha == 0);
}

TEST_CASE("what cannot be done is refused before anything is written") {
  small::stateful adapter;
  compress_options options = few();
  std::string expected;
  SUBCASE("options") {
    SUBCASE("batch") {
      options.batch = 0;
      expected = "lfnc: batch: batches of 0 images";
    }
    SUBCASE("bits") {
      options.activation_bits = 9;
      expected = "lfnc: activation_bits: 9 is not in 2..8";
    }
    SUBCASE("share") {
      options.calibration = {lfnc::calibration::percentile, 1.5};
      expected = "lfnc: calibration: its share 1.5";
    }
    SUBCASE("kind of re-normalization") {
      options.renormalize = static_cast<lfnc::renormalization>(7);
      expected = "lfnc: renormalize: is none of";
    }
    SUBCASE("no images") {
      options.images = 0;
      expected = "lfnc: images: 0 asked for where the adapter has 10";
    }
    SUBCASE("too few images") {
      options.activation_images = 11;
      expected = "lfnc: activation_images: 11 asked for where the adapter has 10";
    }
  }
  SUBCASE("an adapter without layers") {
    adapter.listed.clear();
    expected = "lfnc: layers: the adapter lists none with weights";
  }
  SUBCASE("a kind that is none") {
    adapter.listed[1].kind = static_cast<lfnc::layer_kind>(9);
    expected = "lfnc: layers: the kind of layer 'norm1'";
  }
  SUBCASE("NaN among the weights") {
    adapter.convolutions[2].weight[2 * 36 + 5] = std::numeric_limits<float>::quiet_NaN();
    expected = "lfnc: layer 'conv3': weights: element 5 of channel 2";
  }
  SUBCASE("no weights") {
    adapter.convolutions[1].out = 0;
    adapter.convolutions[1].weight.clear();
    expected = "lfnc: layer 'conv2': ";
  }
  SUBCASE("statistics of another size") {
    adapter.norms[1].variance.pop_back();
    expected = "lfnc: layer 'norm2': variance: holds 3 entries for 4 channels";
  }
  SUBCASE("a trained mean that is NaN") {
    adapter.norms[2].mean[1] = std::numeric_limits<float>::quiet_NaN();
    expected = "lfnc: layer 'norm3': mean: entry 1 is NaN or infinite";
  }
  SUBCASE("a trained variance below 0") {
    adapter.norms[0].variance[3] = -1;
    expected = "lfnc: layer 'norm1': variance: entry 3 is -1";
  }
  SUBCASE("epsilon below 0") {
    adapter.epsilon = -1;
    expected = "lfnc: layer 'norm1': epsilon: -1";
  }
  SUBCASE("an image that is not finite") {
    adapter.pixels[5 * 2 * small::plane] = std::numeric_limits<float>::infinity();
    expected = "lfnc: layer 'norm1': ";
  }
  const std::string message = message_of([&] { lfnc::compress(adapter, options); });
  CAPTURE(message);
  CHECK(starts_with(message, expected));
  CHECK(adapter.changes.empty());
}

TEST_CASE("values of the wrong shape are refused with the layer") {
  struct wrong : small::stateful {
    lfnc::tensor_view<const double, 3> values(const state& at, std::size_t index) const {
      auto view = stateful::values(at, index);
      if (index == small::norm2) view.extents[cut] -= 1;
      return view;
    }
    std::size_t cut = 0;
  } adapter;
  const std::string images = message_of([&] { lfnc::compress(adapter, few()); });
  CHECK(images == "lfnc: layer 'norm2': values: hold 2 images where 3 were fed");
  adapter.cut = 1;
  const std::string channels = message_of([&] { lfnc::compress(adapter, few()); });
  CHECK(starts_with(channels, "lfnc: layer 'norm2': moments: holds 4 entries for 3 channels"));
}

TEST_CASE("a network without batch norm, or without points") {
  small::stateful adapter;
  std::erase_if(adapter.listed,
                [](const lfnc::layer_info& at) { return at.kind == lfnc::layer_kind::batch_norm; });
  // The list's indices are not the network's now, so that no image can be fed.
  compress_options options = few();
  options.quantize_activations = false;
  const compress_report report = lfnc::compress(adapter, options);
  CHECK(report.weights.size() == 4);
  CHECK(report.norms.empty());
  CHECK(report.renormalized == lfnc::renormalization::none);
}
