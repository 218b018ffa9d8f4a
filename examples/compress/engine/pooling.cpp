#include <algorithm>

#include "operations.hpp"

namespace compress::detail {

namespace {

// Padding after the input that makes exactly so many windows fit; in ceil mode it may be more than
// the network's own.
std::int64_t right_padding(const window& area, int axis, std::int64_t extent,
                           std::int64_t windows) {
  const std::int64_t reach = (area.kernel[axis] - 1) * area.dilation[axis] + 1;
  const std::int64_t end = (windows - 1) * area.stride[axis] + reach;
  return std::max<std::int64_t>(0, end - area.pad_begin[axis] - extent);
}

kernel pool_windows(const dnnl::memory::desc& data, const shape& out, dnnl::algorithm what,
                    const window& area, const dnnl::memory::dims& right, const device& on) {
  const dnnl::memory::dims taps = {area.kernel[0], area.kernel[1]};
  const dnnl::memory::dims strides = {area.stride[0], area.stride[1]};
  const dnnl::memory::dims gaps = {area.dilation[0] - 1, area.dilation[1] - 1};
  const dnnl::memory::dims left = {area.pad_begin[0], area.pad_begin[1]};
  const auto pd = describe<dilated_pooling>(on.cpu, what, data, any_layout(out), strides, taps,
                                            gaps, left, right);
  return [&on, target = pd.dst_desc(), run = dilated_pooling(pd)](
             const std::vector<laid_out>& inputs, bool) {
    laid_out output = allocate(on, target);
    run.execute(on.queue, {{DNNL_ARG_SRC, bind(on, inputs[0])}, {DNNL_ARG_DST, bind(on, output)}});
    return std::vector<laid_out>{output};
  };
}

}  // namespace

kernel prepare(const pool& op, const blueprint& plan, const device& on) {
  const dnnl::memory::desc& data = plan.inputs[0];
  const shape in = dims_of(data);
  const shape& out = plan.outputs[0];
  window area = op.area;
  if (op.global) {
    area = window{};
    area.kernel[0] = in[2];
    area.kernel[1] = in[3];
  }
  const dnnl::memory::dims right = {right_padding(area, 0, in[2], out[2]),
                                    right_padding(area, 1, in[3], out[3])};
  if (op.what == pool::kind::max) {
    return pool_windows(data, out, dnnl::algorithm::pooling_max, area, right, on);
  }
  if (!op.count_include_pad) {
    return pool_windows(data, out, dnnl::algorithm::pooling_avg_exclude_padding, area, right, on);
  }
  if (right[0] <= area.pad_end[0] && right[1] <= area.pad_end[1]) {
    return pool_windows(data, out, dnnl::algorithm::pooling_avg_include_padding, area, right, on);
  }
  // The padding that the network asks for counts, the overhang of ceil mode does not; oneDNN knows
  // one kind of padding only. So the former becomes data and the latter padding that is excluded.
  compress::pad border;
  border.begin = {0, 0, area.pad_begin[0], area.pad_begin[1]};
  border.end = {0, 0, area.pad_end[0], area.pad_end[1]};
  shape wide = in;
  dnnl::memory::dims overhang(2);
  for (std::size_t axis = 0; axis < 2; ++axis) {
    wide[axis + 2] += area.pad_begin[axis] + area.pad_end[axis];
    overhang[axis] = std::max<std::int64_t>(0, right[axis] - area.pad_end[axis]);
    area.pad_begin[axis] = area.pad_end[axis] = 0;
  }
  kernel widen = prepare(border, {plan.inputs, {wide}, plan.packed}, on);
  kernel average = pool_windows(row_major(wide), out, dnnl::algorithm::pooling_avg_exclude_padding,
                                area, overhang, on);
  return [widen, average](const std::vector<laid_out>& blobs, bool) {
    return average(widen(blobs, false), false);
  };
}

}  // namespace compress::detail
