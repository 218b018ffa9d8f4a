#include "shapes.hpp"

#include "support.hpp"

namespace compress::test {
namespace {

pool average(std::int64_t kernel, std::int64_t stride, std::int64_t padding, bool ceil_mode) {
  pool op;
  op.what = pool::kind::average;
  op.ceil_mode = ceil_mode;
  for (int i = 0; i < 2; ++i) {
    op.area.kernel[i] = kernel;
    op.area.stride[i] = stride;
    op.area.pad_begin[i] = op.area.pad_end[i] = padding;
  }
  return op;
}

std::int64_t pooled(std::int64_t extent, const pool& op) {
  const layer at{.name = "p", .op = op, .inputs = {0}, .outputs = {1}, .source = 0};
  return infer_outputs(at, {{1, 1, extent, extent}})[0][2];
}

TEST_CASE("rounding of window counts") {
  CHECK(pooled(7, average(2, 2, 0, false)) == 3);
  CHECK(pooled(7, average(2, 2, 0, true)) == 4);
  CHECK(pooled(6, average(3, 2, 1, false)) == 3);
  CHECK(pooled(6, average(3, 2, 1, true)) == 4);
  // ceil((7 + 2 - 2) / 3) + 1 = 4 windows, but the fourth would start at row 9 - 1 of 7.
  CHECK(pooled(7, average(2, 3, 1, true)) == 3);
  CHECK(pooled(8, average(2, 3, 1, true)) == 3);
  CHECK(pooled(9, average(2, 3, 1, true)) == 4);
}

network chain() {
  network net;
  net.input_dims = {3, 4, 4};
  net.values = {{.name = "x", .quantizer = {}}, {.name = "y", .quantizer = {}}};
  net.layers = {{.name = "act", .op = relu{}, .inputs = {0}, .outputs = {1}, .source = 0}};
  net.output = 1;
  return net;
}

TEST_CASE("shapes follow the batch") {
  const auto shapes = infer_shapes(chain(), 5);
  CHECK(shapes[0] == shape{5, 3, 4, 4});
  CHECK(shapes[1] == shape{5, 3, 4, 4});
}

TEST_CASE("networks that are refused") {
  using bad = std::invalid_argument;
  network net = chain();
  SUBCASE("no images") {
    CHECK(complaint<bad>([&] { infer_shapes(net, 0); }, {"(0, 3, 4, 4)"}) == "");
  }
  SUBCASE("overflow") {
    net.input_dims = {std::int64_t{1} << 30, std::int64_t{1} << 30, 1 << 10};
    CHECK(complaint<bad>([&] { infer_shapes(net, 1); }, {"too large"}) == "");
  }
  SUBCASE("an index beyond the values") {
    net.layers[0].inputs = {9};
    CHECK(complaint<bad>([&] { infer_shapes(net, 1); }, {"'act'", "9"}) == "");
  }
  SUBCASE("a layer that writes its input") {
    net.layers[0].outputs = {0};
    CHECK(complaint<bad>([&] { infer_shapes(net, 1); }, {"'act'", "not new"}) == "");
  }
  SUBCASE("a layer without inputs") {
    net.layers[0].inputs = {};
    CHECK(complaint<bad>([&] { infer_shapes(net, 1); }, {"'act'", "0 inputs"}) == "");
  }
  SUBCASE("an output that nothing produces") {
    net.values.push_back({.name = "z", .quantizer = {}});
    net.output = 2;
    CHECK(complaint<bad>([&] { infer_shapes(net, 1); }, {"no output"}) == "");
  }
  SUBCASE("a reshape across the batch") {
    net.layers[0].op = reshape{{1, -1}};
    CHECK(complaint<bad>([&] { infer_shapes(net, 1); }, {"'act'", "batch"}) == "");
  }
  SUBCASE("padding of the batch") {
    net.layers[0].op = pad{{1, 0, 0, 0}, {0, 0, 0, 0}, 0};
    CHECK(complaint<bad>([&] { infer_shapes(net, 1); }, {"'act'", "axis 0"}) == "");
  }
  SUBCASE("a softmax over the batch") {
    net.layers[0].op = softmax{0};
    CHECK(complaint<bad>([&] { infer_shapes(net, 1); }, {"'act'", "axis 0"}) == "");
  }
  SUBCASE("coefficients of a product") {
    net.layers[0].op = eltwise{eltwise::kind::product, {1}};
    CHECK(complaint<bad>([&] { infer_shapes(net, 1); }, {"'act'", "coefficients"}) == "");
  }
}

}  // namespace
}  // namespace compress::test
