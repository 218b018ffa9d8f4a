// Every operation against its definition, on row-major inputs and on those that a convolution left
// in a layout of its own, with channel counts that do and do not fill its blocks.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "../../../examples/compress/engine/engine.hpp"
#include "builder.hpp"
#include "reference.hpp"

using namespace compress;
using namespace compress::test;

namespace {

// Float rounding of sums of some hundred terms, relative to the largest value.
constexpr double tolerance = 1e-5;

void check_against_reference(const network& net, generator& random, std::int64_t images = 3) {
  shape dims = {images};
  dims.insert(dims.end(), net.input_dims.begin(), net.input_dims.end());
  const tensor input = random_tensor(random, dims);
  const exact expected = reference_values(net, input)[net.output];
  engine run(net);
  const blob actual = run.forward(input);
  REQUIRE(actual.dims == expected.dims);
  double greatest = 1;
  double worst = 0;
  for (std::size_t k = 0; k < expected.values.size(); ++k) {
    const auto got = static_cast<double>(actual.values()[k]);
    greatest = std::max(greatest, std::abs(expected.values[k]));
    if (std::isnan(got)) worst = got;
    worst = std::max(std::abs(got - expected.values[k]), worst);
  }
  CHECK(worst <= tolerance * greatest);
}

// The operation for so many input channels, on images of 9 by 7.
using maker = std::function<operation(generator& random, std::int64_t channels)>;

void check_everywhere(const maker& make) {
  generator random(7);
  for (const std::int64_t channels : {1, 3, 10, 16, 24, 32}) {
    CAPTURE(channels);
    builder plain({channels, 9, 7});
    plain.then(make(random, channels));
    check_against_reference(plain.net, random);

    builder blocked({4, 9, 7});
    blocked.then(random_convolution(random, 4, channels, square(3, 1, 1)));
    blocked.then(make(random, channels));
    check_against_reference(blocked.net, random);
  }
}

window random_window(generator& random, std::int64_t height, std::int64_t width, bool pads) {
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  window area;
  const std::int64_t extent[2] = {height, width};
  for (int axis = 0; axis < 2; ++axis) {
    area.kernel[axis] = pick(1, 4);
    area.stride[axis] = pick(1, 3);
    area.dilation[axis] = pick(1, 2);
    const std::int64_t reach = (area.kernel[axis] - 1) * area.dilation[axis] + 1;
    if (pads) {
      area.pad_begin[axis] = pick(0, reach - 1);
      area.pad_end[axis] = pick(0, reach - 1);
    }
    const std::int64_t missing = reach - (extent[axis] + area.pad_begin[axis] + area.pad_end[axis]);
    if (missing > 0) area.pad_end[axis] += missing;
  }
  return area;
}

}  // namespace

TEST_CASE("convolution: random windows, groups, strides, dilations and asymmetric padding") {
  generator random(1);
  for (int trial = 0; trial < 60; ++trial) {
    CAPTURE(trial);
    const std::int64_t groups = std::uniform_int_distribution<std::int64_t>(1, 4)(random);
    const std::int64_t in = groups * std::uniform_int_distribution<std::int64_t>(1, 9)(random);
    const std::int64_t out = groups * std::uniform_int_distribution<std::int64_t>(1, 9)(random);
    const window area = random_window(random, 8, 11, true);
    builder build({in, 8, 11});
    build.then(random_convolution(random, in, out, area, groups, trial % 2 == 0));
    check_against_reference(build.net, random);
  }
}

TEST_CASE("convolution: full blocks of channels, after another convolution") {
  generator random(2);
  for (const std::int64_t groups : {1, 2, 32}) {
    CAPTURE(groups);
    builder build({3, 12, 12});
    build.then(random_convolution(random, 3, 32, square(3, 1, 1)));
    build.then(random_convolution(random, 32, 32, square(3, 2, 1), groups));
    build.then(random_convolution(random, 32, 20, square(1), 1, false));
    check_against_reference(build.net, random);
  }
}

TEST_CASE("convolution: depthwise with a multiplier") {
  generator random(3);
  builder build({6, 10, 9});
  window area = square(3, 1, 0);
  area.pad_begin[0] = 2;
  area.pad_end[1] = 1;
  build.then(random_convolution(random, 6, 18, area, 6));
  check_against_reference(build.net, random);
}

TEST_CASE("inner product") {
  check_everywhere([](generator& random, std::int64_t channels) {
    return random_inner_product(random, channels * 9 * 7, 11, channels % 2 == 0);
  });
  generator random(4);
  builder vectors({17});
  vectors.then(random_inner_product(random, 17, 5, true));
  check_against_reference(vectors.net, random);
  builder planes({4, 5});
  planes.then(random_inner_product(random, 20, 5, false));
  check_against_reference(planes.net, random);
}

