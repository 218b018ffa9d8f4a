// Operations that move values without computing: concat, slice, pad, reshape, identity.
#include <algorithm>

#include "operations.hpp"
#include "shapes.hpp"

namespace compress::detail {

kernel prepare(const concat& op, const layouts& inputs, const device& on) {
  const auto pd = describe_concat(on.cpu, static_cast<int>(op.axis), inputs);
  return [&on, target = pd.dst_desc(), run = dnnl::concat(pd)](const std::vector<laid_out>& blobs,
                                                               bool) {
    laid_out output = allocate(on, target);
    std::unordered_map<int, dnnl::memory> arguments = {{DNNL_ARG_DST, bind(on, output)}};
    for (std::size_t k = 0; k < blobs.size(); ++k) {
      arguments.emplace(DNNL_ARG_MULTIPLE_SRC + static_cast<int>(k), bind(on, blobs[k]));
    }
    run.execute(on.queue, arguments);
    return std::vector<laid_out>{output};
  };
}

kernel prepare(const slice& op, const layouts& inputs, const device& on) {
  const shape in = dims_of(inputs[0]);
  const auto axis = static_cast<std::size_t>(op.axis);
  return [&on, in, axis, begin = op.begin, end = op.end](const std::vector<laid_out>& blobs, bool) {
    const laid_out input = in_row_major(on, blobs[0]);
    std::vector<laid_out> outputs;
    for (std::size_t k = 0; k < begin.size(); ++k) {
      shape part = in;
      part[axis] = end[k] - begin[k];
      shape offset(in.size(), 0);
      offset[axis] = begin[k];
      outputs.push_back(allocate(on, row_major(part)));
      reorder(on, {input.layout.submemory_desc(part, offset), input.data}, outputs.back());
    }
    return outputs;
  };
}

kernel prepare(const pad& op, const layouts& inputs, const device& on) {
  const shape in = dims_of(inputs[0]);
  shape wide = in;
  for (std::size_t axis = 0; axis < in.size(); ++axis) wide[axis] += op.begin[axis] + op.end[axis];
  return [&on, in, target = row_major(wide), begin = op.begin, fill = op.value](
             const std::vector<laid_out>& blobs, bool) {
    laid_out output = allocate(on, target);
    std::fill_n(output.data.get(), target.get_size() / sizeof(float), fill);
    reorder(on, blobs[0], {target.submemory_desc(in, begin), output.data});
    return std::vector<laid_out>{output};
  };
}

kernel prepare(const reshape& op, const layouts& inputs, const device& on) {
  const shape out = reshaped(op, dims_of(inputs[0]));
  return [&on, target = row_major(out)](const std::vector<laid_out>& blobs, bool) {
    laid_out output = in_row_major(on, blobs[0]);
    output.layout = target;
    return std::vector<laid_out>{output};
  };
}

kernel prepare(const identity&, const layouts&, const device&) {
  return [](const std::vector<laid_out>& blobs, bool) { return blobs; };
}

}  // namespace compress::detail
