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
  refused([](auto& c) { c.groups = 3; }, "3 groups do not divide 4 input and 8 output channels");
  refused([](auto& c) { c.groups = 0; }, "0 groups");
  refused([](auto& c) { c.groups = 2; }, "weight of shape (8, 4, 3, 3) with 2 groups");
  refused([](auto& c) { c.weight.dims = {8, 36}; }, "weight of shape (8, 36) where 4 axes");
  refused([](auto& c) { c.weight.values.pop_back(); }, "weight has 287 values where 288");
  refused([](auto& c) { c.area.kernel[1] = 2; }, "does not fit a kernel of 3 by 2");
  refused([](auto& c) { c.bias.pop_back(); }, "bias has 7 values where 8");
  refused([](auto& c) { c.area.stride[0] = 0; }, "stride 0 along the height");
  refused([](auto& c) { c.area.dilation[1] = 0; }, "dilation 0 along the width");
  refused([](auto& c) { c.area.pad_begin[0] = -1; }, "padding before -1 along the height");
  refused([](auto& c) { c.area.pad_end[0] = std::int64_t{1} << 40; },
          "padding after 1099511627776");
  refused([](auto& c) { c.area.dilation[0] = 5; }, "reaches over 11 positions");
  builder vectors({4});
  vectors.then(conv());
  check_refused(vectors.net, "input of shape (8191, 4) where 4 axes");
}

TEST_CASE("inner product") {
  generator random(1);
  check_refused(random_inner_product(random, 143, 5, true), "144 values an image");
  auto op = random_inner_product(random, 144, 5, true);
  op.bias.pop_back();
  check_refused(op, "bias has 4 values where 5");
}

TEST_CASE("batch norm and scale") {
  const auto refused = [](const std::function<void(batch_norm&)>& change, const char* reason) {
    check_refused(with<batch_norm>(norm(), change), reason);
  };
  refused([](auto& b) { b.mean.pop_back(); }, "mean has 3 values where 4");
  refused([](auto& b) { b.variance.push_back(1); }, "variance has 5 values where 4");
  refused([](auto& b) { b.gamma.pop_back(); }, "gamma has 3 values where 4");
  refused([](auto& b) { b.beta.pop_back(); }, "beta has 3 values where 4");
  refused([](auto& b) { b.variance[2] = -1; }, "variance -1.000000 of channel 2");
  refused([](auto& b) { b.mean[1] = std::numeric_limits<float>::quiet_NaN(); },
          "mean of channel 1");
  refused([](auto& b) { b.variance[3] = std::numeric_limits<float>::infinity(); }, "of channel 3");
  refused([](auto& b) { b.epsilon = -1; }, "epsilon");
  refused([](auto& b) { b.epsilon = 0, b.variance[0] = 0; }, "variance 0.000000 of channel 0");
  check_refused(scale{{1, 2, 3}, {}}, "weight has 3 values where 4");
  check_refused(scale{{1, 2, 3, 4}, {1}}, "bias has 1 values where 4");
}

TEST_CASE("the other operations") {
  check_refused(prelu{{1, 2}}, "slope has 2 values where 4");
  check_refused(prelu{}, "slope has 0 values where 4");
  check_refused(clip{1, 0}, "is empty");
  check_refused(concat{0}, "axis 0 of an input of shape (8191, 4, 6, 6) is the batch", 2);
  check_refused(concat{4}, "axis 4", 2);
  check_refused(softmax{-1}, "axis -1");
  check_refused(slice{1, {0}, {5}}, "output 0 is [0, 5) of an axis of extent 4");
  check_refused(slice{1, {2}, {2}}, "output 0 is [2, 2)");
  check_refused(slice{1, {-1}, {2}}, "output 0 is [-1, 2)");
  check_refused(slice{1, {0, 1}, {1}}, "end has 1 values where 2");
  check_refused(pad{{0, 0, -1, 0}, {0, 0, 0, 0}, 0}, "padding -1 of axis 2");
  check_refused(pad{{1, 0, 0, 0}, {0, 0, 0, 0}, 0}, "padding 1 of axis 0");
  check_refused(pad{{0, 0}, {0, 0}, 0}, "begin has 2 values where 4");
  check_refused(reshape{{0, 145}}, "shape (0, 145) does not fit");
  check_refused(reshape{{0, -1, -1}}, "shape (0, -1, -1) does not fit");
  check_refused(reshape{{1, -1}}, "loses the batch axis");
  check_refused(reshape{{0, 4, 6, 6, 0}}, "does not fit");
  check_refused(relu{}, "2 inputs where 1", 2);
  check_refused(relu{}, "no input", 0);
  check_refused(eltwise{eltwise::kind::sum, {1, 2, 3}}, "coefficients has 3 values where 2", 2);
  check_refused(eltwise{eltwise::kind::product, {1, 2}}, "for sums only", 2);
  check_refused(power{std::numeric_limits<float>::infinity(), 1, 0}, "finite");
  pool op;
  op.area = square(2, 2, 2);
  check_refused(op, "sees nothing but padding");
  op.area = square(7);
  check_refused(op, "does not fit into the padded height 6");
}

TEST_CASE("broadcasting") {
  builder build({4, 6, 6});
  pool all;
  all.global = true;
  const std::size_t small = build.then(all);
  build.add(eltwise{}, {0, small});
  check_refused(build.net, "layer 'layer 1': input 1 has shape (8191, 4, 1, 1)");
  check_refused(build.net, "broadcasting is not supported");
}

TEST_CASE("the order and the indices of layers") {
  generator random(1);
  builder build({4, 6, 6});
  build.then(relu{});
  build.then(relu{});
  const network good = build.net;
  network net = good;
  net.layers[0].inputs[0] = 2;
  check_refused(net, "layer 'layer 0': input 'value 2' is not computed yet");
  net = good;
  net.layers[0].inputs[0] = 99;
  check_refused(net, "layer 'layer 0': input is value 99 of 3");
  net = good;
  net.layers[1].outputs[0] = 99;
  check_refused(net, "layer 'layer 1': output is value 99 of 3");
  net = good;
  net.layers[1].outputs[0] = 1;
  check_refused(net, "layer 'layer 1': output 'value 1' is computed twice");
  net = good;
  net.layers[1].outputs.clear();
  check_refused(net, "layer 'layer 1': list of outputs has 0 values where 1");
  net = good;
  net.output = 7;
  check_refused(net, "the network's output is value 7 of 3");
  net = good;
  net.layers.pop_back();
  check_refused(net, "the network's output 'value 2' is not computed");
  net = good;
  net.input_dims = {4, 0, 6};
  check_refused(net, "a value of shape (8191, 4, 0, 6) is empty");
  net.input_dims = {std::int64_t{1} << 32, std::int64_t{1} << 32, 6};
  check_refused(net, "is too large");
  net = good;
  net.values[1].quantizer = activation_quantizer{0, 0, 255};
  check_refused(net, "value 'value 1': activation alpha 0.000000");
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
  CHECK_THROWS_WITH_AS(run.refresh(1), doctest::Contains("layer 'layer 1': the shape of output 0"),
                       std::invalid_argument);
  CHECK_THROWS_AS(run.refresh(2), std::invalid_argument);
}
