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
#include "wait.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// The moments of one batch norm's input, one entry a channel.
using layer_moments = std::vector<channel_moments>;

template <class Job>
layer_moments no_moments(Job& job, std::size_t index) {
  return layer_moments(job.adapter.statistics(index).mean.size());
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

// Bytes of an image's state at every place of the list up to the last batch norm.
struct state_sizes {
  std::vector<std::size_t> bytes_each;  // by index of the layer

  std::size_t largest_each() const {
    return *std::max_element(bytes_each.begin(), bytes_each.end());
  }
};

template <class Job>
state_sizes measure_sizes(Job& job) {
  const std::size_t images = std::min(job.options.batch, job.options.images);
  state_sizes sizes;
  auto state = job.adapter.start(0, images);
  for (std::size_t index = 0; index <= job.norms.back(); ++index) {
    job.adapter.advance(state, index);
    sizes.bytes_each.push_back((job.adapter.bytes(state) + images - 1) / images);
  }
  job.report.cost.images += images;
  return sizes;
}

// Bytes that are left of the memory that the caller named when the adapter and the codes have taken
// theirs.
template <class Job>
std::size_t memory_for_batches(const Job& job) {
  std::size_t left = job.options.memory;
  const auto take = [&left](std::size_t bytes) { left -= std::min(left, bytes); };
  if constexpr (requires { job.adapter.overhead(); }) take(job.adapter.overhead());
  take(job.code_bytes);
  return left;
}

// Images of a batch: as many as the caller wants, unless the values of one on its way (those that
// go into a layer, and those that come out) would take more than an eighth of memory that is short.
inline std::size_t batch_within(std::size_t memory, std::size_t wanted, const state_sizes& sizes,
                                std::size_t images) {
  const std::size_t each = sizes.largest_each();
  if (each == 0 || (images + 2 * wanted) <= memory / each) return wanted;
  return std::clamp<std::size_t>(memory / 8 / (2 * each), 1, wanted);
}

// Batches of images that wait between two batch norms. wait_plan says where (compress/wait.hpp).
template <class Job>
class waiting_batches {
 public:
  explicit waiting_batches(Job& job) : job_(job), sizes_(measure_sizes(job)) {
    const std::size_t memory = memory_for_batches(job);
    const std::size_t images = job.options.images;
    const std::size_t count = batch_within(memory, job.options.batch, sizes_, images);
    limit_ = memory - std::min(memory, 2 * count * sizes_.largest_each());
    for (std::size_t first = 0; first < images; first += count) {
      batches_.push_back({first, std::min(count, images - first), {}, nowhere, 0});
    }
  }

  // Takes every batch to layer `index` and calls visit(values, count). last: no layer comes after
  // it.
  template <class Visit>
  void advance(std::size_t index, bool last, Visit visit) {
    const std::vector<std::size_t> targets = choose_targets(index, last);
    // Those that let go of most come first, so that what they kept is there for the others.
    std::vector<std::size_t> order(batches_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return growth(a, targets[a]) < growth(b, targets[b]);
    });
    for (const std::size_t k : order) {
      batch& each = batches_[k];
      held_ -= each.bytes;
      const std::size_t allowed = limit_ - std::min(limit_, held_);
      take_on(each, index, place_within(each, targets[k], allowed), last, visit);
      held_ += each.bytes;
      job_.report.cost.state_bytes = std::max(job_.report.cost.state_bytes, held_);
    }
  }

 private:
  using state = typename std::remove_reference_t<decltype(std::declval<Job&>().adapter)>::state;

  struct batch {
    std::size_t first;
    std::size_t count;
    std::optional<state> kept;
    std::size_t place;  // where in the list it waits
    std::size_t bytes;  // of what is kept
  };

  // Where each batch is to wait: those that have come farthest take the farther place.
  std::vector<std::size_t> choose_targets(std::size_t index, bool last) const {
    std::vector<std::size_t> targets(batches_.size(), nowhere);
    if (last) return targets;
    const wait_plan plan = plan_wait(sizes_.bytes_each, index, limit_, job_.options.images);
    std::vector<std::size_t> order(batches_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
      return batches_[a].place + 1 > batches_[b].place + 1;
    });
    std::size_t images = plan.far_images;
    for (const std::size_t k : order) {
      const bool far = batches_[k].count <= images;
      targets[k] = far ? plan.far : plan.near;
      if (far) images -= batches_[k].count;
    }
    return targets;
  }

  std::size_t bytes_at(const batch& each, std::size_t place) const {
    if (place == nowhere) return 0;
    return place == each.place ? each.bytes : each.count * sizes_.bytes_each[place];
  }

  // What a batch will keep beyond what it does.
  std::ptrdiff_t growth(std::size_t k, std::size_t target) const {
    const batch& each = batches_[k];
    return static_cast<std::ptrdiff_t>(bytes_at(each, target)) -
           static_cast<std::ptrdiff_t>(each.bytes);
  }

  // `target`, or where the batch waits already if it is past that, or nowhere; what is allowed.
  std::size_t place_within(const batch& each, std::size_t target, std::size_t allowed) const {
    if (target == nowhere) return nowhere;
    const bool past = each.kept && each.place >= target;
    if (!past && bytes_at(each, target) <= allowed) return target;
    return each.kept && each.bytes <= allowed ? each.place : nowhere;
  }

  // `place` is where the batch waits from now on.
  template <class Visit>
  void take_on(batch& each, std::size_t index, std::size_t place, bool last, Visit& visit) {
    const bool stays = each.kept && place == each.place;
    state running = stays ? *each.kept : take_out(each);
    if (!stays && place != nowhere && place < index) {
      job_.adapter.advance(running, place);
      keep(each, running, place);
    }
    job_.adapter.advance(running, index);
    visit(job_.adapter.values(running, index), each.count);
    if (!stays && !last && place == index) keep(each, std::move(running), place);
  }

  state take_out(batch& each) {
    if (!each.kept) {
      job_.report.cost.images += each.count;
      return job_.adapter.start(each.first, each.count);
    }
    state taken = std::move(*each.kept);
    each.kept.reset();
    each.bytes = 0;
    each.place = nowhere;
    return taken;
  }

  void keep(batch& each, state here, std::size_t place) {
    each.bytes = job_.adapter.bytes(here);
    each.kept.emplace(std::move(here));
    each.place = place;
  }

  Job& job_;
  state_sizes sizes_;
  std::size_t limit_ = 0;  // bytes that may be kept
  std::size_t held_ = 0;   // that are
  std::vector<batch> batches_;
};

// Layer after layer: update(k, moments) is called with the moments of the k-th batch norm's input
// before anything behind it has run, and may change the layer, after which the images go on from
// there. Costs one pass over the images where the states of all batches fit into the memory, and up
// to as many as there are batch norms where none do. The moments are the same in any case.
template <class Job, class Update>
void measure_in_turn(Job& job, compress_stage stage, Update update) {
  using adapter_type = std::remove_reference_t<decltype(job.adapter)>;
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
  if constexpr (stateful_adapter<adapter_type>) {
    waiting_batches batches(job);
    in_turn([&](std::size_t k, auto visit) {
      batches.advance(job.norms[k], k + 1 == job.norms.size(), visit);
    });
  } else {
    in_turn([&](std::size_t k, auto visit) {
      for (std::size_t first = 0; first < images; first += job.options.batch) {
        const std::size_t count = std::min(job.options.batch, images - first);
        feed(job.adapter, first, count, std::span(job.norms).subspan(k, 1),
             [&](std::size_t, const auto& values) { visit(values, count); });
        job.report.cost.images += count;
      }
    });
  }
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
