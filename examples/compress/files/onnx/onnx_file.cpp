#include "onnx_file.hpp"

#include <utility>

#include "../file_bytes.hpp"
#include "reader.hpp"

namespace compress {
namespace {

class onnx_file final : public model_file {
 public:
  onnx_file(ModelProto model, onnx_reading reading)
      : model_(std::move(model)), reading_(std::move(reading)) {}

  const network& net() const override { return reading_.net; }

  void write(const model_paths&, const network&) const override {
    throw model_error("writing ONNX files is not supported yet");
  }

 private:
  ModelProto model_;
  onnx_reading reading_;
};

}  // namespace

std::unique_ptr<model_file> read_onnx_file(const std::string& bytes) {
  ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph()) {
    throw model_error("is not an ONNX file, or is cut short");
  }
  onnx_reading reading = read_onnx(model);
  return std::make_unique<onnx_file>(std::move(model), std::move(reading));
}

}  // namespace compress
