#include "mean_file.hpp"

#include <fstream>
#include <iterator>
#include <opencv2/dnn.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace dnn_adapter {

namespace {

// A field of bytes in protobuf's encoding: number and wire type 2, length, bytes.
std::string field(unsigned number, const std::string& bytes) {
  std::string out;
  const auto append = [&](std::size_t value) {
    for (; value >= 0x80U; value >>= 7U) out.push_back(static_cast<char>(value | 0x80U));
    out.push_back(static_cast<char>(value));
  };
  append(number << 3U | 2U);
  append(bytes.size());
  return out + bytes;
}

}  // namespace

// The file is a BlobProto, which OpenCV reads as part of a network only: so it becomes the blob of
// the one layer of a network (NetParameter.layer = 100; LayerParameter.name = 1, .blobs = 7).
support::tensor read_mean_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string blob{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (blob.empty()) throw std::runtime_error(file.string() + ": cannot be read");
  const std::string text =
      "layer { name: 'mean' type: 'Convolution' bottom: 'data' top: 'mean'"
      " convolution_param { num_output: 1 kernel_size: 1 bias_term: false } } input: 'data'";
  const std::string model = field(100, field(1, "mean") + field(7, blob));
  try {
    cv::dnn::Net net =
        cv::dnn::readNetFromCaffe(text.data(), text.size(), model.data(), model.size());
    const cv::Mat mean = net.getLayer(net.getLayerId("mean"))->blobs.at(0);
    if (mean.dims != 4 || mean.size[0] != 1) throw std::runtime_error("is not one image");
    const auto* values = mean.ptr<float>();
    return {{mean.size[1], mean.size[2], mean.size[3]}, {values, values + mean.total()}};
  } catch (const std::exception& problem) {
    throw std::runtime_error(file.string() + ": is no mean image: " + problem.what());
  }
}

}  // namespace dnn_adapter
