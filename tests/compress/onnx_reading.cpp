#include <limits>

#include "onnx_model.hpp"
#include "shapes.hpp"

namespace compress::test {
namespace {

shape output_shape(onnx_model& model) {
  const network net = model.net();
  return infer_shapes(net, 2)[net.output];
}

TEST_CASE("convolution: stride, asymmetric padding, dilation, groups and bias") {
  onnx_model model;
  model.node("Conv", {"x", model.floats("w", {6, 2, 3, 2}), model.floats("b", {6})}, "y")
      .with("group", 2)
      .with("strides", {2, 1})
      .with("pads", {1, 0, 2, 3})
      .with("dilations", {1, 2})
      .with("kernel_shape", {3, 2});
  const auto op = last<convolution>(model);
  CHECK(op.groups == 2);
  CHECK(op.weight.dims == shape{6, 2, 3, 2});
  CHECK(op.weight.values == numbers(72));
  CHECK(op.bias == numbers(6));
  CHECK(op.area.stride[0] == 2);
  CHECK(op.area.stride[1] == 1);
  CHECK(op.area.pad_begin[0] == 1);
  CHECK(op.area.pad_begin[1] == 0);
  CHECK(op.area.pad_end[0] == 2);
  CHECK(op.area.pad_end[1] == 3);
  CHECK(op.area.dilation[1] == 2);
  CHECK_FALSE(op.codes.has_value());
  CHECK(output_shape(model) == shape{2, 6, 5, 7});
}

TEST_CASE("convolution: automatic padding") {
  for (const bool upper : {true, false}) {
    onnx_model model;
    model.node("Conv", {"x", model.floats("w", {4, 1, 2, 3})}, "y")
        .with("group", 4)
        .with("strides", {1, 2})
        .with("auto_pad", upper ? "SAME_UPPER" : "SAME_LOWER");
    const auto op = last<convolution>(model);
    CHECK(op.area.pad_begin[0] == (upper ? 0 : 1));  // 8 rows, kernel 2: one in all
    CHECK(op.area.pad_end[0] == (upper ? 1 : 0));
    CHECK(op.area.pad_begin[1] == (upper ? 0 : 1));  // 6 columns, kernel 3, stride 2: one
    CHECK(op.area.pad_end[1] == (upper ? 1 : 0));
    CHECK(output_shape(model) == shape{2, 4, 8, 3});
  }
  onnx_model model;
  model.node("Conv", {"x", model.floats("w", {1, 4, 3, 3})}, "y").with("auto_pad", "VALID");
  CHECK(output_shape(model) == shape{2, 1, 6, 4});
}

TEST_CASE("convolution: refusals") {
  const auto refused = [](const shape& weight, std::vector<std::string> parts, auto change) {
    onnx_model model;
    auto node = model.node("Conv", {"x", model.floats("w", weight)}, "conv7");
    change(node);
    parts.push_back("conv7");
    return complaint([&] { model.net(); }, parts);
  };
  const auto nothing = [](onnx_node_maker&) {};
  CHECK(refused({2, 3, 1, 1}, {"(2, 3, 1, 1)", "(1, 4, 8, 6)"}, nothing) == "");
  CHECK(refused({2, 4, 1}, {"two-dimensional"}, nothing) == "");
  CHECK(refused({2, 4, 9, 1}, {"larger than the padded"}, nothing) == "");
  CHECK(refused({3, 2, 1, 1}, {"2 groups"}, [](auto& n) { n.with("group", 2); }) == "");
  CHECK(refused({2, 4, 1, 1}, {"groups"}, [](auto& n) { n.with("group", 0); }) == "");
  CHECK(refused({2, 4, 1, 1}, {"strides 0"}, [](auto& n) { n.with("strides", {0, 1}); }) == "");
  CHECK(refused({2, 4, 1, 1}, {"strides"}, [](auto& n) { n.with("strides", {1}); }) == "");
  CHECK(refused({2, 4, 1, 1}, {"padding"}, [](auto& n) { n.with("pads", {-1, 0, 0, 0}); }) == "");
  CHECK(refused({2, 4, 1, 1}, {"padding"},
                [](auto& n) { n.with("pads", {std::int64_t{1} << 60, 0, 0, 0}); }) == "");
  CHECK(refused({2, 4, 1, 1}, {"kernel_shape"}, [](auto& n) { n.with("kernel_shape", {2, 2}); }) ==
        "");
  CHECK(refused({2, 4, 1, 1}, {"SAME"}, [](auto& n) { n.with("auto_pad", "SAME"); }) == "");
  CHECK(refused({2, 4, 1, 1}, {"sparkle"}, [](auto& n) { n.with("sparkle", 1); }) == "");
  CHECK(refused({2, 4, 1, 1}, {"group", "type"}, [](auto& n) { n.with("group", 1.0F); }) == "");

  onnx_model computed;
  computed.node("Relu", {"x"}, "w");
  computed.node("Conv", {"x", "w"}, "conv7");
  CHECK(complaint([&] { computed.net(); }, {"conv7", "constant", "'w'"}) == "");

  onnx_model infinite;
  infinite.constant("w", {1, 4, 1, 1},
                    std::vector<float>{0, 0, std::numeric_limits<float>::quiet_NaN(), 0});
  infinite.node("Conv", {"x", "w"}, "conv7");
  CHECK(complaint([&] { infinite.net(); }, {"conv7", "weight[2]", "nan"}) == "");
}

TEST_CASE("Gemm: transB, alpha and beta") {
  for (const bool transposed : {false, true}) {
    onnx_model model;
    model.node("GlobalAveragePool", {"x"}, "p");
    model.node("Flatten", {"p"}, "f");
    const shape dims = transposed ? shape{3, 4} : shape{4, 3};
    model.node("Gemm", {"f", model.floats("w", dims), model.floats("c", {3})}, "y")
        .with("transB", transposed ? 1 : 0)
        .with("alpha", 2.0F)
        .with("beta", 3.0F);
    const auto op = last<inner_product>(model);
    CHECK(op.weight.dims == shape{3, 4});
    CHECK(op.weight.values[1] == (transposed ? 2.0F : 4.0F));  // W[0][1] is 2 (1 or 2)
    CHECK(op.bias == std::vector<float>{1.5F, 3.0F, 4.5F});
    CHECK(output_shape(model) == shape{2, 3});
  }
  onnx_model model;
  model.node("GlobalMaxPool", {"x"}, "p");
  model.node("Flatten", {"p"}, "f");
  model.node("Gemm", {"f", model.floats("w", {4, 3})}, "y").with("transA", 1);
  CHECK(complaint([&] { model.net(); }, {"'y' (Gemm)", "transA"}) == "");
}

TEST_CASE("MatMul takes a following bias along") {
  onnx_model model(13, {0, 4, 1, 1});
  model.node("Flatten", {"x"}, "f");
  model.node("MatMul", {"f", model.floats("w", {4, 3})}, "m");
  model.node("Add", {model.floats("b", {3}), "m"}, "y");
  const network net = model.net();
  CHECK(names_of(net) == std::vector<std::string>{"f", "m"});
  const auto& op = op_of<inner_product>(net, "m");
  CHECK(op.weight.dims == shape{3, 4});
  CHECK(op.weight.values ==
        std::vector<float>{0.5F, 2, 3.5F, 5, 1, 2.5F, 4, 5.5F, 1.5F, 3, 4.5F, 6});
  CHECK(op.bias == numbers(3));
  CHECK(net.values[net.output].name == "y");

  SUBCASE("but not where the product is read twice") {
    model.node("Add", {"m", "y"}, "z");
    model.graph().clear_output();
    const network both = model.net();
    CHECK(op_of<inner_product>(both, "m").bias.empty());
    CHECK(op_of<scale>(both, "y").bias == numbers(3));
  }
}

TEST_CASE("batch norm") {
  onnx_model model;
  model
      .node("BatchNormalization",
            {"x", model.floats("g", {4}), model.constant("b", {4}, numbers(4, -1)),
             model.constant("m", {4}, numbers(4, 2)), model.constant("v", {4}, numbers(4, 3))},
            "y")
      .with("epsilon", 0.25F)
      .with("momentum", 0.9F);
  const auto op = last<batch_norm>(model);
  CHECK(op.gamma == numbers(4));
  CHECK(op.beta == numbers(4, -1));
  CHECK(op.mean == numbers(4, 2));
  CHECK(op.variance == numbers(4, 3));
  CHECK(op.epsilon == 0.25);

  SUBCASE("of another number of channels") {
    model.graph().mutable_initializer(2)->CopyFrom(encode("m", {3}, numbers(3)));
    CHECK(complaint([&] { model.net(); }, {"'y'", "mean has 3", "4 channels"}) == "");
  }
  SUBCASE("with a negative variance") {
    model.graph().mutable_initializer(3)->CopyFrom(encode("v", {4}, numbers(4, -1)));
    CHECK(complaint([&] { model.net(); }, {"'y'", "variance[0]"}) == "");
  }
  SUBCASE("in training") {
    onnx_node_maker(*model.graph().mutable_node(0)).with("training_mode", 1);
    CHECK(complaint([&] { model.net(); }, {"'y'", "training"}) == "");
  }
}

TEST_CASE("activations") {
  onnx_model model;
  model.node("Relu", {"x"}, "relu");
  model.node("LeakyRelu", {"relu"}, "leaky").with("alpha", 0.125F);
  model.node("Clip", {"leaky", "", model.constant("six", {}, std::vector<float>{6})}, "clip");
  model.node("PRelu", {"clip", model.floats("slope", {4, 1, 1})}, "prelu");
  model.node("PRelu", {"prelu", model.constant("s1", {1}, std::vector<float>{2})}, "shared");
  model.node("Softmax", {"shared"}, "softmax").with("axis", 1);
  const network net = model.net();
  CHECK(std::holds_alternative<relu>(layer_named(net, "relu").op));
  CHECK(op_of<leaky_relu>(net, "leaky").slope == 0.125F);
  CHECK(op_of<clip>(net, "clip").low == std::numeric_limits<float>::lowest());
  CHECK(op_of<clip>(net, "clip").high == 6);
  CHECK(op_of<prelu>(net, "prelu").slope == numbers(4));
  CHECK(op_of<prelu>(net, "shared").slope == std::vector<float>{2});
  CHECK(op_of<softmax>(net, "softmax").axis == 1);
}

TEST_CASE("pooling") {
  onnx_model model;
  model.node("MaxPool", {"x"}, "max")
      .with("kernel_shape", {3, 2})
      .with("strides", {2, 2})
      .with("pads", {1, 0, 1, 0})
      .with("ceil_mode", 1);
  model.node("AveragePool", {"max"}, "average")
      .with("kernel_shape", {3, 3})
      .with("pads", {1, 1, 1, 1})
      .with("count_include_pad", 1);
  model.node("GlobalAveragePool", {"average"}, "global");
  const network net = model.net();
  CHECK(op_of<pool>(net, "max").what == pool::kind::max);
  CHECK(op_of<pool>(net, "max").ceil_mode);
  CHECK(op_of<pool>(net, "average").what == pool::kind::average);
  CHECK(op_of<pool>(net, "average").count_include_pad);
  CHECK(op_of<pool>(net, "global").global);
  const auto shapes = infer_shapes(net, 1);
  CHECK(shapes[layer_named(net, "max").outputs[0]] == shape{1, 4, 5, 3});
  CHECK(shapes[net.output] == shape{1, 4, 1, 1});

  onnx_model indices;
  indices.node("MaxPool", {"x"}, "max").with("kernel_shape", {1, 1}).output("where");
  indices.node("Add", {"max", "where"}, "y");
  CHECK(complaint([&] { indices.net(); }, {"'max'", "'where'"}) == "");

  onnx_model wide;
  wide.node("MaxPool", {"x"}, "max").with("kernel_shape", {2, 2}).with("pads", {2, 0, 0, 0});
  CHECK(complaint([&] { wide.net(); }, {"'max'", "smaller than its window"}) == "");
}

TEST_CASE("mean over height and width is global pooling") {
  for (const bool keep : {true, false}) {
    onnx_model model;
    model.node("ReduceMean", {"x"}, "y").with("axes", {-1, 2}).with("keepdims", keep ? 1 : 0);
    CHECK(output_shape(model) == (keep ? shape{2, 4, 1, 1} : shape{2, 4}));
  }
  onnx_model input_axes(18);
  input_axes.node("ReduceMean", {"x", input_axes.integers("axes", {2, 3})}, "y");
  CHECK(output_shape(input_axes) == shape{2, 4, 1, 1});
  onnx_model channels;
  channels.node("ReduceMean", {"x"}, "y").with("axes", {1});
  CHECK(complaint([&] { channels.net(); }, {"'y' (ReduceMean)"}) == "");
}

TEST_CASE("arithmetic between values") {
  onnx_model model;
  model.node("Relu", {"x"}, "r");
  model.node("Add", {"x", "r"}, "add");
  model.node("Sub", {"add", "r"}, "sub");
  model.node("Mul", {"sub", "r"}, "mul");
  model.node("Max", {"mul", "r", "x"}, "max");
  model.node("Sum", {"max", "r", "x"}, "sum");
  const network net = model.net();
  CHECK(op_of<eltwise>(net, "add").what == eltwise::kind::sum);
  CHECK(op_of<eltwise>(net, "sub").coefficients == std::vector<float>{1, -1});
  CHECK(op_of<eltwise>(net, "mul").what == eltwise::kind::product);
  CHECK(op_of<eltwise>(net, "max").what == eltwise::kind::maximum);
  CHECK(layer_named(net, "sum").inputs.size() == 3);

  onnx_model shapes_differ;
  shapes_differ.node("GlobalAveragePool", {"x"}, "p");
  shapes_differ.node("Mul", {"x", "p"}, "y");
  CHECK(complaint([&] { shapes_differ.net(); }, {"'y'", "(1, 4, 8, 6)", "(1, 4, 1, 1)"}) == "");
}

TEST_CASE("arithmetic with constants is a scale") {
  onnx_model model;
  model.node("Mul", {"x", model.floats("m", {4, 1, 1})}, "mul");
  model.node("Add", {model.floats("a", {1, 4, 1, 1}), "mul"}, "add");
  model.node("Sub", {"add", model.constant("s", {}, std::vector<float>{3})}, "sub");
  model.node("Sub", {"s", "sub"}, "from");
  model.node("Div", {"from", model.constant("d", {1}, std::vector<float>{4})}, "div");
  const network net = model.net();
  CHECK(op_of<scale>(net, "mul").weight == numbers(4));
  CHECK(op_of<scale>(net, "mul").bias.empty());
  CHECK(op_of<scale>(net, "add").weight == std::vector<float>(4, 1));
  CHECK(op_of<scale>(net, "add").bias == numbers(4));
  CHECK(op_of<scale>(net, "sub").bias == std::vector<float>(4, -3));
  CHECK(op_of<scale>(net, "from").weight == std::vector<float>(4, -1));
  CHECK(op_of<scale>(net, "from").bias == std::vector<float>(4, 3));
  CHECK(op_of<scale>(net, "div").weight == std::vector<float>(4, 0.25F));

  onnx_model columns;
  columns.node("Mul", {"x", columns.floats("m", {6})}, "y");
  CHECK(complaint([&] { columns.net(); }, {"'y' (Mul)", "per channel"}) == "");
  onnx_model zero;
  zero.node("Div", {"x", zero.constant("d", {}, std::vector<float>{0})}, "y");
  CHECK(complaint([&] { zero.net(); }, {"'y'", "weight[0]", "inf"}) == "");
}

TEST_CASE("concat and split") {
  onnx_model model;
  model.node("Split", {"x", model.integers("sizes", {1, 3})}, "a").output("b").with("axis", -3);
  model.node("Concat", {"b", "a", "x"}, "y").with("axis", 1);
  const network net = model.net();
  CHECK(op_of<slice>(net, "a").axis == 1);
  CHECK(op_of<slice>(net, "a").begin == shape{0, 1});
  CHECK(op_of<slice>(net, "a").end == shape{1, 4});
  CHECK(output_shape(model) == shape{2, 8, 8, 6});

  onnx_model unused;
  unused.node("Split", {"x"}, "a").output("b").output("c").with("axis", 2);
  unused.node("Relu", {"b"}, "y");
  CHECK(op_of<slice>(unused.net(), "a").end == shape{3, 6, 8});
  CHECK(output_shape(unused) == shape{2, 4, 3, 6});

  onnx_model wrong;
  wrong.node("Split", {"x", wrong.integers("sizes", {1, 2})}, "a").output("b").with("axis", 1);
  CHECK(complaint([&] { wrong.net(); }, {"'a' (Split)", "divide"}) == "");
  onnx_model batch;
  batch.node("Concat", {"x", "x"}, "y").with("axis", 0);
  CHECK(complaint([&] { batch.net(); }, {"'y'", "axis 0"}) == "");
}

TEST_CASE("slice") {
  constexpr std::int64_t end = std::numeric_limits<std::int64_t>::max();
  const auto sliced = [](const shape& begin, const shape& to, const shape& axes,
                         const shape& steps) {
    onnx_model model;
    model.node("Slice",
               {"x", model.integers("begin", begin), model.integers("end", to),
                model.integers("axes", axes), model.integers("steps", steps)},
               "y");
    return model;
  };
  onnx_model channels = sliced({-3}, {-1}, {1}, {1});
  CHECK(last<slice>(channels).begin == shape{1});
  CHECK(last<slice>(channels).end == shape{3});
  onnx_model everything = sliced({0, 0}, {end, end}, {1, 0}, {1, 1});
  CHECK(std::holds_alternative<identity>(everything.net().layers[0].op));
  onnx_model two = sliced({1, 0}, {end, 5}, {2, 3}, {1, 1});
  CHECK(names_of(two.net()) == std::vector<std::string>{"y_axis2", "y"});
  CHECK(output_shape(two) == shape{2, 4, 7, 5});
  onnx_model strided = sliced({0, 0}, {end, end}, {2, 3}, {2, 4});
  CHECK(last<pool>(strided).what == pool::kind::max);
  CHECK(last<pool>(strided).area.stride[1] == 4);
  CHECK(output_shape(strided) == shape{2, 4, 4, 2});

  onnx_model backwards = sliced({0}, {end}, {2}, {-1});
  CHECK(complaint([&] { backwards.net(); }, {"'y' (Slice)", "backwards"}) == "");
  onnx_model every_other_channel = sliced({0}, {end}, {1}, {2});
  CHECK(complaint([&] { every_other_channel.net(); }, {"'y' (Slice)", "axis 1"}) == "");
  onnx_model batch = sliced({1}, {end}, {0}, {1});
  CHECK(complaint([&] { batch.net(); }, {"'y' (Slice)", "batch"}) == "");
  onnx_model empty = sliced({3}, {2}, {1}, {1});
  CHECK(complaint([&] { empty.net(); }, {"'y'", "[3, 2)"}) == "");
}

TEST_CASE("pad") {
  onnx_model model;
  model.node("Pad",
             {"x", model.integers("pads", {0, 1, 2, 0, 0, 0, 3, 0}),
              model.constant("value", {}, std::vector<float>{7})},
             "y");
  const auto op = last<pad>(model);
  CHECK(op.begin == shape{0, 1, 2, 0});
  CHECK(op.end == shape{0, 0, 3, 0});
  CHECK(op.value == 7);
  CHECK(output_shape(model) == shape{2, 5, 13, 6});

  onnx_model some_axes(18);
  some_axes.node(
      "Pad", {"x", some_axes.integers("pads", {1, 2}), "", some_axes.integers("axes", {-1})}, "y");
  CHECK(output_shape(some_axes) == shape{2, 4, 8, 9});
  onnx_model mirrored;
  mirrored.node("Pad", {"x", mirrored.integers("pads", {0, 0, 1, 1, 0, 0, 1, 1})}, "y")
      .with("mode", "reflect");
  CHECK(complaint([&] { mirrored.net(); }, {"'y' (Pad)", "reflect"}) == "");
  onnx_model cropped;
  cropped.node("Pad", {"x", cropped.integers("pads", {0, 0, -1, 0, 0, 0, 0, 0})}, "y");
  CHECK(complaint([&] { cropped.net(); }, {"'y'", "pad axis 2", "-1"}) == "");
}

TEST_CASE("reshapes keep the batch") {
  const auto reshaped = [](const shape& input, const shape& dims) {
    onnx_model model(13, input);
    model.node("Reshape", {"x", model.integers("dims", dims)}, "y");
    return output_shape(model);
  };
  CHECK(reshaped({0, 4, 8, 6}, {0, -1}) == shape{2, 192});
  CHECK(reshaped({0, 4, 8, 6}, {-1, 192}) == shape{2, 192});
  CHECK(reshaped({0, 4, 8, 6}, {1, 4, 48}) == shape{2, 4, 48});
  CHECK(reshaped({5, 4, 8, 6}, {5, 0, -1, 2}) == shape{2, 4, 24, 2});
  CHECK(complaint([&] { reshaped({0, 4, 8, 6}, {-1, 96}); }, {"'y'", "batch"}) == "");
  CHECK(complaint([&] { reshaped({0, 4, 8, 6}, {4, -1}); }, {"'y'", "batch"}) == "");
  CHECK(complaint([&] { reshaped({0, 4, 8, 6}, {0, 191}); }, {"'y'", "cannot reshape"}) == "");

  onnx_model model(13, {0, 4, 1, 1});
  model.node("Squeeze", {"x", model.integers("axes", {2, -1})}, "s");
  model.node("Unsqueeze", {"s", model.integers("more", {2})}, "u");
  model.node("Squeeze", {"u"}, "t");
  model.node("Dropout", {"t"}, "d");
  model.node("Identity", {"d"}, "i");
  model.node("Flatten", {"i"}, "y").with("axis", -1);
  CHECK(output_shape(model) == shape{2, 4});
  CHECK(model.net().layers.size() == 6);
}

TEST_CASE("constants: nodes, types and sharing") {
  onnx_model model;
  TensorProto half;
  half.set_data_type(TensorProto::FLOAT16);
  half.add_dims(4);
  for (const int bits : {0x3C00, 0xC000, 0x3555, 0x0001}) half.add_int32_data(bits);
  model.node("Constant", {}, "m").with("value", half);
  model.node("Constant", {}, "a").with("value_float", 2.5F);
  model.node("Reshape", {"m", model.integers("dims", {4, 1, 1})}, "folded");
  model.graph().mutable_node()->RemoveLast();
  half.clear_dims();
  for (const int extent : {4, 1, 1}) half.add_dims(extent);
  model.node("Constant", {}, "m3").with("value", half);
  model.node("Identity", {"m3"}, "m4");
  model.node("Mul", {"x", "m4"}, "y");
  model.node("Add", {"y", "a"}, "z");
  const network net = model.net();
  CHECK(op_of<scale>(net, "y").weight ==
        std::vector<float>{1, -2, 0.333251953125F, 5.9604644775390625e-8F});
  CHECK(op_of<scale>(net, "z").bias == std::vector<float>(4, 2.5F));

  const auto decoded = [](TensorProto::DataType type, auto fill) {
    TensorProto tensor;
    tensor.set_name("t");
    tensor.set_data_type(type);
    tensor.add_dims(2);
    fill(tensor);
    return decode(tensor);
  };
  const std::vector<float> pair = {1.5F, -2};
  CHECK(std::get<0>(decoded(TensorProto::DOUBLE, [](TensorProto& t) {
                      t.add_double_data(1.5);
                      t.add_double_data(-2);
                    }).values) == pair);
  CHECK(std::get<0>(decoded(TensorProto::BFLOAT16, [](TensorProto& t) {
                      t.add_int32_data(0x3FC0);
                      t.add_int32_data(0xC000);
                    }).values) == pair);
  CHECK(std::get<1>(decoded(TensorProto::INT32, [](TensorProto& t) {
                      t.add_int32_data(7);
                      t.add_int32_data(-8);
                    }).values) == std::vector<std::int64_t>{7, -8});
  CHECK(std::get<1>(decoded(TensorProto::INT8, [](TensorProto& t) {
                      t.set_raw_data(std::string("\x80\x7F"));
                    }).values) == std::vector<std::int64_t>{-128, 127});
  const auto bad = [&](TensorProto::DataType type, auto fill, const std::string& part) {
    return complaint([&] { decoded(type, fill); }, {"'t'", part});
  };
  CHECK(bad(TensorProto::FLOAT, [](TensorProto& t) { t.add_float_data(1); }, "holds 1") == "");
  CHECK(
      bad(TensorProto::FLOAT, [](TensorProto& t) { t.set_raw_data("123456789"); }, "within") == "");
  CHECK(bad(TensorProto::STRING, [](TensorProto&) {}, "data type 8") == "");
  CHECK(bad(TensorProto::FLOAT, [](TensorProto& t) { t.add_dims(-1); }, "negative") == "");
  CHECK(bad(
            TensorProto::FLOAT,
            [](TensorProto& t) {
              t.add_dims(std::int64_t{1} << 40);
              t.add_dims(std::int64_t{1} << 40);
            },
            "too large") == "");
  CHECK(bad(
            TensorProto::FLOAT, [](TensorProto& t) { t.set_data_location(TensorProto::EXTERNAL); },
            "outside") == "");
}

TEST_CASE("nodes that the output does not depend on are left out") {
  onnx_model model;
  model.node("Relu", {"x"}, "y");
  model.node("LSTM", {"y"}, "dead");
  model.add_output("y");
  CHECK(names_of(model.net()) == std::vector<std::string>{"y"});
}

TEST_CASE("layers of nodes without names, or with one name twice") {
  onnx_model model;
  model.node("Relu", {"x"}, "a");
  model.node("Relu", {"a"}, "b");
  model.node("Relu", {"b"}, "c");
  model.graph().mutable_node(0)->clear_name();
  model.graph().mutable_node(1)->set_name("same");
  model.graph().mutable_node(2)->set_name("same");
  CHECK(names_of(model.net()) == std::vector<std::string>{"a", "same", "same_2"});
}

TEST_CASE("graphs that are refused") {
  SUBCASE("unsupported operations, all of them by name") {
    onnx_model model;
    model.node("LSTM", {"x"}, "a");
    model.node("Tile", {"a"}, "b");
    CHECK(complaint([&] { model.net(); }, {"'a' (LSTM)", "'b' (Tile)"}) == "");
  }
  SUBCASE("another domain") {
    onnx_model model;
    model.node("Relu", {"x"}, "a");
    model.graph().mutable_node(0)->set_domain("com.example");
    CHECK(complaint([&] { model.net(); }, {"com.example.Relu"}) == "");
  }
  SUBCASE("several inputs") {
    onnx_model model;
    model.add_input("second", {0, 4, 8, 6});
    model.node("Add", {"x", "second"}, "y");
    CHECK(complaint([&] { model.net(); }, {"2 inputs", "'x'", "'second'"}) == "");
  }
  SUBCASE("several outputs") {
    onnx_model model;
    model.node("Relu", {"x"}, "y");
    model.add_output("x");
    model.add_output("y");
    CHECK(complaint([&] { model.net(); }, {"2 outputs", "'x'", "'y'"}) == "");
  }
  SUBCASE("an output that is not computed") {
    onnx_model model;
    model.node("Relu", {"x"}, "y");
    model.add_output("z");
    CHECK(complaint([&] { model.net(); }, {"'z'"}) == "");
  }
  SUBCASE("an input without fixed extents, or not an image") {
    onnx_model free(13, {0, 3, 0, 8});
    free.node("Relu", {"x"}, "y");
    CHECK(complaint([&] { free.net(); }, {"'x'", "axis 2"}) == "");
    onnx_model flat(13, {0, 3});
    flat.node("Relu", {"x"}, "y");
    CHECK(complaint([&] { flat.net(); }, {"'x'", "2 axes"}) == "");
    onnx_model huge(13, {0, std::int64_t{1} << 30, 1 << 20, 1 << 20});
    huge.node("Relu", {"x"}, "y");
    CHECK(complaint([&] { huge.net(); }, {"'x'"}) == "");
  }
  SUBCASE("values too large in all") {
    onnx_model model(13, {0, 16, 4096, 4096});
    model.node("Relu", {"x"}, "v0");
    for (int i = 0; i < 20; ++i) {
      model.node("Relu", {"v" + std::to_string(i)}, "v" + std::to_string(i + 1));
    }
    CHECK(complaint([&] { model.net(); }, {"'v15'", "too large"}) == "");
  }
  SUBCASE("a node before its input") {
    onnx_model model;
    model.node("Relu", {"later"}, "y");
    model.node("Relu", {"x"}, "later");
    model.add_output("y");
    CHECK(complaint([&] { model.net(); }, {"'y' (Relu)", "'later'"}) == "");
  }
  SUBCASE("one tensor produced twice") {
    onnx_model model;
    model.node("Relu", {"x"}, "y");
    model.node("Relu", {"x"}, "y");
    CHECK(complaint([&] { model.net(); }, {"'y'", "twice"}) == "");
  }
  SUBCASE("operator sets") {
    for (const int opset : {0, 6, 99}) {
      onnx_model model(opset);
      model.node("Relu", {"x"}, "y");
      CHECK(complaint([&] { model.net(); }, {"operator set " + std::to_string(opset)}) == "");
    }
  }
}

}  // namespace
}  // namespace compress::test
