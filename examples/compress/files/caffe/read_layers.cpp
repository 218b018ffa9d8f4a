#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "../model_file.hpp"
#include "../transposed.hpp"
#include "blobs.hpp"
#include "quant_layer.hpp"
#include "reader.hpp"

namespace compress {
namespace {

// The two extents that a repeated field of one or two values, or a pair of _h and _w, gives.
template <typename Repeated>
bool read_two(const Repeated& many, bool has_pair, std::uint32_t h, std::uint32_t w,
              std::int64_t (&to)[2]) {
  if (has_pair) {
    to[0] = h;
    to[1] = w;
    return many.empty();
  }
  if (many.size() > 2) return false;
  for (int i = 0; i < many.size(); ++i) to[i] = many.Get(i);
  if (many.size() == 1) to[1] = to[0];
  return true;
}

}  // namespace

void caffe_reader::read_convolution(const item& at) {
  const std::size_t in = input(at);
  const caffe::ConvolutionParameter& given = at.proto.convolution_param();
  const std::size_t count = given.bias_term() ? 2 : 1;
  std::vector<tensor> weights = blobs(at, count, count);
  const shape& from = builder_.shape_of(in);
  if (from.size() != 4 || axis_of(at, given.axis(), in) != 1) {
    at.refuse("is not two-dimensional, which is not supported");
  }

  convolution op;
  op.weight = std::move(weights[0]);
  if (given.bias_term()) op.bias = std::move(weights[1].values);
  if (op.weight.dims.size() != 4 || op.weight.dims[0] != given.num_output()) {
    at.refuse("has a weight that does not fit its num_output");
  }
  op.groups = given.group();
  if (at.proto.type() != "Convolution" && !given.has_group()) op.groups = from[1];
  bool clear = read_two(given.kernel_size(), given.has_kernel_h() || given.has_kernel_w(),
                        given.kernel_h(), given.kernel_w(), op.area.kernel);
  clear &= read_two(given.stride(), given.has_stride_h() || given.has_stride_w(), given.stride_h(),
                    given.stride_w(), op.area.stride);
  clear &= read_two(given.pad(), given.has_pad_h() || given.has_pad_w(), given.pad_h(),
                    given.pad_w(), op.area.pad_begin);
  clear &= read_two(given.dilation(), false, 0, 0, op.area.dilation);
  if (!clear) at.refuse("gives kernel, stride, pad or dilation in an unclear way");
  std::copy_n(op.area.pad_begin, 2, op.area.pad_end);
  emit(at, std::move(op), {in});
}

void caffe_reader::read_inner_product(const item& at) {
  const std::size_t in = input(at);
  const caffe::InnerProductParameter& given = at.proto.inner_product_param();
  const std::size_t count = given.bias_term() ? 2 : 1;
  std::vector<tensor> weights = blobs(at, count, count);
  if (axis_of(at, given.axis(), in) != 1) at.refuse("from another axis than 1 is not supported");

  inner_product op;
  op.weight = std::move(weights[0]);
  if (given.bias_term()) op.bias = std::move(weights[1].values);
  shape& dims = op.weight.dims;  // old files write (1, 1, O, I)
  while (dims.size() > 2 && dims.front() == 1) dims.erase(dims.begin());
  if (dims.size() != 2) at.refuse("needs a weight with two axes");
  if (given.transpose()) {
    op.weight.values = transposed(op.weight.values, dims[0], dims[1]);
    std::swap(dims[0], dims[1]);
  }
  if (dims[0] != given.num_output()) {
    at.refuse("has a weight that does not fit its num_output");
  }
  emit(at, std::move(op), {in});
}

// Caffe stores sums: the statistics are blobs 0 and 1 divided by the scale factor in blob 2.
void caffe_reader::read_batch_norm(const item& at) {
  const std::size_t in = input(at);
  const caffe::BatchNormParameter& given = at.proto.batch_norm_param();
  if (given.has_use_global_stats() && !given.use_global_stats()) {
    at.refuse("with use_global_stats: false is not supported");
  }
  std::vector<tensor> stored = blobs(at, 3, 3);
  if (stored[2].values.size() != 1 || !(stored[2].values[0] > 0) ||
      !std::isfinite(stored[2].values[0])) {
    at.refuse("needs one positive scale factor as its third blob");
  }
  const float factor = stored[2].values[0];
  batch_norm op;
  op.mean = std::move(stored[0].values);
  op.variance = std::move(stored[1].values);
  for (float& mean : op.mean) mean /= factor;
  for (float& variance : op.variance) variance /= factor;
  op.epsilon = static_cast<double>(given.eps());
  emit(at, std::move(op), {in});
}

void caffe_reader::read_scale(const item& at) {
  const std::size_t in = input(at);
  const caffe::ScaleParameter& given = at.proto.scale_param();
  if (axis_of(at, given.axis(), in) != 1 || given.num_axes() != 1) {
    at.refuse("is supported for axis 1 alone");
  }
  const std::size_t count = given.bias_term() ? 2 : 1;
  std::vector<tensor> weights = blobs(at, count, count);
  scale op;
  op.weight = std::move(weights[0].values);
  if (given.bias_term()) op.bias = std::move(weights[1].values);
  emit(at, std::move(op), {in});
}

void caffe_reader::read_relu(const item& at) {
  const float slope = at.proto.relu_param().negative_slope();
  if (slope == 0) {
    emit(at, relu{}, {input(at)});
  } else {
    emit(at, leaky_relu{slope}, {input(at)});
  }
}

void caffe_reader::read_relu6(const item& at) { emit(at, clip{0, 6}, {input(at)}); }

void caffe_reader::read_prelu(const item& at) {
  std::vector<tensor> weights = blobs(at, 1, 1);
  if (at.proto.prelu_param().channel_shared() && weights[0].values.size() != 1) {
    at.refuse("with channel_shared needs one slope");
  }
  emit(at, prelu{std::move(weights[0].values)}, {input(at)});
}

void caffe_reader::read_clip(const item& at) {
  if (!at.proto.has_clip_param()) at.refuse("lacks clip_param");
  emit(at, clip{at.proto.clip_param().min(), at.proto.clip_param().max()}, {input(at)});
}

void caffe_reader::read_quant(const item& at) {
  const activation_quantizer quantizer = read_quant_layer(at.proto);
  const std::size_t value = emit(at, identity{}, {input(at)});
  builder_.net().values[value].quantizer = quantizer;
}

// Caffe rounds the extent up and divides an average by the window inside the padded image.
void caffe_reader::read_pooling(const item& at) {
  const std::size_t in = input(at);
  const caffe::PoolingParameter& given = at.proto.pooling_param();
  if (builder_.shape_of(in).size() != 4) at.refuse("needs an input with four axes");
  if (given.pool() == caffe::PoolingParameter::STOCHASTIC) {
    at.refuse("with pool: STOCHASTIC is not supported");
  }
  pool op;
  op.what = given.pool() == caffe::PoolingParameter::MAX ? pool::kind::max : pool::kind::average;
  if (given.global_pooling()) {
    if (given.pad() != 0 || given.pad_h() != 0 || given.pad_w() != 0) {
      at.refuse("with global_pooling and padding is not supported");
    }
    op.global = true;
    emit(at, op, {in});
    return;
  }
  if (!given.has_kernel_size() && !(given.has_kernel_h() && given.has_kernel_w())) {
    at.refuse("lacks kernel_size");
  }
  const bool kernels = given.has_kernel_h(), strides = given.has_stride_h();
  const bool pads = given.has_pad_h();
  if (kernels != given.has_kernel_w() || strides != given.has_stride_w() ||
      pads != given.has_pad_w() || (kernels && given.has_kernel_size()) ||
      (strides && given.has_stride()) || (pads && given.has_pad())) {
    at.refuse("gives kernel, stride or pad in an unclear way");
  }
  op.area.kernel[0] = kernels ? given.kernel_h() : given.kernel_size();
  op.area.kernel[1] = kernels ? given.kernel_w() : given.kernel_size();
  op.area.stride[0] = strides ? given.stride_h() : given.stride();
  op.area.stride[1] = strides ? given.stride_w() : given.stride();
  op.area.pad_begin[0] = op.area.pad_end[0] = pads ? given.pad_h() : given.pad();
  op.area.pad_begin[1] = op.area.pad_end[1] = pads ? given.pad_w() : given.pad();
  op.ceil_mode = given.round_mode() == caffe::PoolingParameter::CEIL;
  op.count_include_pad = op.what == pool::kind::average;
  const bool padded = op.area.pad_begin[0] != 0 || op.area.pad_begin[1] != 0;
  for (std::size_t i = 0; op.ceil_mode && !padded && i < 2; ++i) {
    // Caffe drops a last window that starts beyond the image only where there is padding.
    const std::int64_t extent = builder_.shape_of(in)[i + 2], stride = op.area.stride[i];
    const std::int64_t room = extent - op.area.kernel[i];
    if (room > 0 && stride > 0 && (room + stride - 1) / stride * stride >= extent) {
      at.refuse("has a last window without a pixel");
    }
  }
  emit(at, op, {in});
}

void caffe_reader::read_eltwise(const item& at) {
  const caffe::EltwiseParameter& given = at.proto.eltwise_param();
  eltwise op;
  switch (given.operation()) {
    case caffe::EltwiseParameter::PROD:
      op.what = eltwise::kind::product;
      break;
    case caffe::EltwiseParameter::SUM:
      op.what = eltwise::kind::sum;
      break;
    case caffe::EltwiseParameter::MAX:
      op.what = eltwise::kind::maximum;
      break;
  }
  op.coefficients.assign(given.coeff().begin(), given.coeff().end());
  emit(at, std::move(op), inputs(at));
}

void caffe_reader::read_concat(const item& at) {
  const caffe::ConcatParameter& given = at.proto.concat_param();
  std::vector<std::size_t> in = inputs(at);
  if (in.empty()) at.refuse("has no bottoms");
  const std::int64_t asked = given.has_concat_dim() ? given.concat_dim() : given.axis();
  const auto axis = static_cast<std::int64_t>(axis_of(at, asked, in[0]));
  emit(at, concat{axis}, std::move(in));
}

void caffe_reader::read_slice(const item& at) {
  const std::size_t in = input(at);
  const caffe::SliceParameter& given = at.proto.slice_param();
  const std::int64_t asked = given.has_slice_dim() ? given.slice_dim() : given.axis();
  const std::size_t axis = axis_of(at, asked, in);
  const std::int64_t extent = builder_.shape_of(in)[axis];
  const int tops = at.proto.top_size();
  slice op{.axis = static_cast<std::int64_t>(axis), .begin = {0}, .end = {}};
  if (given.slice_point_size() != 0) {
    if (given.slice_point_size() != tops - 1) at.refuse("needs one slice_point less than tops");
    for (const std::uint32_t point : given.slice_point()) {
      op.end.push_back(point);
      op.begin.push_back(point);
    }
  } else {
    if (tops == 0 || extent % tops != 0) at.refuse("does not divide its input evenly");
    for (int k = 1; k < tops; ++k) {
      op.end.push_back(extent / tops * k);
      op.begin.push_back(extent / tops * k);
    }
  }
  op.end.push_back(extent);
  std::vector<int> all(static_cast<std::size_t>(tops));
  std::iota(all.begin(), all.end(), 0);
  emit_tops(at, std::move(op), {in}, all);
}

void caffe_reader::read_power(const item& at) {
  const caffe::PowerParameter& given = at.proto.power_param();
  emit(at, power{given.power(), given.scale(), given.shift()}, {input(at)});
}

void caffe_reader::read_flatten(const item& at) {
  const std::size_t in = input(at);
  const caffe::FlattenParameter& given = at.proto.flatten_param();
  const std::size_t first = axis_of(at, given.axis(), in);
  const std::size_t last = axis_of(at, given.end_axis(), in);
  const std::size_t rank = builder_.shape_of(in).size();
  if (first == 0 || last + 1 != rank) at.refuse("is supported from axis 1 or later to the last");
  reshape op{shape(first + 1, 0)};
  op.dims.back() = -1;
  emit(at, std::move(op), {in});
}

void caffe_reader::read_reshape(const item& at) {
  const std::size_t in = input(at);
  const caffe::ReshapeParameter& given = at.proto.reshape_param();
  if (given.axis() != 0 || given.num_axes() != -1) {
    at.refuse("with axis or num_axes is not supported");
  }
  shape dims(given.shape().dim().begin(), given.shape().dim().end());
  if (dims.empty() || dims[0] != 0) at.refuse("must keep the batch axis (dim: 0)");
  emit(at, reshape{std::move(dims)}, {in});
}

void caffe_reader::read_softmax(const item& at) {
  const std::size_t in = input(at);
  const std::size_t axis = axis_of(at, at.proto.softmax_param().axis(), in);
  emit(at, softmax{static_cast<std::int64_t>(axis)}, {in});
}

void caffe_reader::read_identity(const item& at) { emit(at, identity{}, {input(at)}); }

void caffe_reader::read_split(const item& at) {
  const std::size_t in = input(at);
  for (int k = 0; k < at.proto.top_size(); ++k) emit_tops(at, identity{}, {in}, {k});
}

}  // namespace compress