TEST_CASE("batch norm with and without gamma and beta") {
  for (const bool gamma : {false, true}) {
    for (const bool beta : {false, true}) {
      CAPTURE(gamma);
      CAPTURE(beta);
      check_everywhere([=](generator& random, std::int64_t channels) {
        return random_batch_norm(random, channels, gamma, beta);
      });
    }
  }
}

TEST_CASE("batch norm, scale and prelu of other ranks") {
  generator random(5);
  for (const shape& dims : {shape{19}, shape{6, 5}, shape{4, 3, 2, 5}}) {
    CAPTURE(dims.size());
    builder build(dims);
    build.then(random_batch_norm(random, dims[0], true, true));
    build.then(prelu{random_values(random, dims[0])});
    build.then(random_scale(random, dims[0], true));
    check_against_reference(build.net, random);
  }
}

TEST_CASE("scale") {
  for (const bool bias : {false, true}) {
    check_everywhere([=](generator& random, std::int64_t channels) {
      return random_scale(random, channels, bias);
    });
  }
}

TEST_CASE("activations") {
  const auto fixed = [](operation op) {
    check_everywhere([op = std::move(op)](generator&, std::int64_t) { return op; });
  };
  SUBCASE("relu") { fixed(relu{}); }
  SUBCASE("leaky relu") { fixed(leaky_relu{0.1F}); }
  SUBCASE("prelu of one slope") { fixed(prelu{{0.25F}}); }
  SUBCASE("prelu of a slope per channel") {
    check_everywhere([](generator& random, std::int64_t channels) {
      return prelu{random_values(random, channels)};
    });
  }
  SUBCASE("clip") { fixed(clip{-0.5F, 0.75F}); }
  SUBCASE("clip off zero") { fixed(clip{0.25F, 0.75F}); }
  SUBCASE("identity") { fixed(identity{}); }
  SUBCASE("power: line") { fixed(power{1, -2, 0.5F}); }
  SUBCASE("power: square") { fixed(power{2, 1, 0}); }
  SUBCASE("power: cube of a line") { fixed(power{3, 0.5F, 1}); }
  SUBCASE("power: nothing") { fixed(power{}); }
}

TEST_CASE("power of one half on positive values") {
  generator random(6);
  builder build({16, 4, 4});
  build.then(random_convolution(random, 16, 16, square(1)));
  build.then(relu{});
  build.then(power{0.5F, 2, 0.25F});
  build.then(power{-1, 1, 0});
  check_against_reference(build.net, random);
}

TEST_CASE("softmax along every axis") {
  for (const std::int64_t axis : {1, 2, 3}) {
    CAPTURE(axis);
    check_everywhere([=](generator&, std::int64_t) { return softmax{axis}; });
  }
}

TEST_CASE("pooling: random windows, both kinds, both roundings, padding counted or not") {
  generator random(8);
  int tried = 0;
  for (int trial = 0; trial < 400; ++trial) {
    CAPTURE(trial);
    pool op;
    op.what = trial % 3 == 0 ? pool::kind::max : pool::kind::average;
    op.ceil_mode = trial % 2 == 0;
    op.count_include_pad = trial % 5 < 2;
    op.area = random_window(random, 9, 7, trial % 4 != 0);
    const std::int64_t channels = trial % 7 < 3 ? 16 : 5;
    builder build({4, 9, 7});
    if (trial % 2 == 1) build.then(random_convolution(random, 4, channels, square(3, 1, 1)));
    build.add(op, {build.net.output});
    try {
      engine check(build.net);
    } catch (const std::invalid_argument&) {
      continue;  // a window in nothing but padding
    }
    ++tried;
    check_against_reference(build.net, random);
  }
  CHECK(tried > 200);
}

TEST_CASE("pooling: global, and the rounding up of 32 to 16 by a window of 3") {
  for (const auto kind : {pool::kind::max, pool::kind::average}) {
    check_everywhere([=](generator&, std::int64_t) {
      pool op;
      op.what = kind;
      op.global = true;
      return op;
    });
  }
  generator random(9);
  builder build({16, 32, 32});
  pool op;
  op.what = pool::kind::average;
  op.area = square(3, 2);
  op.ceil_mode = true;
  build.then(op);
  engine run(build.net);
  CHECK(run.value_dims(build.net.output) == shape{16, 16, 16});
  check_against_reference(build.net, random);
}

