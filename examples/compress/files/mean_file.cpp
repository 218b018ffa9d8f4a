#include "mean_file.hpp"

#include "caffe/blobs.hpp"
#include "file_bytes.hpp"
#include "model_file.hpp"

namespace compress {

tensor read_mean_file(const std::filesystem::path& path) {
  BlobProto blob;
  if (!blob.ParseFromString(read_bytes(path))) {
    throw model_error(path.string() + ": is no .binaryproto file");
  }
  tensor image = decode(blob, path.string());
  while (image.dims.size() > 3 && image.dims.front() == 1) image.dims.erase(image.dims.begin());
  if (image.dims.size() != 3 || image.values.empty()) {
    throw model_error(path.string() + ": is not one image of three axes");
  }
  return image;
}

}  // namespace compress
