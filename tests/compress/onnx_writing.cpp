#include <algorithm>
#include <fstream>
#include <iterator>

#include "onnx_model.hpp"

namespace compress::test {
namespace {

ModelProto parsed(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  ModelProto model;
  REQUIRE(model.ParseFromString(bytes));
  return model;
}

std::vector<std::string> operators(const ModelProto& model) {
  std::vector<std::string> ops;
  for (const NodeProto& node : model.graph().node()) ops.push_back(node.op_type());
  return ops;
}

bool has_initializer(const ModelProto& model, const std::string& name) {
  const auto& all = model.graph().initializer();
  return std::any_of(all.begin(), all.end(), [&](const auto& t) { return t.name() == name; });
}

// Writes `changed` with the file that it was read from, and reads that again.
struct round_trip {
  temporary_folder folder;
  ModelProto written;
  network net;

  round_trip(const model_file& file, const network& changed) {
    file.write({folder / "out.onnx"}, changed);
    written = parsed(folder / "out.onnx");
    net = read_model({folder / "out.onnx"})->net();
  }
};

// x - conv - bn - relu - pool - flatten - gemm
onnx_model small_model(std::int64_t opset = 13) {
  onnx_model model(opset);
  model.node("Conv", {"x", model.floats("w", {3, 4, 3, 3}), model.floats("b", {3})}, "conv");
  model.node("BatchNormalization",
             {"conv", model.floats("g", {3}), model.floats("beta", {3}), model.floats("m", {3}),
              model.floats("v", {3})},
             "bn");
  model.node("Relu", {"bn"}, "relu");
  model.node("GlobalAveragePool", {"relu"}, "pool");
  model.node("Flatten", {"pool"}, "flat");
  model.node("Gemm", {"flat", model.floats("fw", {3, 2}), model.floats("fb", {2})}, "fc")
      .with("alpha", 0.5F);
  model.add_output("fc");
  return model;
}

std::size_t value_named(const network& net, const std::string& name) {
  for (std::size_t i = 0; i < net.values.size(); ++i) {
    if (net.values[i].name == name) return i;
  }
  throw std::runtime_error("no value '" + name + "'");
}

template <typename Operation>
Operation& changeable(network& net, const std::string& name) {
  for (layer& at : net.layers) {
    if (at.name == name) return std::get<Operation>(at.op);
  }
  throw std::runtime_error("no layer '" + name + "'");
}

TEST_CASE("an unchanged network is written as it was read") {
  const onnx_model model = small_model();
  const auto file = model.read();
  const round_trip trip(*file, file->net());
  CHECK(trip.written.SerializeAsString() == model.proto.SerializeAsString());
}

TEST_CASE("codes become int8 initializers behind DequantizeLinear") {
  onnx_model model = small_model();
  model.proto.add_metadata_props()->set_key("author");
  const auto file = model.read();
  network changed = file->net();
  set_codes(changeable<convolution>(changed, "conv"));
  set_codes(changeable<inner_product>(changed, "fc"));
  const round_trip trip(*file, changed);

  const auto &conv = op_of<convolution>(trip.net, "conv"),
             &was = op_of<convolution>(changed, "conv");
  REQUIRE(conv.codes.has_value());
  CHECK(conv.codes->codebook == "stored");
  CHECK(conv.codes->codes == was.codes->codes);
  CHECK(conv.codes->alpha == was.codes->alpha);
  CHECK(conv.weight.values == was.weight.values);
  CHECK(conv.bias == numbers(3));
  const auto &fc = op_of<inner_product>(trip.net, "fc"),
             &fc_was = op_of<inner_product>(changed, "fc");
  REQUIRE(fc.codes.has_value());
  CHECK(fc.codes->codes == fc_was.codes->codes);
  CHECK(fc.weight.dims == shape{2, 3});
  CHECK(fc.weight.values == fc_was.weight.values);
  CHECK(fc.bias == numbers(2));

  CHECK_FALSE(has_initializer(trip.written, "w"));
  CHECK_FALSE(has_initializer(trip.written, "fw"));
  CHECK(has_initializer(trip.written, "b"));
  CHECK(trip.written.producer_name() == "test");
  CHECK(trip.written.metadata_props(0).key() == "author");
  CHECK(operators(trip.written) ==
        std::vector<std::string>{"DequantizeLinear", "Conv", "BatchNormalization", "Relu",
                                 "GlobalAveragePool", "Flatten", "DequantizeLinear", "Gemm"});
  CHECK(trip.written.graph().node(0).attribute(0).i() == 0);
  CHECK(trip.written.graph().node(6).attribute(0).i() == 1);  // the weight is (I, O)
  CHECK(trip.folder.file_count() == 1);

  SUBCASE("and can be replaced again") {
    const auto again = read_model({trip.folder / "out.onnx"});
    network more = again->net();
    auto& product = changeable<inner_product>(more, "fc");
    for (float& alpha : product.codes->alpha) alpha *= 2;
    for (float& weight : product.weight.values) weight *= 2;
    const round_trip second(*again, more);
    CHECK(op_of<inner_product>(second.net, "fc").codes->alpha == product.codes->alpha);
    CHECK(second.written.graph().node_size() == trip.written.graph().node_size());
    CHECK(second.written.graph().initializer_size() == trip.written.graph().initializer_size());
  }
}

TEST_CASE("the codes of a row of zeros") {
  const auto file = small_model().read();
  network changed = file->net();
  auto& fc = changeable<inner_product>(changed, "fc");
  set_codes(fc);
  fc.codes->alpha[1] = 0;
  for (std::size_t i = 3; i < 6; ++i) fc.codes->codes[i] = 0, fc.weight.values[i] = 0;
  const round_trip trip(*file, changed);
  CHECK(op_of<inner_product>(trip.net, "fc").weight.values == fc.weight.values);
  CHECK(op_of<inner_product>(trip.net, "fc").codes->alpha[1] == 1);  // runtimes refuse 0
}

TEST_CASE("MatMul, and weights that several nodes share") {
  onnx_model model(13, {0, 4, 1, 1});
  model.node("Flatten", {"x"}, "f");
  model.node("MatMul", {"f", model.floats("w", {4, 4})}, "m1");
  model.node("MatMul", {"m1", "w"}, "m2");
  model.node("Add", {"m2", model.floats("b", {4})}, "y");
  model.add_output("y");
  const auto file = model.read();
  network changed = file->net();
  set_codes(changeable<inner_product>(changed, "m2"));
  const round_trip trip(*file, changed);
  CHECK(has_initializer(trip.written, "w"));
  CHECK(op_of<inner_product>(trip.net, "m1").weight.values ==
        op_of<inner_product>(changed, "m1").weight.values);
  CHECK_FALSE(op_of<inner_product>(trip.net, "m1").codes.has_value());
  CHECK(op_of<inner_product>(trip.net, "m2").codes->codes ==
        op_of<inner_product>(changed, "m2").codes->codes);
  CHECK(op_of<inner_product>(trip.net, "m2").bias == numbers(4));
}

TEST_CASE("statistics replace their initializers, each node its own") {
  for (const bool shared : {false, true}) {
    onnx_model model = small_model();
    if (shared) {
      model.node("BatchNormalization", {"fc4", "g4", "b4", "m", "v"}, "other");
      model.graph().mutable_node()->RemoveLast();
      NodeProto& node = *model.graph().mutable_node(1);
      node.set_input(2, "m");  // beta and mean are one initializer
    }
    const auto file = model.read();
    network changed = file->net();
    changeable<batch_norm>(changed, "bn").mean = {7, 8, 9};
    changeable<batch_norm>(changed, "bn").variance = {4, 5, 6};
    const round_trip trip(*file, changed);
    const auto& norm = op_of<batch_norm>(trip.net, "bn");
    CHECK(norm.mean == std::vector<float>{7, 8, 9});
    CHECK(norm.variance == std::vector<float>{4, 5, 6});
    CHECK(norm.beta == numbers(3));
    CHECK(trip.written.graph().node(1).input(3) == (shared ? "bn_mean" : "m"));
    CHECK(trip.written.graph().node(1).input(4) == "v");
    CHECK(trip.written.graph().node_size() == model.graph().node_size());
  }
}

TEST_CASE("quantized values pass a pair of QuantizeLinear and DequantizeLinear") {
  const activation_quantizer ranges[] = {{0.5F, 0, 255},    {0.1F, 0, 127},  {0.3F, -127, 127},
                                         {0.7F, -128, 127}, {0.37F, 0, 100}, {0.9F, -1, 1}};
  const auto file = small_model().read();
  for (const activation_quantizer& range : ranges) {
    network changed = file->net();
    for (const char* name : {"x", "relu", "fc"}) {
      changed.values[value_named(changed, name)].quantizer = range;
    }
    const round_trip trip(*file, changed);
    CHECK(names_of(trip.net) == names_of(changed));
    for (const value& was : changed.values) {
      const value& is = trip.net.values[value_named(trip.net, was.name)];
      REQUIRE(is.quantizer.has_value() == was.quantizer.has_value());
      if (!was.quantizer) continue;
      CHECK(is.quantizer->alpha == range.alpha);
      CHECK(is.quantizer->low == range.low);
      CHECK(is.quantizer->high == range.high);
    }
    const bool natural = range.high == 255 || range.low == -128;
    CHECK(trip.written.graph().node_size() == 6 + 3 * (natural ? 2 : 3));
    CHECK(trip.written.graph().node().rbegin()->output(0) == "fc");
    CHECK(trip.net.values[trip.net.output].name == "fc");

    const auto again = read_model({trip.folder / "out.onnx"});
    const round_trip second(*again, again->net());
    CHECK(second.written.SerializeAsString() == trip.written.SerializeAsString());
  }
}

TEST_CASE("a value inside a node of several layers is the node's output in the file") {
  onnx_model model;
  model.node("ReduceMean", {"x"}, "y").with("axes", {2, 3}).with("keepdims", 0);
  model.node("Relu", {"y"}, "z");
  model.add_output("z");
  const auto file = model.read();
  network changed = file->net();
  const std::size_t inner = layer_named(changed, "y_pool").outputs[0];
  changed.values[inner].quantizer = activation_quantizer{0.5F, 0, 255};
  const round_trip trip(*file, changed);
  CHECK(trip.net.values[layer_named(trip.net, "y").outputs[0]].quantizer.has_value());
  changed.values[layer_named(changed, "y").outputs[0]].quantizer = {0.5F, 0, 255};
  const temporary_folder folder;
  CHECK(complaint([&] { file->write({folder / "o.onnx"}, changed); }, {"one tensor"}) == "");
}

TEST_CASE("pairs of other writers") {
  const auto paired = [](int zero, float second_scale, bool also_plain) {
    onnx_model model;
    model.node("Relu", {"x"}, "r");
    model.constant("s", {}, std::vector<float>{0.5F});
    model.constant("s2", {}, std::vector<float>{second_scale});
    model.constant("z", {}, std::vector<std::uint8_t>{static_cast<std::uint8_t>(zero)});
    model.node("QuantizeLinear", {"r", "s", "z"}, "q");
    model.node("DequantizeLinear", {"q", "s2", "z"}, "d");
    model.node("Add", {"d", also_plain ? "r" : "d"}, "y");
    return model;
  };
  network net = paired(0, 0.5F, false).net();
  CHECK(names_of(net) == std::vector<std::string>{"r", "y"});
  CHECK(net.values[layer_named(net, "r").outputs[0]].quantizer->high == 255);
  // Read also as it is, the value keeps its floats, and an identity carries the quantizer.
  net = paired(0, 0.5F, true).net();
  CHECK(names_of(net) == std::vector<std::string>{"r", "d", "y"});
  CHECK_FALSE(net.values[layer_named(net, "r").outputs[0]].quantizer.has_value());
  CHECK(net.values[layer_named(net, "d").outputs[0]].quantizer.has_value());
  CHECK(complaint([&] { paired(3, 0.5F, false).net(); }, {"'q'", "zero point 3"}) == "");
  CHECK(complaint([&] { paired(0, 0.25F, false).net(); }, {"'d'", "scale"}) == "");

  onnx_model integer;
  integer.constant("s", {}, std::vector<float>{0.5F});
  integer.node("QuantizeLinear", {"x", "s"}, "q");
  integer.node("Relu", {"q"}, "y");
  CHECK(complaint([&] { integer.net(); }, {"'y' (Relu)", "quantized", "'q'"}) == "");
}

TEST_CASE("dequantized weights of other writers") {
  // One scale in all is one alpha per output.
  onnx_model model;
  model.constant("q", {2, 4, 1, 1}, std::vector<std::int8_t>{1, 2, 3, 4, -5, -6, -7, -8});
  model.constant("s", {}, std::vector<float>{0.5F});
  model.node("DequantizeLinear", {"q", "s"}, "w");
  model.node("Conv", {"x", "w"}, "y");
  const auto conv = last<convolution>(model);
  CHECK(conv.weight.values[7] == -4);
  CHECK(conv.codes->alpha == std::vector<float>{0.5F, 0.5F});
  // A scale along the inputs means the same weight, but no codes per output.
  onnx_model along;
  along.constant("q", {1, 4, 1, 1}, std::vector<std::uint8_t>{1, 2, 3, 4});
  along.constant("z", {4}, std::vector<std::uint8_t>{2, 2, 2, 2});
  along.node("DequantizeLinear", {"q", along.floats("s", {4}), "z"}, "w").with("axis", 1);
  along.node("Conv", {"x", "w"}, "y");
  CHECK(last<convolution>(along).weight.values == std::vector<float>{-0.5F, 0, 1.5F, 4});
  CHECK_FALSE(last<convolution>(along).codes.has_value());
  onnx_model wrong;
  wrong.constant("q", {1, 4, 1, 1}, std::vector<std::int8_t>{1, 2, 3, 4});
  wrong.node("DequantizeLinear", {"q", wrong.floats("s", {3})}, "w");
  wrong.node("Conv", {"x", "w"}, "y");
  CHECK(complaint([&] { wrong.net(); }, {"'w'", "one scale per extent of axis 1"}) == "");
}

TEST_CASE("changes that cannot be written") {
  const auto file = small_model().read();
  const temporary_folder folder;
  network changed = file->net();
  const auto refused = [&](const std::vector<std::string>& parts) {
    const auto write = [&] { file->write({folder / "out.onnx"}, changed); };
    return complaint<std::invalid_argument>(write, parts);
  };
  auto& conv = changeable<convolution>(changed, "conv");
  auto& norm = changeable<batch_norm>(changed, "bn");
  auto& quantizer = changed.values[value_named(changed, "relu")].quantizer;
  SUBCASE("a weight without codes") {
    conv.weight.values[5] = 9;
    CHECK(refused({"'conv'", "weight"}) == "");
  }
  SUBCASE("a weight that is not alpha * codes") {
    set_codes(conv);
    conv.weight.values[5] += 1;
    CHECK(refused({"'conv'", "weight[5]"}) == "");
  }
  SUBCASE("too few codes") {
    set_codes(conv);
    conv.codes->codes.pop_back();
    CHECK(refused({"'conv'", "107 codes"}) == "");
  }
  SUBCASE("a negative alpha") {
    set_codes(conv);
    conv.codes->alpha[2] = -1;
    CHECK(refused({"'conv'", "alpha[2]"}) == "");
  }
  SUBCASE("a bias") {
    conv.bias[0] = 9;
    CHECK(refused({"'conv'", "bias"}) == "");
  }
  SUBCASE("gamma") {
    norm.gamma[0] = 9;
    CHECK(refused({"'bn'", "gamma"}) == "");
  }
  SUBCASE("a variance below zero") {
    norm.variance[1] = -1;
    CHECK(refused({"'bn'", "channel 1"}) == "");
  }
  SUBCASE("statistics of too few channels") {
    norm.mean.pop_back();
    CHECK(refused({"'bn'", "channels"}) == "");
  }
  SUBCASE("a quantizer without a scale") {
    quantizer = activation_quantizer{0, 0, 255};
    CHECK(refused({"'relu'", "alpha"}) == "");
  }
  SUBCASE("codes that need nine bits") {
    quantizer = activation_quantizer{1, -127, 255};
    CHECK(refused({"'relu'", "-127 ... 255"}) == "");
  }
  SUBCASE("another network") {
    changed.layers.pop_back();
    CHECK(refused({"not the one that was read"}) == "");
  }
  CHECK(folder.file_count() == 0);
}

TEST_CASE("files that cannot be written") {
  const auto file = small_model().read();
  const temporary_folder folder;
  const auto write = [&](const model_paths& paths) { file->write(paths, file->net()); };
  CHECK(complaint([&] { write({folder / "none" / "out.onnx"}); }, {"none/out.onnx"}) == "");
  CHECK(complaint([&] { write({folder / "out.caffemodel"}); }, {".onnx"}) == "");
  std::filesystem::create_directory(folder / "taken.onnx");
  CHECK(complaint([&] { write({folder / "taken.onnx"}); }, {"taken.onnx"}) == "");
  CHECK(folder.file_count() == 1);  // no temporary file stays
}

TEST_CASE("a network of doubles is read, but not written") {
  onnx_model model;
  model.node("Relu", {"x"}, "y");
  model.add_output("y");
  model.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
      TensorProto::DOUBLE);
  const auto file = model.read();
  const temporary_folder folder;
  CHECK(complaint([&] { file->write({folder / "o.onnx"}, file->net()); }, {"'x'", "32-bit"}) == "");
}

}  // namespace
}  // namespace compress::test