TEST_CASE("eltwise: sum, weighted sum, product and maximum of two and three") {
  generator random(10);
  for (const std::int64_t channels : {3, 16, 20}) {
    for (const std::size_t terms : {2U, 3U}) {
      for (int kind = 0; kind < 4; ++kind) {
        CAPTURE(channels);
        CAPTURE(terms);
        CAPTURE(kind);
        eltwise op;
        if (kind == 1) op.coefficients = random_values(random, static_cast<std::int64_t>(terms));
        if (kind == 2) op.what = eltwise::kind::product;
        if (kind == 3) op.what = eltwise::kind::maximum;
        builder build({channels, 6, 5});
        std::vector<std::size_t> inputs = {build.add(random_scale(random, channels, true), {0})};
        // A convolution's layout beside a row-major one.
        inputs.push_back(
            build.add(random_convolution(random, channels, channels, square(3, 1, 1)), {0}));
        if (terms == 3) inputs.push_back(0);
        build.add(op, inputs);
        check_against_reference(build.net, random);
        std::reverse(build.net.layers.back().inputs.begin(), build.net.layers.back().inputs.end());
        check_against_reference(build.net, random);
      }
    }
  }
}

TEST_CASE("eltwise: a value with itself") {
  generator random(11);
  for (const auto kind : {eltwise::kind::sum, eltwise::kind::product, eltwise::kind::maximum}) {
    builder build({16, 4, 4});
    const std::size_t once = build.then(random_convolution(random, 16, 16, square(1)));
    eltwise op;
    op.what = kind;
    build.add(op, {once, once});
    check_against_reference(build.net, random);
  }
}

TEST_CASE("concat and slice along every axis, in full and broken blocks") {
  generator random(12);
  for (const std::int64_t axis : {1, 2, 3}) {
    for (const std::int64_t channels : {16, 10}) {
      CAPTURE(axis);
      CAPTURE(channels);
      builder build({channels, 8, 8});
      const std::size_t left =
          build.add(random_convolution(random, channels, channels, square(3, 1, 1)), {0});
      const std::size_t joined = build.add(concat{axis}, {left, 0, left});
      const std::int64_t extent = 3 * (axis == 1 ? channels : 8);
      slice cut;
      cut.axis = axis;
      cut.begin = {0, 3, extent - 5};
      cut.end = {3, extent - 5, extent};
      const std::size_t last = build.add(cut, {joined}, 3);
      check_against_reference(build.net, random);
      build.add(concat{axis}, {last, last - 2, last - 1});
      check_against_reference(build.net, random);
    }
  }
}

TEST_CASE("concat of different numbers of channels before a convolution") {
  generator random(13);
  builder build({16, 6, 6});
  const std::size_t a = build.add(random_convolution(random, 16, 16, square(3, 1, 1)), {0});
  const std::size_t b = build.add(random_convolution(random, 16, 7, square(1)), {0});
  build.add(concat{1}, {a, b});
  build.then(random_convolution(random, 23, 16, square(3)));
  check_against_reference(build.net, random);
}

TEST_CASE("pad") {
  check_everywhere([](generator&, std::int64_t) {
    pad op;
    op.begin = {0, 1, 2, 0};
    op.end = {0, 0, 1, 3};
    op.value = -1.5F;
    return op;
  });
}

TEST_CASE("reshape") {
  check_everywhere([](generator&, std::int64_t) { return reshape{{0, -1}}; });
  check_everywhere([](generator&, std::int64_t channels) { return reshape{{0, 9, channels, -1}}; });
  generator random(14);
  builder build({16, 4, 4});
  build.then(random_convolution(random, 16, 32, square(1)));
  build.then(reshape{{-1, 512}});
  build.then(reshape{{0, 8, 8, 8}});
  build.then(random_convolution(random, 8, 4, square(3)));
  check_against_reference(build.net, random);
}

TEST_CASE("a residual network of all kinds of layers") {
  generator random(15);
  for (int trial = 0; trial < 10; ++trial) {
    CAPTURE(trial);
    const std::int64_t width = trial % 2 == 0 ? 16 : 12;
    builder build({3, 16, 16});
    build.then(random_convolution(random, 3, width, square(3, 1, 1), 1, false));
    build.then(random_batch_norm(random, width, true, true));
    const std::size_t trunk = build.then(relu{});
    build.then(random_convolution(random, width, width, square(3, 1, 1), trial % 3 == 0 ? 4 : 1));
    build.then(random_batch_norm(random, width, false, false));
    const std::size_t branch = build.then(random_scale(random, width, true));
    const std::size_t sum = build.add(eltwise{}, {branch, trunk});
    build.add(leaky_relu{0.1F}, {sum});
    pool shrink;
    shrink.area = square(3, 2);
    shrink.ceil_mode = true;
    const std::size_t pooled = build.then(shrink);
    build.add(concat{1}, {pooled, pooled});
    build.then(random_convolution(random, 2 * width, 20, square(1)));
    pool all;
    all.what = pool::kind::average;
    all.global = true;
    build.then(all);
    build.then(reshape{{0, -1}});
    build.then(identity{});
    build.then(random_inner_product(random, 20, 10, true));
    build.then(softmax{});
    check_against_reference(build.net, random, trial + 1);
  }
}
