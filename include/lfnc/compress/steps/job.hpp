// lfnc floor 5: compress/job: what the steps of the whole method share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "../adapter.hpp"
#include "../report.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// One run of the method over an adapter.
template <class A, class Verbs>
struct compress_job {
  A& adapter;
  Verbs& verbs;
  const compress_options& options;

  std::vector<layer_info> layers = {};
  std::vector<std::size_t> weights = {};  // indices of layers, in order
  std::vector<std::size_t> norms = {};
  std::vector<std::size_t> points = {};  // those that are to be quantized

  std::size_t code_bytes = 0;  // held until they are written
  compress_report report = {};
  compress_step done = compress_step::none;

  const std::string& name(std::size_t index) const { return layers[index].name; }

  // Tells how far the work is. Throws `cancelled` where the caller wants no more of it.
  void tell(compress_stage stage, std::string_view layer, std::size_t now,
            std::size_t total) const {
    if (options.progress && !options.progress({stage, layer, now, total})) raise(cancelled(done));
  }

  // A step was done.
  void finish(compress_step step) {
    done = step;
    if (options.after) options.after(step);
  }
};

// Refuses values that are not a batch of `count` images of a layer.
template <class View>
void check_values(const View& values, std::size_t count) {
  check_view(values, "values");
  require(values.extents[0] == static_cast<index_t>(count), "values", [&] {
    return sentence({"hold ", values.extents[0], " images where ", count, " were fed"});
  });
}

// Feeds the first `images` images batch by batch and calls visit(index, values) for each of
// `wanted` in every batch.
template <class Job, class Visit>
void feed_all(Job& job, compress_stage stage, std::size_t images,
              const std::vector<std::size_t>& wanted, Visit visit) {
  job.tell(stage, {}, 0, images);
  for (std::size_t first = 0; first < images; first += job.options.batch) {
    const std::size_t count = std::min(job.options.batch, images - first);
    feed(job.adapter, first, count, wanted, [&](std::size_t index, const auto& values) {
      in_layer(job.name(index), [&] {
        check_values(values, count);
        visit(index, values);
      });
    });
    job.report.cost.images += count;
    job.tell(stage, {}, first + count, images);
  }
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
