#include "caffe_model.hpp"
#include "shapes.hpp"

namespace compress::test {
namespace {

shape output_shape(const network& net) { return infer_shapes(net, 2)[net.output]; }

// Complaint of reading a model with one layer "y" of this type.
std::string refused(const std::string& type, const std::string& rest,
                    const std::vector<std::string>& parts, const std::vector<shape>& blobs = {}) {
  caffe_model model;
  model.layer(type, "x", "y", rest);
  for (const shape& dims : blobs) model.blob("y", dims);
  return complaint([&] { model.net(); }, parts);
}

TEST_CASE("Convolution") {
  caffe_model model;
  model
      .layer("Convolution", "x", "y",
             "convolution_param { num_output: 6 group: 2 kernel_h: 3 kernel_w: 2 pad: 1 "
             "stride: 2 stride: 1 dilation: 2 weight_filler { type: 'xavier' } } "
             "param { lr_mult: 1 } param { lr_mult: 2 }")
      .blob("y", {6, 2, 3, 2})
      .blob("y", {6});
  const network net = model.net();
  const auto& op = op_of<convolution>(net, "y");
  CHECK(op.groups == 2);
  CHECK(op.weight.values == numbers(72));
  CHECK(op.bias == numbers(6));
  CHECK(op.area.kernel[0] == 3);
  CHECK(op.area.kernel[1] == 2);
  CHECK(op.area.stride[0] == 2);
  CHECK(op.area.stride[1] == 1);
  CHECK(op.area.pad_begin[0] == 1);
  CHECK(op.area.pad_end[1] == 1);
  CHECK(op.area.dilation[0] == 2);
  CHECK(op.area.dilation[1] == 2);
  CHECK(output_shape(net) == shape{2, 6, 3, 6});
}

TEST_CASE("Convolution, depthwise") {
  for (const char* type : {"ConvolutionDepthwise", "DepthwiseConvolution"}) {
    caffe_model model;
    model
        .layer(type, "x", "y",
               "convolution_param { num_output: 4 kernel_size: 3 pad_h: 1 "
               "pad_w: 0 bias_term: false }")
        .blob("y", {4, 1, 3, 3});
    const network net = model.net();
    CHECK(op_of<convolution>(net, "y").groups == 4);
    CHECK(op_of<convolution>(net, "y").bias.empty());
    CHECK(output_shape(net) == shape{2, 4, 8, 4});
  }
}

TEST_CASE("Convolution: refusals") {
  const std::string one = "convolution_param { num_output: 2 kernel_size: 1 bias_term: false ";
  CHECK(refused("Convolution", one + "}", {"'y'", "not in the .caffemodel"}) == "");
  CHECK(refused("Convolution", one + "}", {"'y'", "2 blobs"}, {{2, 4, 1, 1}, {2}}) == "");
  CHECK(refused("Convolution", one + "}", {"'y'", "num_output"}, {{3, 4, 1, 1}}) == "");
  CHECK(refused("Convolution", one + "}", {"'y'", "(2, 3, 1, 1)"}, {{2, 3, 1, 1}}) == "");
  CHECK(refused("Convolution", one + "kernel_h: 1 kernel_w: 1 }", {"'y'", "unclear"},
                {{2, 4, 1, 1}}) == "");
  CHECK(refused("Convolution", one + "axis: 2 }", {"'y'", "two-dimensional"}, {{2, 4, 1, 1}}) ==
        "");
  CHECK(refused("Convolution", one + "stride: 0 }", {"'y'", "positive"}, {{2, 4, 1, 1}}) == "");
  CHECK(refused("Convolution", one + "group: 0 }", {"'y'", "groups"}, {{2, 4, 1, 1}}) == "");
}

TEST_CASE("InnerProduct, both orders and the old form of blobs") {
  caffe_model model;
  model.input("1 2 1 1");
  model.text =
      "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: 1 dim: 2 "
      "dim: 1 dim: 1 } } } ";
  model.layer("InnerProduct", "x", "a", "inner_product_param { num_output: 3 }")
      .layer("InnerProduct", "a", "b",
             "inner_product_param { num_output: 2 transpose: true bias_term: false }")
      .blob("a", {3, 2})
      .blob("a", {3})
      .blob("b", {3, 2});
  BlobProto& old = *model.weights.mutable_layer(0)->mutable_blobs(0);
  old.clear_shape();
  old.set_num(1);
  old.set_channels(1);
  old.set_height(3);
  old.set_width(2);
  const network net = model.net();
  CHECK(op_of<inner_product>(net, "a").weight.dims == shape{3, 2});
  CHECK(op_of<inner_product>(net, "a").weight.values == numbers(6));
  CHECK(op_of<inner_product>(net, "a").bias == numbers(3));
  CHECK(op_of<inner_product>(net, "b").weight.dims == shape{2, 3});
  CHECK(op_of<inner_product>(net, "b").weight.values ==
        std::vector<float>{0.5F, 1.5F, 2.5F, 1, 2, 3});

  CHECK(refused("InnerProduct", "inner_product_param { num_output: 3 axis: 2 bias_term: false }",
                {"'y'", "axis"}, {{3, 6}}) == "");
  CHECK(refused("InnerProduct", "inner_product_param { num_output: 3 bias_term: false }",
                {"'y'", "(3, 6)"}, {{3, 6}}) == "");
}

TEST_CASE("BatchNorm: the scale factor is divided out") {
  caffe_model model;
  model.layer("BatchNorm", "x", "y", "batch_norm_param { eps: 0.25 use_global_stats: true }")
      .blob("y", {4}, {1, 2, 3, 4})
      .blob("y", {4}, {2, 4, 6, 8})
      .blob("y", {1}, {4});
  const auto op = op_of<batch_norm>(model.net(), "y");
  CHECK(op.mean == std::vector<float>{0.25F, 0.5F, 0.75F, 1});
  CHECK(op.variance == std::vector<float>{0.5F, 1, 1.5F, 2});
  CHECK(op.gamma.empty());
  CHECK(op.epsilon == 0.25);

  for (const float factor : {0.0F, -1.0F}) {
    model.weights.mutable_layer(0)->mutable_blobs(2)->set_data(0, factor);
    CHECK(complaint([&] { model.net(); }, {"'y'", "scale factor"}) == "");
  }
  CHECK(refused("BatchNorm", "batch_norm_param { use_global_stats: false }",
                {"'y'", "use_global_stats"}, {{4}, {4}, {1}}) == "");
  CHECK(refused("BatchNorm", "", {"'y'", "mean has 3"}, {{3}, {4}, {1}}) == "");
}

TEST_CASE("Scale") {
  caffe_model model;
  model.layer("Scale", "x", "a", "scale_param { bias_term: true }")
      .layer("Scale", "a", "b", "scale_param { axis: -3 }")
      .blob("a", {4})
      .blob("a", {4}, numbers(4, -1))
      .blob("b", {4});
  const network net = model.net();
  CHECK(op_of<scale>(net, "a").weight == numbers(4));
  CHECK(op_of<scale>(net, "a").bias == numbers(4, -1));
  CHECK(op_of<scale>(net, "b").bias.empty());

  CHECK(refused("Scale", "scale_param { axis: 2 }", {"'y'", "axis 1"}, {{8}}) == "");
  CHECK(refused("Scale", "scale_param { num_axes: 2 }", {"'y'", "axis 1"}, {{4}}) == "");
  caffe_model two;
  two.wide_layer("Scale", {"x", "x"}, {"y"}, "", "y");
  CHECK(complaint([&] { two.net(); }, {"'y' (Scale)", "2 bottoms"}) == "");
}

TEST_CASE("activations") {
  caffe_model model;
  model.layer("ReLU", "x", "r")
      .layer("ReLU", "r", "leaky", "relu_param { negative_slope: 0.125 }")
      .layer("ReLU6", "leaky", "six")
      .layer("Clip", "six", "clip", "clip_param { min: -1 max: 2 }")
      .layer("PReLU", "clip", "p")
      .layer("PReLU", "p", "shared", "prelu_param { channel_shared: true }")
      .layer("Power", "shared", "power", "power_param { power: 2 scale: 3 shift: 4 }")
      .layer("Dropout", "power", "drop", "dropout_param { dropout_ratio: 0.5 }")
      .layer("Softmax", "drop", "softmax")
      .blob("p", {4})
      .blob("shared", {1});
  const network net = model.net();
  CHECK(std::holds_alternative<relu>(layer_named(net, "r").op));
  CHECK(op_of<leaky_relu>(net, "leaky").slope == 0.125F);
  CHECK(op_of<clip>(net, "six").high == 6);
  CHECK(op_of<clip>(net, "clip").low == -1);
  CHECK(op_of<prelu>(net, "p").slope == numbers(4));
  CHECK(op_of<prelu>(net, "shared").slope == numbers(1));
  CHECK(op_of<power>(net, "power").power == 2);
  CHECK(op_of<power>(net, "power").scale == 3);
  CHECK(op_of<power>(net, "power").shift == 4);
  CHECK(std::holds_alternative<identity>(layer_named(net, "drop").op));
  CHECK(op_of<softmax>(net, "softmax").axis == 1);

  CHECK(refused("PReLU", "", {"'y'", "slope"}, {{3}}) == "");
  CHECK(refused("PReLU", "prelu_param { channel_shared: true }", {"'y'", "one slope"}, {{4}}) ==
        "");
  CHECK(refused("Clip", "", {"'y'", "clip_param"}) == "");
  CHECK(refused("Clip", "clip_param { min: 2 max: 1 }", {"'y'", "clips"}) == "");
}

TEST_CASE("Pooling: Caffe's rounding and padding") {
  caffe_model model;
  model.layer("Pooling", "x", "max", "pooling_param { kernel_size: 3 stride: 2 }")
      .layer("Pooling", "max", "average",
             "pooling_param { pool: AVE kernel_h: 3 kernel_w: 2 stride_h: 1 stride_w: 2 pad_h: 1 "
             "pad_w: 1 round_mode: FLOOR }")
      .layer("Pooling", "average", "global", "pooling_param { pool: AVE global_pooling: true }");
  const network net = model.net();
  const auto shapes = infer_shapes(net, 1);
  CHECK(op_of<pool>(net, "max").ceil_mode);
  CHECK_FALSE(op_of<pool>(net, "max").count_include_pad);
  CHECK(shapes[layer_named(net, "max").outputs[0]] == shape{1, 4, 4, 3});
  CHECK(op_of<pool>(net, "average").what == pool::kind::average);
  CHECK(op_of<pool>(net, "average").count_include_pad);
  CHECK_FALSE(op_of<pool>(net, "average").ceil_mode);
  CHECK(shapes[layer_named(net, "average").outputs[0]] == shape{1, 4, 4, 2});
  CHECK(op_of<pool>(net, "global").global);
  CHECK(shapes[net.output] == shape{1, 4, 1, 1});

  CHECK(refused("Pooling", "pooling_param { pool: STOCHASTIC kernel_size: 2 }",
                {"'y'", "STOCHASTIC"}) == "");
  CHECK(refused("Pooling", "", {"'y'", "kernel_size"}) == "");
  CHECK(refused("Pooling", "pooling_param { kernel_size: 2 kernel_h: 2 kernel_w: 2 }",
                {"'y'", "unclear"}) == "");
  CHECK(refused("Pooling", "pooling_param { kernel_size: 2 pad: 2 }", {"'y'", "smaller"}) == "");
  CHECK(refused("Pooling", "pooling_param { kernel_size: 1 stride: 2 }",
                {"'y'", "without a pixel"}) == "");
  CHECK(refused("Pooling", "pooling_param { global_pooling: true pad: 1 }", {"'y'", "padding"}) ==
        "");
}

TEST_CASE("Eltwise, Concat, Slice, Split, Silence") {
  caffe_model model;
  model
      .wide_layer("Slice", {"x"}, {"a", "b", "c"}, "slice_param { slice_point: 1 slice_point: 2 }",
                  "slice")
      .wide_layer("Eltwise", {"a", "b"}, {"sum"}, "eltwise_param { coeff: 1 coeff: -1 }", "sum")
      .wide_layer("Eltwise", {"sum", "b"}, {"max"}, "eltwise_param { operation: MAX }", "max")
      .wide_layer("Eltwise", {"max", "b"}, {"product"}, "eltwise_param { operation: PROD }",
                  "product")
      .layer("Split", "product", "s1")
      .wide_layer("Concat", {"s1", "c"}, {"y"}, "", "y");
  const network net = model.net();
  CHECK(op_of<slice>(net, "slice").begin == shape{0, 1, 2});
  CHECK(op_of<slice>(net, "slice").end == shape{1, 2, 4});
  CHECK(op_of<eltwise>(net, "sum").coefficients == std::vector<float>{1, -1});
  CHECK(op_of<eltwise>(net, "max").what == eltwise::kind::maximum);
  CHECK(op_of<eltwise>(net, "product").what == eltwise::kind::product);
  CHECK(op_of<concat>(net, "y").axis == 1);
  CHECK(output_shape(net) == shape{2, 3, 8, 6});

  caffe_model unused;
  unused.wide_layer("Slice", {"x"}, {"a", "b"}, "slice_param { axis: 2 }", "slice")
      .layer("ReLU", "a", "y")
      .layer("ReLU", "b", "c")
      .wide_layer("Silence", {"c"}, {}, "", "hush");
  CHECK(names_of(unused.net()) == std::vector<std::string>{"slice", "y"});
  CHECK(output_shape(unused.net()) == shape{2, 4, 4, 6});

  caffe_model outside;
  outside.wide_layer("Slice", {"x"}, {"a", "b"}, "slice_param { slice_point: 4 }", "slice")
      .wide_layer("Concat", {"a", "b"}, {"y"}, "", "y");
  CHECK(complaint([&] { outside.net(); }, {"'slice'", "[4, 4)"}) == "");
  CHECK(refused("Concat", "concat_param { axis: 4 }", {"'y'", "axis 4"}) == "");
}

TEST_CASE("Flatten and Reshape") {
  caffe_model model;
  model.layer("Flatten", "x", "f", "flatten_param { axis: 2 }")
      .layer("Reshape", "f", "y", "reshape_param { shape { dim: 0 dim: -1 dim: 3 } }");
  const network net = model.net();
  CHECK(infer_shapes(net, 2)[layer_named(net, "f").outputs[0]] == shape{2, 4, 48});
  CHECK(output_shape(net) == shape{2, 64, 3});
  CHECK(refused("Flatten", "flatten_param { axis: 0 }", {"'y'", "axis"}) == "");
  CHECK(refused("Reshape", "reshape_param { shape { dim: 1 dim: -1 } }", {"'y'", "batch"}) == "");
  CHECK(refused("Reshape", "reshape_param { axis: 1 shape { dim: 0 } }", {"'y'", "axis"}) == "");
}

TEST_CASE("layers in place become values of their own") {
  caffe_model model;
  model.layer("ReLU", "x", "y", "", "r1")
      .layer("Power", "y", "y", "power_param { scale: 2 }", "p")
      .wide_layer("Eltwise", {"x", "y"}, {"z"}, "", "sum")
      .layer("ReLU", "z", "z", "", "r2");
  const network net = model.net();
  CHECK(net.values.size() == 5);
  CHECK(net.values[layer_named(net, "r1").outputs[0]].name == "y");
  CHECK(net.values[layer_named(net, "p").outputs[0]].name == "y:p");
  CHECK(layer_named(net, "sum").inputs[1] == layer_named(net, "p").outputs[0]);
  CHECK(net.output == layer_named(net, "r2").outputs[0]);
  CHECK(layer_named(net, "r2").source == 4);
}

TEST_CASE("Quant layers carry the quantizer of their output") {
  caffe_model model;
  model.layer("Quant", "x", "a", "relu_param { negative_slope: 0.5 }")
      .layer("Quant", "a", "a",
             "relu_param { negative_slope: 0.25 } power_param { shift: -127 scale: 127 }", "s");
  const network net = model.net();
  const auto &a = net.values[layer_named(net, "a").outputs[0]].quantizer,
             &s = net.values[layer_named(net, "s").outputs[0]].quantizer;
  REQUIRE(a.has_value());
  CHECK(a->alpha == 0.5F);
  CHECK(a->low == 0);
  CHECK(a->high == 127);
  REQUIRE(s.has_value());
  CHECK(s->low == -127);
  CHECK(s->high == 127);
  CHECK(refused("Quant", "", {"'y' (Quant)", "alpha"}) == "");
  CHECK(refused("Quant", "relu_param { negative_slope: nan }", {"'y' (Quant)", "alpha"}) == "");
  const std::string alpha = "relu_param { negative_slope: 1 } ";
  CHECK(refused("Quant", alpha + "power_param { scale: 256 }", {"'y' (Quant)", "256"}) == "");
  CHECK(refused("Quant", alpha + "power_param { scale: 7.5 }", {"'y' (Quant)", "7.5"}) == "");
}

TEST_CASE("the ways to give the input") {
  const std::string layer = "layer { name: 'y' type: 'ReLU' bottom: 'x' top: 'y' }";
  const shape dims = {3, 8, 6};
  CHECK(caffe_model("input: 'x' input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 6 " + layer)
            .net()
            .input_dims == dims);
  CHECK(caffe_model("input: 'x' input_shape { dim: 1 dim: 3 dim: 8 dim: 6 } " + layer)
            .net()
            .input_dims == dims);
  CHECK(complaint([&] { caffe_model("input: 'x' " + layer).net(); }, {"'x'", "0 axes"}) == "");
  CHECK(complaint([&] { caffe_model(layer).net(); }, {"0 inputs"}) == "");
  CHECK(complaint(
            [&] {
              caffe_model("input: 'x' input: 'z' input_shape { dim: 1 dim: 3 dim: 8 dim: 6 } " +
                          layer)
                  .net();
            },
            {"2 outputs", "'y'", "'z'"}) == "");
  CHECK(complaint(
            [&] {
              caffe_model("input: 'x' input_shape { dim: 1 dim: 0 dim: 8 dim: 6 } " + layer).net();
            },
            {"'x'"}) == "");
}

TEST_CASE("phases") {
  caffe_model model;
  model.text +=
      "layer { name: 'data' type: 'Data' top: 'x' top: 'label' include { phase: TRAIN } "
      "data_param { source: 'here' batch_size: 32 backend: LMDB } } ";
  model.layer("ReLU", "x", "y")
      .wide_layer("SoftmaxWithLoss", {"y", "label"}, {"loss"}, "include { phase: TRAIN }", "loss")
      .wide_layer("Accuracy", {"y", "label"}, {"acc"}, "exclude { phase: TEST }", "acc")
      .wide_layer("Accuracy", {"y", "label"}, {"acc"}, "include { phase: TEST stage: 'full' }",
                  "staged");
  CHECK(names_of(model.net()) == std::vector<std::string>{"y"});
  model.text += "state { stage: 'full' } ";
  CHECK(complaint([&] { model.net(); }, {"'staged' (Accuracy)"}) == "");

  CHECK(refused("ReLU", "phase: TRAIN", {"'y' (ReLU)", "training phase"}) == "");
  caffe_model loss;
  loss.layer("ReLU", "x", "y").wide_layer("SoftmaxWithLoss", {"y", "x"}, {"l"}, "", "loss");
  CHECK(complaint([&] { loss.net(); }, {"'loss' (SoftmaxWithLoss)"}) == "");
}

TEST_CASE("networks that are refused") {
  SUBCASE("unsupported layers, all of them by name") {
    caffe_model model;
    model.layer("LRN", "x", "a", "lrn_param { local_size: 5 }").layer("Crop", "a", "b");
    CHECK(complaint([&] { model.net(); }, {"'a' (LRN)", "'b' (Crop)"}) == "");
  }
  SUBCASE("several outputs") {
    caffe_model model;
    model.layer("ReLU", "x", "a").layer("ReLU", "x", "b");
    CHECK(complaint([&] { model.net(); }, {"2 outputs", "'a'", "'b'"}) == "");
  }
  SUBCASE("a bottom that nothing makes") {
    caffe_model model;
    model.layer("ReLU", "x", "a").wide_layer("Eltwise", {"a", "later"}, {"y"}, "", "y");
    CHECK(complaint([&] { model.net(); }, {"'y' (Eltwise)", "'later'"}) == "");
  }
  SUBCASE("two layers of one name") {
    caffe_model model;
    model.layer("ReLU", "x", "a", "", "same").layer("ReLU", "a", "b", "", "same");
    CHECK(complaint([&] { model.net(); }, {"'same'"}) == "");
  }
  SUBCASE("two tops where one is meant") {
    caffe_model model;
    model.wide_layer("ReLU", {"x"}, {"a", "b"}, "", "r")
        .wide_layer("Eltwise", {"a", "b"}, {"y"}, "", "y");
    CHECK(complaint([&] { model.net(); }, {"'r' (ReLU)", "2 tops"}) == "");
  }
  SUBCASE("text that is not a network") {
    CHECK(complaint([] { caffe_model("layer { nmae: 'x' }").net(); }, {"line 1", "nmae"}) == "");
    CHECK(complaint([] { caffe_model("layer {").net(); }, {"line 1"}) == "");
    CHECK(complaint([] { caffe_model("name: 'x'").net(); }, {"no layers"}) == "");
    CHECK(complaint([] { caffe_model("layers { type: CONVOLUTION }").net(); },
                    {"V1LayerParameter", "upgrade_net_proto_text"}) == "");
  }
  SUBCASE("weights in the old form") {
    caffe_model model;
    model.layer("ReLU", "x", "y");
    model.weights.add_layers();
    CHECK(complaint([&] { model.net(); }, {"V1LayerParameter"}) == "");
  }
  SUBCASE("a blob whose values do not fit its extents") {
    caffe_model model;
    model.layer("Scale", "x", "y").blob("y", {4});
    model.weights.mutable_layer(0)->mutable_blobs(0)->add_data(1);
    CHECK(complaint([&] { model.net(); }, {"blob 0", "'y'", "5 values"}) == "");
    model.weights.mutable_layer(0)->mutable_blobs(0)->mutable_shape()->set_dim(0, -4);
    CHECK(complaint([&] { model.net(); }, {"blob 0", "'y'", "not positive"}) == "");
  }
}

TEST_CASE("paths that name no network") {
  CHECK(complaint([] { read_model({}); }, {".onnx", ".prototxt"}) == "");
  CHECK(complaint([] { read_model({"a.caffemodel", "b.caffemodel"}); }, {"'b.caffemodel'"}) == "");
  CHECK(complaint([] { read_model({"none.onnx"}); }, {"none.onnx", "no such file"}) == "");
  const temporary_folder folder;
  CHECK(complaint([&] { read_model({folder / "a.caffemodel", folder / "a.prototxt"}); },
                  {"a.prototxt", "no such file"}) == "");
}

}  // namespace
}  // namespace compress::test
