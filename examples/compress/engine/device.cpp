#include "device.hpp"

#include <algorithm>
#include <cstddef>

namespace compress::detail {

namespace {

dnnl::memory::dims row_major_strides(const shape& dims) {
  dnnl::memory::dims strides(dims.size(), 1);
  for (std::size_t axis = dims.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * dims[axis];
  return strides;
}

}  // namespace

dnnl::memory::desc row_major(const shape& dims) {
  return {dims, dnnl::memory::data_type::f32, row_major_strides(dims)};
}

dnnl::memory::desc any_layout(const shape& dims) {
  return {dims, dnnl::memory::data_type::f32, dnnl::memory::format_tag::any};
}

laid_out allocate(const device& on, const dnnl::memory::desc& layout) {
  return {layout, on.memory->take(layout.get_size())};
}

dnnl::memory bind(const device& on, const laid_out& blob) {
  return {blob.layout, on.cpu, blob.data.get()};
}

void reorder(const device& on, const laid_out& from, const laid_out& to) {
  dnnl::memory source = bind(on, from);
  dnnl::memory target = bind(on, to);
  dnnl::reorder(source, target).execute(on.queue, source, target);
}

laid_out in_layout(const device& on, const laid_out& blob, const dnnl::memory::desc& layout) {
  if (blob.layout == layout) return blob;
  laid_out copy = allocate(on, layout);
  reorder(on, blob, copy);
  return copy;
}

laid_out in_place(const std::vector<float>& values, const shape& dims) {
  // oneDNN takes pointers to what it reads without const.
  return {row_major(dims), {std::shared_ptr<void>(), const_cast<float*>(values.data())}};
}

laid_out in_row_major(const device& on, const laid_out& blob) {
  return in_layout(on, blob, row_major(dims_of(blob.layout)));
}

laid_out pack(const device& on, const laid_out& weights, const dnnl::memory::desc& layout,
              std::vector<laid_out>& packed) {
  for (const laid_out& each : packed) {
    if (each.layout == layout) return each;
  }
  packed.push_back(allocate(on, layout));
  reorder(on, weights, packed.back());
  return packed.back();
}

laid_out parameters(const device& on, const std::vector<float>& values, const shape& dims) {
  laid_out copy = allocate(on, row_major(dims));
  std::copy(values.begin(), values.end(), copy.data.get());
  return copy;
}

}  // namespace compress::detail
