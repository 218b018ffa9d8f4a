// Operations that move values without computing: concat, slice, pad, reshape, identity.
#include <algorithm>

#include "operations.hpp"

namespace compress::detail {

kernel prepare(const concat& op, const blueprint& plan, const device& on) {
  const auto pd = describe_concat(on.cpu, static_cast<int>(op.axis), plan.inputs);
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

kernel prepare(const slice& op, const blueprint& plan, const device& on) {
  const auto axis = static_cast<std::size_t>(op.axis);
  return [&on, axis, begin = op.begin, parts = plan.outputs](const std::vector<laid_out>& blobs,
                                                             bool) {
    const laid_out input = in_row_major(on, blobs[0]);
    std::vector<laid_out> outputs;
    for (std::size_t k = 0; k < begin.size(); ++k) {
      shape offset(parts[k].size(), 0);
      offset[axis] = begin[k];
      outputs.push_back(allocate(on, row_major(parts[k])));
      reorder(on, {input.layout.submemory_desc(parts[k], offset), input.data}, outputs.back());
    }
    return outputs;
  };
}

kernel prepare(const pad& op, const blueprint& plan, const device& on) {
  return [&on, in = dims_of(plan.inputs[0]), target = row_major(plan.outputs[0]), begin = op.begin,
          fill = op.value](const std::vector<laid_out>& blobs, bool) {
    laid_out output = allocate(on, target);
    std::fill_n(output.data.get(), target.get_size() / sizeof(float), fill);
    reorder(on, blobs[0], {target.submemory_desc(in, begin), output.data});
    return std::vector<laid_out>{output};
  };
}

kernel prepare(const reshape&, const blueprint& plan, const device& on) {
  return [&on, target = row_major(plan.outputs[0])](const std::vector<laid_out>& blobs, bool) {
    laid_out output = in_row_major(on, blobs[0]);
    output.layout = target;
    return std::vector<laid_out>{output};
  };
}

kernel prepare(const identity&, const blueprint&, const device&) {
  return [](const std::vector<laid_out>& blobs, bool) { return blobs; };
}

}  // namespace compress::detail
