#include "caffe_file.hpp"

#include <utility>

#include "../file_bytes.hpp"
#include "reader.hpp"
#include "writer.hpp"

namespace compress {
namespace {

class caffe_file final : public model_file {
 public:
  caffe_file(NetParameter net, NetParameter weights)
      : net_(std::move(net)), weights_(std::move(weights)), reading_(read_caffe(net_, weights_)) {}

  const network& net() const override { return reading_.net; }

  void write(const model_paths& paths, network changed) const override {
    const caffe_paths to = sort_caffe_paths(paths);
    caffe_writer writer(net_, weights_, reading_, changed);
    writer.write();
    write_bytes({{to.prototxt, print_prototxt(writer.net())},
                 {to.caffemodel, print_caffemodel(writer.weights())}});
  }

 private:
  NetParameter net_, weights_;
  caffe_reading reading_;
};

}  // namespace

std::unique_ptr<model_file> read_caffe_files(const std::string& prototxt, std::string caffemodel) {
  NetParameter weights = parse_caffemodel(caffemodel);
  std::string().swap(caffemodel);  // large networks are there twice more in what follows
  return std::make_unique<caffe_file>(parse_prototxt(prototxt), std::move(weights));
}

}  // namespace compress
