// What the engine refuses before any work, naming the layer and the reason.
#include <doctest/doctest.h>

#include <functional>
#include <limits>
#include <string>

#include "../../../examples/compress/engine/engine.hpp"
#include "builder.hpp"

using namespace compress;
using namespace compress::test;

namespace {

void check_refused(const network& net, const std::string& reason) {
  CAPTURE(reason);
  CHECK_THROWS_WITH_AS(engine{net}, doctest::Contains(reason.c_str()), std::invalid_argument);
}

// A network of relu, this operation, relu over (4, 6, 6) must be refused for "layer 1" and reason.
void check_refused(operation op, const std::string& reason, std::size_t inputs = 1) {
  builder build({4, 6, 6});
  const std::size_t first = build.then(relu{});
  build.add(std::move(op), std::vector<std::size_t>(inputs, first));
  check_refused(build.net, "layer 'layer 1': ");
  check_refused(build.net, reason);
}

convolution conv() {
  generator random(1);
  return random_convolution(random, 4, 8, square(3));
}

batch_norm norm() {
  generator random(1);
  return random_batch_norm(random, 4, true, true);
}

template <class Operation>
Operation with(Operation op, const std::function<void(Operation&)>& change) {
  change(op);
  return op;
}

}  // namespace

TEST_CASE("convolution") {
  const auto refused = [](const std::function<void(convolution&)>& change, const char* reason) {
    check_refused(with<convolution>(conv(), change), reason);
  };
  refused([](auto& c) { c.groups = 3; }, "in 3 groups does not fit its input (1, 4, 6, 6)");
  refused([](auto& c) { c.groups = 0; }, "groups must be positive");
  refused([](auto& c) { c.groups = 2; }, "weight (8, 4, 3, 3) in 2 groups does not fit");
  refused([](auto& c) { c.weight.dims = {8, 36}; }, "weight with 4 axes, not (8, 36)");
  refused([](auto& c) { c.weight.values.pop_back(); },
          "weight has 287 values where its shape has 288");
  refused([](auto& c) { c.area.kernel[1] = 2; }, "kernel is not that of its weight");
  refused([](auto& c) { c.bias.pop_back(); }, "bias has 7 values, but there are 8");
  refused([](auto& c) { c.area.stride[0] = 0; }, "stride and dilation must be positive");
  refused([](auto& c) { c.area.dilation[1] = 0; }, "stride and dilation must be positive");
  refused([](auto& c) { c.area.pad_begin[0] = -1; }, "padding must not be negative");
  refused([](auto& c) { c.area.pad_end[0] = std::int64_t{1} << 40; }, "padding");
  refused([](auto& c) { c.area.dilation[0] = 5; }, "window of 11 is larger than the padded extent");
  builder vectors({4});
  vectors.then(conv());
  check_refused(vectors.net, "needs an input with 4 axes, not (1, 4)");
}

TEST_CASE("inner product") {
  generator random(1);
  check_refused(random_inner_product(random, 143, 5, true),
                "weight (5, 143) does not fit its input (1, 4, 6, 6)");
  auto op = random_inner_product(random, 144, 5, true);
  op.bias.pop_back();
  check_refused(op, "bias has 4 values, but there are 5");
}

TEST_CASE("batch norm and scale") {
  const auto refused = [](const std::function<void(batch_norm&)>& change, const char* reason) {
    check_refused(with<batch_norm>(norm(), change), reason);
  };
  refused([](auto& b) { b.mean.pop_back(); }, "mean has 3 values, but there are 4");
  refused([](auto& b) { b.variance.push_back(1); }, "variance has 5 values, but there are 4");
  refused([](auto& b) { b.gamma.pop_back(); }, "gamma has 3 values, but there are 4");
  refused([](auto& b) { b.beta.pop_back(); }, "beta has 3 values, but there are 4");
  refused([](auto& b) { b.variance[2] = -1; }, "variance -1 of channel 2");
  refused([](auto& b) { b.mean[1] = std::numeric_limits<float>::quiet_NaN(); },
          "mean of channel 1");
  refused([](auto& b) { b.variance[3] = std::numeric_limits<float>::infinity(); }, "of channel 3");
  refused([](auto& b) { b.epsilon = -1; }, "epsilon");
  refused([](auto& b) { b.epsilon = 0, b.variance[0] = 0; }, "variance 0 of channel 0");
  check_refused(scale{{1, 2, 3}, {}}, "weight has 3 values, but there are 4");
  check_refused(scale{{1, 2, 3, 4}, {1}}, "bias has 1 values, but there are 4");
}

