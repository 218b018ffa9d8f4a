#include "onnx_file.hpp"

#include <limits>
#include <utility>

#include "../file_bytes.hpp"
#include "reader.hpp"
#include "writer.hpp"

namespace compress {
namespace {

class onnx_file final : public model_file {
 public:
  onnx_file(ModelProto model, onnx_reading reading)
      : model_(std::move(model)), reading_(std::move(reading)) {}

  const network& net() const override { return reading_.net; }

  void write(const model_paths& paths, network changed) const override {
    if (paths.size() != 1 || paths[0].extension() != ".onnx") {
      throw model_error("a network read from ONNX is written to one .onnx file");
    }
    const ModelProto written = onnx_writer(model_, reading_, std::move(changed)).write();
    std::string bytes;
    if (written.ByteSizeLong() > std::numeric_limits<std::int32_t>::max() ||
        !written.SerializeToString(&bytes)) {
      throw model_error(paths[0].string() + ": is too large for one file");
    }
    write_bytes({{paths[0], std::move(bytes)}});
  }

 private:
  ModelProto model_;
  onnx_reading reading_;
};

}  // namespace

std::unique_ptr<model_file> read_onnx_file(std::string bytes) {
  ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph()) {
    throw model_error("is not an ONNX file, or is cut short");
  }
  std::string().swap(bytes);  // large networks are there twice more in what follows
  onnx_reading reading = read_onnx(model);
  return std::make_unique<onnx_file>(std::move(model), std::move(reading));
}

}  // namespace compress
