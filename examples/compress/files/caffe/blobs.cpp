#include "blobs.hpp"

#include <cstdint>
#include <limits>

#include "../model_file.hpp"

namespace compress {

tensor decode(const BlobProto& blob, const std::string& what) {
  tensor result;
  if (blob.has_shape()) {
    result.dims.assign(blob.shape().dim().begin(), blob.shape().dim().end());
  } else {
    result.dims = {blob.num(), blob.channels(), blob.height(), blob.width()};
  }
  if (blob.double_data_size() != 0) {
    for (const double x : blob.double_data()) result.values.push_back(static_cast<float>(x));
  } else {
    result.values.assign(blob.data().begin(), blob.data().end());
  }
  std::int64_t count = 1;
  for (const std::int64_t extent : result.dims) {
    if (extent <= 0 || __builtin_mul_overflow(count, extent, &count) ||
        count > std::numeric_limits<std::int32_t>::max()) {
      throw model_error(what + " has an extent that is not positive, or is too large");
    }
  }
  if (count != static_cast<std::int64_t>(result.values.size())) {
    throw model_error(what + " holds " + std::to_string(result.values.size()) +
                      " values, but its extents need " + std::to_string(count));
  }
  return result;
}

void replace_values(BlobProto& blob, const std::vector<float>& values) {
  blob.clear_double_data();
  blob.clear_diff();
  blob.clear_double_diff();
  blob.mutable_data()->Assign(values.begin(), values.end());
}

BlobProto encode(const std::vector<float>& values) {
  BlobProto blob;
  blob.mutable_shape()->add_dim(static_cast<std::int64_t>(values.size()));
  replace_values(blob, values);
  return blob;
}

}  // namespace compress
