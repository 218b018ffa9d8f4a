// lfnc floor 5: compress/measure: moments of what goes into each batch norm, within bounded memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "job.hpp"

namespace lfnc {

// The moments of one batch norm's input, one entry a channel.
using layer_moments = std::vector<channel_moments>;

inline namespace LFNC_ABI {
namespace detail {

template <class Job>
layer_moments no_moments(Job& job, std::size_t index) {
  return layer_moments(job.host.statistics(index).mean.size());
}

// One pass over the first options.images images through the network as it is: the moments of every
// batch norm's input, in the order of job.norms.
template <class Job>
std::vector<layer_moments> measure_all(Job& job, compress_stage stage) {
  std::vector<layer_moments> moments;
  std::vector<std::size_t> place(job.layers.size());
  for (const std::size_t index : job.norms) {
    place[index] = moments.size();
    moments.push_back(no_moments(job, index));
  }
  feed_all(job, stage, job.options.images, job.norms, [&](std::size_t index, const auto& values) {
    job.verbs.accumulate_moments(values, std::span(moments[place[index]]));
  });
  return moments;
}

// Bytes of a batch's state at every place of the list up to the last batch norm.
struct state_sizes {
  std::size_t images = 0;          // of the batch that was measured
  std::vector<std::size_t> bytes;  // by index of the layer

  // Of a batch of `count` images, where the layer is about to run.
  std::size_t at(std::size_t index, std::size_t count) const {
    return count == images ? bytes[index] : (bytes[index] / images + 1) * count;
  }
  std::size_t largest() const { return *std::max_element(bytes.begin(), bytes.end()); }
};

template <class Job>
state_sizes measure_sizes(Job& job) {
  state_sizes sizes{std::min(job.options.batch, job.options.images), {}};
  auto state = job.host.start(0, sizes.images);
  for (std::size_t index = 0; index <= job.norms.back(); ++index) {
    job.host.advance(state, index);
    sizes.bytes.push_back(job.host.bytes(state));
  }
  job.report.cost.images += sizes.images;
  return sizes;
}

// Bytes that states may keep: what is left of the memory that the caller named when the host, the
// codes and a batch on its way (values that go into a layer, and those that come out) have taken
// theirs.
template <class Job>
std::size_t memory_for_states(const Job& job, const state_sizes& sizes) {
  std::size_t left = job.options.memory;
  const auto take = [&left](std::size_t bytes) { left -= std::min(left, bytes); };
  if constexpr (requires { job.host.overhead(); }) take(job.host.overhead());
  take(job.code_bytes);
  for (int k = 0; k < 2; ++k) take(sizes.largest());
  return left;
}

// Batches of images that wait between two batch norms. Each waits as far on in the network as its
// share of the memory allows: at the batch norm that was measured last, at an earlier place of the
// list where less has to be kept, or (keeping nothing) at the images.
template <class Job>
class waiting_batches {
 public:
  explicit waiting_batches(Job& job)
      : job_(job), sizes_(measure_sizes(job)), limit_(memory_for_states(job, sizes_)) {
    for (std::size_t first = 0; first < job.options.images; first += job.options.batch) {
      batches_.push_back(
          {first, std::min(job.options.batch, job.options.images - first), {}, 0, 0});
    }
  }

  // Takes every batch to layer `index` and calls visit(values, count). last: no layer comes after
  // it.
  template <class Visit>
  void advance(std::size_t index, bool last, Visit visit) {
    // Those that keep most an image go first, so that what they let go of is there for the others;
    // and a share is free when its turn comes, since nobody who still waits keeps more.
    std::vector<std::size_t> order(batches_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
      return batches_[a].bytes * batches_[b].count > batches_[b].bytes * batches_[a].count;
    });
    std::size_t settled = 0;  // bytes of the batches that have been there
    std::size_t waiting = 0;  // of those that have not
    std::size_t images_left = 0;
    for (const batch& each : batches_) {
      waiting += each.bytes;
      images_left += each.count;
    }
    for (const std::size_t k : order) {
      batch& each = batches_[k];
      waiting -= each.bytes;
      const std::size_t share = (limit_ - std::min(limit_, settled)) / images_left * each.count;
      const std::size_t allowed = std::max(each.bytes, share);
      take_on(each, index, last ? nothing : place_within(each, index, allowed), last, visit);
      settled += each.bytes;
      images_left -= each.count;
      job_.report.cost.state_bytes = std::max(job_.report.cost.state_bytes, settled + waiting);
    }
  }

 private:
  using state = typename std::remove_reference_t<decltype(std::declval<Job&>().host)>::state;
  static constexpr std::size_t nothing = static_cast<std::size_t>(-1);

  struct batch {
    std::size_t first;
    std::size_t count;
    std::optional<state> kept;
    std::size_t next;   // the first place of the list that it has not been at
    std::size_t bytes;  // of what is kept
  };

  // The last place up to `index`, beyond where the batch is, where it keeps at most so many bytes.
  std::size_t place_within(const batch& each, std::size_t index, std::size_t allowed) const {
    for (std::size_t place = index + 1; place-- > each.next;) {
      if (sizes_.at(place, each.count) <= allowed) return place;
    }
    return nothing;
  }

  state take_out(batch& each, bool keep) {
    if (!each.kept) {
      job_.report.cost.images += each.count;
      return job_.host.start(each.first, each.count);
    }
    if (keep) return *each.kept;
    state taken = std::move(*each.kept);
    each.kept.reset();
    each.bytes = 0;
    return taken;
  }

  void keep(batch& each, state here, std::size_t place) {
    each.bytes = job_.host.bytes(here);
    each.kept.emplace(std::move(here));
    each.next = place + 1;
  }

  // `place` is where the batch will wait from now on; nothing: where it does, or no more.
  template <class Visit>
  void take_on(batch& each, std::size_t index, std::size_t place, bool last, Visit& visit) {
    state running = take_out(each, place == nothing && !last);
    if (place != nothing && place < index) {
      job_.host.advance(running, place);
      keep(each, running, place);
    }
    job_.host.advance(running, index);
    visit(job_.host.values(running, index), each.count);
    if (place == index) keep(each, std::move(running), place);
  }

  Job& job_;
  state_sizes sizes_;
  std::size_t limit_;
  std::vector<batch> batches_;
};

// Layer after layer: update(k, moments) is called with the moments of the k-th batch norm's input
// before anything behind it has run, and may change the layer, after which the images go on from
// there. Costs one pass over the images where the states of all batches fit into the memory, and up
// to as many as there are batch norms where none do. The moments are the same in any case.
template <class Job, class Update>
void measure_in_turn(Job& job, compress_stage stage, Update update) {
  using host_type = std::remove_reference_t<decltype(job.host)>;
  const std::size_t images = job.options.images;
  const std::size_t total = job.norms.size() * images;
  job.tell(stage, {}, 0, total);
  std::size_t fed = 0;
  const auto add = [&](std::size_t index, const auto& values, std::size_t count,
                       layer_moments& moments) {
    in_layer(job.name(index), [&] {
      check_values(values, count);
      job.verbs.accumulate_moments(values, std::span(moments));
    });
    fed += count;
  };
  const auto in_turn = [&](auto measure) {
    for (std::size_t k = 0; k < job.norms.size(); ++k) {
      const std::size_t index = job.norms[k];
      layer_moments moments = no_moments(job, index);
      measure(k, [&](const auto& values, std::size_t count) {
        add(index, values, count, moments);
        job.tell(stage, job.name(index), fed, total);
      });
      in_layer(job.name(index), [&] { update(k, moments); });
    }
  };
  if constexpr (stateful_host<host_type>) {
    waiting_batches batches(job);
    in_turn([&](std::size_t k, auto visit) {
      batches.advance(job.norms[k], k + 1 == job.norms.size(), visit);
    });
  } else {
    in_turn([&](std::size_t k, auto visit) {
      for (std::size_t first = 0; first < images; first += job.options.batch) {
        const std::size_t count = std::min(job.options.batch, images - first);
        feed(job.host, first, count, std::span(job.norms).subspan(k, 1),
             [&](std::size_t, const auto& values) { visit(values, count); });
        job.report.cost.images += count;
      }
    });
  }
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