TEST_CASE("the other operations") {
  check_refused(prelu{{1, 2}}, "slope has 2 values, but there are 4");
  check_refused(prelu{}, "slope has 0 values, but there are 4");
  check_refused(clip{1, 0}, "is empty");
  check_refused(concat{0}, "axis 0 is not one of the axes after the batch", 2);
  check_refused(concat{4}, "axis 4", 2);
  check_refused(softmax{-1}, "axis -1");
  check_refused(slice{1, {0}, {5}}, "slice [0, 5) is not inside axis 1");
  check_refused(slice{1, {2}, {2}}, "slice [2, 2) is not inside axis 1");
  check_refused(slice{1, {-1}, {2}}, "slice [-1, 2) is not inside axis 1");
  check_refused(slice{1, {0, 1}, {1}}, "begin and an end for every output");
  check_refused(pad{{0, 0, -1, 0}, {0, 0, 0, 0}, 0}, "cannot pad axis 2 by -1");
  check_refused(pad{{1, 0, 0, 0}, {0, 0, 0, 0}, 0}, "cannot pad axis 0 by 1");
  check_refused(pad{{0, 0}, {0, 0}, 0}, "one padding for every axis");
  check_refused(reshape{{0, 145}}, "cannot reshape (1, 4, 6, 6) to (0, 145)");
  check_refused(reshape{{0, -1, -1}}, "two extents to infer");
  check_refused(reshape{{1, -1}}, "must keep the batch axis");
  check_refused(reshape{{0, 4, 6, 6, 0}}, "keeps an axis that its input does not have");
  check_refused(relu{}, "has 2 inputs", 2);
  check_refused(relu{}, "has 0 inputs", 0);
  check_refused(eltwise{eltwise::kind::sum, {1, 2, 3}},
                "coefficients need a sum with as many inputs", 2);
  check_refused(eltwise{eltwise::kind::product, {1, 2}},
                "coefficients need a sum with as many inputs", 2);
  check_refused(power{std::numeric_limits<float>::infinity(), 1, 0}, "finite");
  pool op;
  op.area = square(2, 2, 2);
  check_refused(op, "padding must be smaller than its window");
  op.area = square(2, 1, 1);  // taps at -1 and 6
  op.area.dilation[0] = op.area.dilation[1] = 7;
  check_refused(op, "window 0 along the height sees nothing but padding");
  op.area = square(7);
  check_refused(op, "window of 7 is larger than the padded extent");
}

TEST_CASE("values that are too large or have too many axes") {
  constexpr std::int64_t wide = std::int64_t{1} << 20;
  check_refused(pad{{0, 0, wide, wide}, {0, 0, 0, 0}, 0}, "over 2^30 numbers");
  builder axes({1, 1, 1, 1, 1, 6});
  axes.then(relu{});
  check_refused(axes.net, "layer 'layer 0': an input of 7 axes is not supported");
  builder norms({4, 1, 1, 1, 6});
  norms.then(norm());
  check_refused(norms.net, "layer 'layer 0': an input of 6 axes is not supported");
  builder large({1 << 16, 1 << 16});
  large.then(relu{});
  check_refused(large.net, "over 2^30 numbers");
}

TEST_CASE("broadcasting") {
  builder build({4, 6, 6});
  pool all;
  all.global = true;
  const std::size_t small = build.then(all);
  build.add(eltwise{}, {0, small});
  check_refused(build.net, "layer 'layer 1': its inputs differ: (1, 4, 6, 6) and (1, 4, 1, 1)");
}

TEST_CASE("the order and the indices of layers") {
  generator random(1);
  builder build({4, 6, 6});
  build.then(relu{});
  build.then(relu{});
  const network good = build.net;
  network net = good;
  net.layers[0].inputs[0] = 2;
  check_refused(net, "layer 'layer 0': reads value 2 before it is produced");
  net = good;
  net.layers[0].inputs[0] = 99;
  check_refused(net, "layer 'layer 0': reads value 99 before it is produced");
  net = good;
  net.layers[1].outputs[0] = 99;
  check_refused(net, "layer 'layer 1': produces value 99, which is not new");
  net = good;
  net.layers[1].outputs[0] = 1;
  check_refused(net, "layer 'layer 1': produces value 1, which is not new");
  net = good;
  net.layers[1].outputs.clear();
  check_refused(net, "layer 'layer 1': has 0 outputs");
  net = good;
  net.output = 7;
  check_refused(net, "the network has no output value");
  net = good;
  net.layers.pop_back();
  check_refused(net, "the network has no output value");
  net = good;
  net.input_dims = {4, 0, 6};
  check_refused(net, "a value of shape (1, 4, 0, 6)");
  net.input_dims = {std::int64_t{1} << 32, std::int64_t{1} << 32, 6};
  check_refused(net, "a value of shape (1, 4294967296, 4294967296, 6)");
  net = good;
  net.values[1].quantizer = activation_quantizer{0, 0, 255};
  check_refused(net, "value 'value 1': activation alpha 0");
  net.values[1].quantizer = activation_quantizer{1, 1, 255};
  check_refused(net, "activation range 1..255 does not hold 0");
}

TEST_CASE("batches that do not fit") {
  builder build({4, 6, 6});
  build.then(relu{});
  engine run(build.net);
  CHECK_THROWS_AS(run.start({{1, 4, 6}, std::vector<float>(144)}), std::invalid_argument);
  CHECK_THROWS_AS(run.start({{1, 4, 6, 5}, std::vector<float>(120)}), std::invalid_argument);
  CHECK_THROWS_AS(run.start({{1, 4, 6, 6}, std::vector<float>(143)}), std::invalid_argument);
  CHECK_THROWS_AS(run.start({{0, 4, 6, 6}, {}}), std::invalid_argument);
  CHECK_THROWS_AS(run.start({{}, {}}), std::invalid_argument);
}

TEST_CASE("refresh checks the layer again") {
  builder build({4, 6, 6});
  build.then(norm());
  build.then(conv());
  engine run(build.net);
  auto& changed = std::get<batch_norm>(build.net.layers[0].op);
  changed.variance[1] = -3;
  CHECK_THROWS_WITH_AS(run.refresh(0), doctest::Contains("layer 'layer 0': variance"),
                       std::invalid_argument);
  generator random(2);
  build.net.layers[1].op = random_convolution(random, 4, 7, square(3));
  CHECK_THROWS_WITH_AS(run.refresh(1),
                       doctest::Contains("layer 'layer 1': the shape of an output has changed"),
                       std::invalid_argument);
  CHECK_THROWS_AS(run.refresh(2), std::invalid_argument);
}
