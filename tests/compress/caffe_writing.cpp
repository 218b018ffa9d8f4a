#include <fstream>
#include <iterator>

#include "caffe_model.hpp"

namespace compress::test {
namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct round_trip {
  temporary_folder folder;
  NetParameter net_proto, weights;
  network net;

  round_trip(const model_file& file, const network& changed) {
    file.write({folder / "out.caffemodel", folder / "out.prototxt"}, changed);
    net_proto = parse_prototxt(content(folder / "out.prototxt"));
    weights = parse_caffemodel(content(folder / "out.caffemodel"));
    net = read_model({folder / "out.prototxt", folder / "out.caffemodel"})->net();
  }

  std::vector<float> blob(const std::string& layer, int index) const {
    for (const LayerParameter& at : weights.layer()) {
      if (at.name() == layer) return decode(at.blobs(index), layer).values;
    }
    return {};
  }
  const LayerParameter& proto(const std::string& name) const {
    for (const LayerParameter& at : net_proto.layer()) {
      if (at.name() == name) return at;
    }
    throw std::runtime_error("no layer '" + name + "'");
  }
};

caffe_model small_model() {
  caffe_model model;
  model.layer("Convolution", "x", "c", "convolution_param { num_output: 2 kernel_size: 3 }", "conv")
      .layer("BatchNorm", "c", "c", "", "bn")
      .layer("ReLU", "c", "c", "", "relu")
      .layer("ReLU", "c", "c", "relu_param { negative_slope: 0.5 }", "leaky")
      .layer("InnerProduct", "c", "y",
             "inner_product_param { num_output: 3 bias_term: false transpose: true }", "fc")
      .blob("conv", {2, 4, 3, 3})
      .blob("conv", {2}, {3, 5})
      .blob("bn", {2})
      .blob("bn", {2})
      .blob("bn", {1}, {2})
      .blob("fc", {48, 3});
  // What the format holds beyond caffe.proto survives.
  model.weights.mutable_layer(0)
      ->GetReflection()
      ->MutableUnknownFields(model.weights.mutable_layer(0))
      ->AddVarint(4321, 7);
  return model;
}

template <typename Operation>
Operation& changeable(network& net, const std::string& name) {
  for (layer& at : net.layers) {
    if (at.name == name) return std::get<Operation>(at.op);
  }
  throw std::runtime_error("no layer '" + name + "'");
}

std::optional<activation_quantizer>& quantizer_of(network& net, const std::string& name) {
  return net.values[layer_named(net, name).outputs[0]].quantizer;
}

TEST_CASE("an unchanged Caffe network is written as it was read") {
  const caffe_model model = small_model();
  const auto file = model.read();
  const round_trip trip(*file, file->net());
  CHECK(trip.weights.SerializeAsString() == model.weights.SerializeAsString());
  CHECK(trip.net_proto.SerializeAsString() == parse_prototxt(model.text).SerializeAsString());
  CHECK(trip.folder.file_count() == 2);
}

TEST_CASE("codes stand in the layer, alpha in a Scale layer behind it") {
  const auto file = small_model().read();
  network changed = file->net();
  set_codes(changeable<convolution>(changed, "conv"));
  set_codes(changeable<inner_product>(changed, "fc"));
  const round_trip trip(*file, changed);
  CHECK(names_of(trip.net) == std::vector<std::string>{"conv", "conv_alpha_term", "bn", "relu",
                                                       "leaky", "fc", "fc_alpha_term"});
  const auto& codes = op_of<convolution>(changed, "conv").codes->codes;
  CHECK(op_of<convolution>(trip.net, "conv").weight.values ==
        std::vector<float>(codes.begin(), codes.end()));
  CHECK(op_of<convolution>(trip.net, "conv").bias == std::vector<float>{3, 5});
  // alpha Q x + b == alpha (Q x + b) + (1 - alpha) b with alpha 0.25, 0.5 and b 3, 5.
  CHECK(op_of<scale>(trip.net, "conv_alpha_term").weight == std::vector<float>{0.25F, 0.5F});
  CHECK(op_of<scale>(trip.net, "conv_alpha_term").bias == std::vector<float>{2.25F, 2.5F});
  CHECK(trip.proto("conv_alpha_term").bottom(0) == "c");
  CHECK(trip.proto("conv_alpha_term").top(0) == "c");
  CHECK(trip.proto("conv_alpha_term").blobs_size() == 0);

  const auto& fc_codes = op_of<inner_product>(changed, "fc").codes->codes;
  CHECK(op_of<inner_product>(trip.net, "fc").weight.values ==
        std::vector<float>(fc_codes.begin(), fc_codes.end()));
  CHECK(trip.blob("fc", 0)[1] == static_cast<float>(fc_codes[48]));  // stored as (I, O)
  CHECK(op_of<scale>(trip.net, "fc_alpha_term").bias.empty());
  CHECK_FALSE(trip.proto("fc_alpha_term").scale_param().bias_term());

  const LayerParameter& kept = trip.weights.layer(0);
  CHECK(kept.GetReflection()->GetUnknownFields(kept).field_count() == 1);
}

TEST_CASE("statistics are written with the scale factor 1") {
  const auto file = small_model().read();
  network changed = file->net();
  changeable<batch_norm>(changed, "bn").mean = {7, 8};
  const round_trip trip(*file, changed);
  CHECK(trip.blob("bn", 0) == std::vector<float>{7, 8});
  CHECK(trip.blob("bn", 1) == std::vector<float>{0.25F, 0.5F});
  CHECK(trip.blob("bn", 2) == std::vector<float>{1});
}

TEST_CASE("a quantized ReLU becomes a Quant layer under its name") {
  const auto file = small_model().read();
  network changed = file->net();
  quantizer_of(changed, "relu") = {0.5F, 0, 127};
  const round_trip published(*file, changed);
  CHECK(names_of(published.net) == names_of(changed));
  CHECK(published.proto("relu").type() == "Quant");
  CHECK(published.proto("relu").relu_param().negative_slope() == 0.5F);
  CHECK_FALSE(published.proto("relu").has_power_param());
  CHECK(quantizer_of(const_cast<network&>(published.net), "relu")->high == 127);

  quantizer_of(changed, "relu") = {0.1F, 0, 255};
  round_trip wide(*file, changed);
  CHECK(wide.proto("relu").power_param().scale() == 255);
  CHECK(quantizer_of(wide.net, "relu")->alpha == 0.1F);
  CHECK(quantizer_of(wide.net, "relu")->high == 255);
}

TEST_CASE("any other quantized value passes a Quant layer in place") {
  const auto file = small_model().read();
  network changed = file->net();
  set_codes(changeable<convolution>(changed, "conv"));
  for (const char* name : {"conv", "leaky", "fc"}) quantizer_of(changed, name) = {0.3F, -127, 127};
  quantizer_of(changed, "relu") = {0.3F, -1, 1};  // below 0 it is not the published layer
  changed.values[changed.input].quantizer = {0.7F, -128, 127};
  round_trip trip(*file, changed);
  CHECK(names_of(trip.net) == std::vector<std::string>{"x_quant", "conv", "conv_alpha_term",
                                                       "conv_quant", "bn", "relu", "relu_quant",
                                                       "leaky", "leaky_quant", "fc", "fc_quant"});
  CHECK(trip.proto("relu").type() == "ReLU");
  CHECK(quantizer_of(trip.net, "x_quant")->low == -128);
  CHECK(quantizer_of(trip.net, "leaky_quant")->low == -127);
  CHECK(quantizer_of(trip.net, "relu_quant")->high == 1);
  CHECK(trip.proto("fc_quant").top(0) == "y");
  CHECK(trip.proto("x_quant").bottom(0) == "x");

  const auto again = read_model({trip.folder / "out.prototxt", trip.folder / "out.caffemodel"});
  const round_trip second(*again, again->net());
  CHECK(second.net_proto.SerializeAsString() == trip.net_proto.SerializeAsString());
  CHECK(second.weights.SerializeAsString() == trip.weights.SerializeAsString());
  network other = again->net();
  quantizer_of(other, "relu_quant")->alpha = 9;
  CHECK(
      complaint<std::invalid_argument>([&] { again->write({"a.prototxt", "a.caffemodel"}, other); },
                                       {"c:relu_quant", "cannot be changed"}) == "");
}

TEST_CASE("names that the network has already are not used twice") {
  caffe_model model = small_model();
  model.layer("ReLU", "y", "z", "", "conv_alpha_term");
  const auto file = model.read();
  network changed = file->net();
  set_codes(changeable<convolution>(changed, "conv"));
  const round_trip trip(*file, changed);
  CHECK(op_of<scale>(trip.net, "conv_alpha_term_2").weight.size() == 2);
}

TEST_CASE("an input given as a field gets its Quant layer ahead of all layers") {
  const caffe_model model(
      "input: 'x' input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 6 "
      "layer { name: 'y' type: 'ReLU' bottom: 'x' top: 'y' }");
  const auto file = model.read();
  network changed = file->net();
  changed.values[changed.input].quantizer = {0.5F, 0, 255};
  const round_trip trip(*file, changed);
  CHECK(names_of(trip.net) == std::vector<std::string>{"x_quant", "y"});
}

TEST_CASE("every output of a Slice can be quantized") {
  caffe_model model;
  model.wide_layer("Slice", {"x"}, {"a", "b"}, "", "slice")
      .wide_layer("Eltwise", {"a", "b"}, {"y"}, "", "y");
  const auto file = model.read();
  network changed = file->net();
  const auto outputs = layer_named(changed, "slice").outputs;
  changed.values[outputs[0]].quantizer = {0.5F, 0, 255};
  changed.values[outputs[1]].quantizer = {0.25F, -127, 127};
  round_trip trip(*file, changed);
  CHECK(trip.proto("slice_quant").top(0) == "a");
  CHECK(trip.proto("slice_quant_2").top(0) == "b");
  CHECK(quantizer_of(trip.net, "slice_quant_2")->alpha == 0.25F);
}

}  // namespace
}  // namespace compress::test
