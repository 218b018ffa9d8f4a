#include "operations.hpp"
#include "windows.hpp"

namespace compress::detail {

namespace {

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

kernel prepare(const pool& op, const layouts& inputs, const device& on) {
  const shape in = dims_of(inputs[0]);
  window area = op.area;
  if (op.global) {
    area = window{};
    area.kernel[0] = in[2];
    area.kernel[1] = in[3];
  }
  const pooled_axis rows = pooled_extent(in[2], area, 0, op.ceil_mode);
  const pooled_axis columns = pooled_extent(in[3], area, 1, op.ceil_mode);
  const shape out = {in[0], in[1], rows.extent, columns.extent};

  if (op.what == pool::kind::max) {
    return pool_windows(inputs[0], out, dnnl::algorithm::pooling_max, area,
                        {rows.right_padding, columns.right_padding}, on);
  }
  if (!op.count_include_pad) {
    return pool_windows(inputs[0], out, dnnl::algorithm::pooling_avg_exclude_padding, area,
                        {rows.right_padding, columns.right_padding}, on);
  }
  if (rows.overhang == 0 && columns.overhang == 0) {
    return pool_windows(inputs[0], out, dnnl::algorithm::pooling_avg_include_padding, area,
                        {rows.right_padding, columns.right_padding}, on);
  }
  // The padding that the network asks for counts, the overhang of ceil mode does not; oneDNN knows
  // one kind of padding only. So the former becomes data and the latter padding that is excluded.
  compress::pad border;
  border.begin = {0, 0, area.pad_begin[0], area.pad_begin[1]};
  border.end = {0, 0, area.pad_end[0], area.pad_end[1]};
  kernel widen = prepare(border, inputs, on);
  const shape wide = {in[0], in[1], in[2] + area.pad_begin[0] + area.pad_end[0],
                      in[3] + area.pad_begin[1] + area.pad_end[1]};
  window inside = area;
  for (int axis = 0; axis < 2; ++axis) inside.pad_begin[axis] = inside.pad_end[axis] = 0;
  kernel average = pool_windows(row_major(wide), out, dnnl::algorithm::pooling_avg_exclude_padding,
                                inside, {rows.overhang, columns.overhang}, on);
  return [widen, average](const std::vector<laid_out>& blobs, bool) {
    return average(widen(blobs, false), false);
  };
}

}  // namespace compress::detail
