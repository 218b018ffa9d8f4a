#include "onnx_model.hpp"

namespace compress::test {
namespace {

// Every operation whose form changed between operator sets 7 and 13, in its oldest form.
onnx_model old_model(std::int64_t opset) {
  onnx_model model(opset);
  auto norm = model.node("BatchNormalization",
                         {"x", model.floats("g", {4}), model.floats("b", {4}),
                          model.floats("m", {4}), model.floats("v", {4})},
                         "bn");
  if (opset < 9) norm.with("spatial", 1);
  model.node("Clip", {"bn"}, "clip").with("max", 6.0F);
  model.node("Pad", {"clip"}, "pad").with("pads", {0, 0, 1, 1, 0, 0, 1, 1}).with("value", 2.0F);
  if (opset < 10) {
    model.node("Slice", {"pad"}, "slice").with("starts", {1}).with("ends", {9}).with("axes", {2});
  } else {
    model.node(
        "Slice",
        {"pad", model.integers("s", {1}), model.integers("e", {9}), model.integers("a", {2})},
        "slice");
  }
  model.node("Split", {"slice"}, "left").output("right").with("axis", 1).with("split", {3, 1});
  model.node("Conv", {"left", model.floats("w", {2, 3, 1, 1})}, "conv");
  model.node("GlobalAveragePool", {"conv"}, "pool");
  model.node("Squeeze", {"pool"}, "squeeze").with("axes", {2, 3});
  model.node("Unsqueeze", {"squeeze"}, "unsqueeze").with("axes", {2});
  model.node("Squeeze", {"unsqueeze"}, "again").with("axes", {2});
  model.node("Dropout", {"again"}, "dropout").with("ratio", 0.5F);
  model.node("Softmax", {"dropout"}, "y");
  model.node("LSTM", {"y"}, "dead");
  model.add_output("y");
  return model;
}

TEST_CASE("older operator sets are raised to 13 for per-channel scales") {
  for (const std::int64_t opset : {7, 9, 10}) {
    onnx_model model = old_model(opset);
    model.proto.set_ir_version(3);
    model.add_input("w", {2, 3, 1, 1});  // as files of that age list their initializers
    model.add_input("m", {4});
    const auto file = model.read();
    network changed = file->net();
    for (layer& at : changed.layers) {
      if (auto* conv = std::get_if<convolution>(&at.op)) set_codes(*conv);
    }
    const temporary_folder folder;
    file->write({folder / "out.onnx"}, changed);
    const auto again = read_model({folder / "out.onnx"});
    const network& net = again->net();
    CHECK(names_of(net) == names_of(changed));
    CHECK(op_of<clip>(net, "clip").low == op_of<clip>(changed, "clip").low);
    CHECK(op_of<clip>(net, "clip").high == 6);
    CHECK(op_of<pad>(net, "pad").begin == shape{0, 0, 1, 1});
    CHECK(op_of<pad>(net, "pad").value == 2);
    CHECK(op_of<slice>(net, "slice").begin == shape{1});
    CHECK(op_of<slice>(net, "left").end == shape{3, 4});
    CHECK(op_of<reshape>(net, "squeeze").dims == op_of<reshape>(changed, "squeeze").dims);
    CHECK(op_of<softmax>(net, "y").axis == 1);
    CHECK(op_of<convolution>(net, "conv").weight.values ==
          op_of<convolution>(changed, "conv").weight.values);

    const network unchanged = model.net();
    file->write({folder / "same.onnx"}, unchanged);
    CHECK(read_model({folder / "same.onnx"})->net().layers.size() == net.layers.size());
  }
}

TEST_CASE("softmax of old operator sets over several axes is refused") {
  onnx_model model(11);
  model.node("Softmax", {"x"}, "y");
  CHECK(complaint([&] { model.net(); }, {"'y' (Softmax)", "several axes"}) == "");
  onnx_model flat(11, {0, 4, 1, 1});
  flat.node("Softmax", {"x"}, "y");
  CHECK(last<softmax>(flat).axis == 1);
}

}  // namespace
}  // namespace compress::test
