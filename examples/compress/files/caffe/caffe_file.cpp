#include "caffe_file.hpp"

#include <utility>

#include "../file_bytes.hpp"
#include "reader.hpp"

namespace compress {
namespace {

class caffe_file final : public model_file {
 public:
  caffe_file(NetParameter net, NetParameter weights)
      : proto_(std::move(net)), weights_(std::move(weights)), net_(read_caffe(proto_, weights_)) {}

  const network& net() const override { return net_; }

  void write(const model_paths&, const network&) const override {
    throw model_error("writing Caffe files is not supported yet");
  }

 private:
  NetParameter proto_, weights_;
  network net_;
};

}  // namespace

std::unique_ptr<model_file> read_caffe_files(const std::string& prototxt,
                                             const std::string& caffemodel) {
  return std::make_unique<caffe_file>(parse_prototxt(prototxt), parse_caffemodel(caffemodel));
}

}  // namespace compress
