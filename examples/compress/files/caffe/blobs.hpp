// Weights in Caffe files.
#pragma once

#include <string>
#include <vector>

#include "../../network.hpp"
#include "messages.hpp"

namespace compress {

// The values of a blob with its extents, either form. Throws model_error, naming `what`, where the
// number of values is not the product of the extents.
tensor decode(const BlobProto& blob, const std::string& what);

// Replaces the values of a blob and keeps its extents; drops stored gradients.
void replace_values(BlobProto& blob, const std::vector<float>& values);

// A blob with one axis.
BlobProto encode(const std::vector<float>& values);

}  // namespace compress
