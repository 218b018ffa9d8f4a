// The network as lfnc-compress sees it: a list of layers in execution order over numbered values.
//
// Every file format is read into this form and written from it; the engine runs it. It knows
// neither protobuf nor oneDNN. Values are in static single assignment: a layer that its file
// format runs in place still gets a new value, so that "the input of batch norm 3" names one
// tensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "../support/tensor.hpp"

namespace compress {

using support::shape;
using support::tensor;

// What the weight quantizer left: weight == alpha[row] * codes, row = output channel.
struct weight_codes {
  std::string codebook;            // as printed in the report, e.g. "uniform-4"
  int bits = 0;                    // storage bits of one code when packed
  std::vector<std::int8_t> codes;  // in the order of the weight tensor
  std::vector<float> alpha;        // one per output channel
};

// Spatial window of convolution and pooling; index 0 is the height, 1 the width.
struct window {
  std::int64_t kernel[2] = {1, 1};
  std::int64_t stride[2] = {1, 1};
  std::int64_t dilation[2] = {1, 1};
  std::int64_t pad_begin[2] = {0, 0};
  std::int64_t pad_end[2] = {0, 0};
};

struct convolution {
  window area;
  std::int64_t groups = 1;
  tensor weight;            // (O, I / groups, kernel h, kernel w)
  std::vector<float> bias;  // O values, or empty
  std::optional<weight_codes> codes;
};

struct inner_product {      // y = W x + b on the input flattened from axis 1
  tensor weight;            // (O, I)
  std::vector<float> bias;  // O values, or empty
  std::optional<weight_codes> codes;
};

// y = gamma (x - mean) / sqrt(variance + epsilon) + beta per channel (axis 1). gamma and beta are
// empty where the format keeps them in a Scale layer of their own (Caffe). variance is the stored
// one, Caffe's scale factor already divided out.
struct batch_norm {
  std::vector<float> mean, variance, gamma, beta;
  double epsilon = 1e-5;
};

struct scale {  // y = weight x + bias per channel (axis 1)
  std::vector<float> weight;
  std::vector<float> bias;  // or empty
};

struct relu {};
struct leaky_relu {
  float slope = 0.01F;
};
struct prelu {
  std::vector<float> slope;
};  // one value, or one per channel
struct clip {
  float low = 0, high = 6;
};  // ReLU6 is clip 0..6

struct pool {
  enum class kind { max, average } what = kind::max;
  window area;
  bool global = false;             // the window is the whole plane
  bool count_include_pad = false;  // average only
  bool ceil_mode = false;          // output extent rounded up (Caffe's rule)
};

struct eltwise {
  enum class kind { sum, product, maximum } what = kind::sum;
  std::vector<float> coefficients;  // sum only: one per input, or empty for all ones
};

struct concat {
  std::int64_t axis = 1;
};

struct slice {  // output k is [begin[k], end[k]) along axis
  std::int64_t axis = 1;
  std::vector<std::int64_t> begin, end;
};

struct pad {  // constant padding, one entry per axis
  std::vector<std::int64_t> begin, end;
  float value = 0;
};

struct power {
  float power = 1, scale = 1, shift = 0;
};  // (shift + scale x)^power

struct reshape {
  shape dims;
};  // 0 keeps the extent, -1 is inferred; axis 0 is the batch
struct softmax {
  std::int64_t axis = 1;
};
struct identity {};  // Dropout, Identity and the like

using operation =
    std::variant<convolution, inner_product, batch_norm, scale, relu, leaky_relu, prelu, clip, pool,
                 eltwise, concat, slice, pad, power, reshape, softmax, identity>;

// Applied to a value right where it is produced: alpha * clamp(floor(x / alpha + 0.5), low, high).
struct activation_quantizer {
  float alpha = 0;
  int low = 0;     // 0 after ReLU, -127 at signed points
  int high = 255;  // 127 is the published 7-bit range
};

struct value {
  std::string name;
  std::optional<activation_quantizer> quantizer;
};

struct layer {
  std::string name;  // unique; what the report prints
  operation op;
  std::vector<std::size_t> inputs;  // indices into network::values
  std::vector<std::size_t> outputs;
  std::size_t source = 0;  // index of the node or layer in the file it was read from
};

struct network {
  std::string name;
  std::vector<value> values;
  std::vector<layer> layers;  // in execution order
  std::size_t input = 0;      // the one value that images go into
  shape input_dims;           // (C, H, W); the batch axis is free
  std::size_t output = 0;     // the one value that classes come out of
};

}  // namespace compress
