// lfnc floor 5: compress/renormalize: step 2: statistics of the network with quantized weights.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "../../batch_norm.hpp"
#include "measure.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// A copy of a batch norm's statistics.
template <class T>
struct saved_statistics {
  std::vector<T> mean;
  std::vector<T> variance;
};

template <class A>
using statistics_type =
    typename decltype(std::declval<A&>().statistics(std::size_t{0}).mean)::element_type;

template <class Job>
using adapter_of = std::remove_reference_t<decltype(std::declval<Job&>().adapter)>;

template <class Job>
auto save_statistics(Job& job) {
  std::vector<saved_statistics<statistics_type<adapter_of<Job>>>> all;
  for (const std::size_t index : job.norms) {
    const auto now = job.adapter.statistics(index);
    all.push_back({{now.mean.begin(), now.mean.end()}, {now.variance.begin(), now.variance.end()}});
  }
  return all;
}

template <class T>
void load_statistics(const saved_statistics<T>& from, const norm_statistics<T>& to) {
  std::copy(from.mean.begin(), from.mean.end(), to.mean.begin());
  std::copy(from.variance.begin(), from.variance.end(), to.variance.begin());
}

// Gives the adapter back the statistics that it had, unless they are released.
template <class Job>
class statistics_guard {
 public:
  explicit statistics_guard(Job& job) : job_(job), before_(save_statistics(job)) {}
  statistics_guard(const statistics_guard&) = delete;
  statistics_guard& operator=(const statistics_guard&) = delete;
  ~statistics_guard() {
    if (released_) return;
#if LFNC_EXCEPTIONS
    try {
      restore();
    } catch (...) {  // a second problem on the way out of the first
    }
#else
    restore();
#endif
  }

  void release() { released_ = true; }

 private:
  void restore() {
    for (std::size_t k = 0; k < before_.size(); ++k) {
      load_statistics(before_[k], job_.adapter.statistics(job_.norms[k]));
      job_.adapter.changed(job_.norms[k]);
    }
  }

  Job& job_;
  std::vector<saved_statistics<statistics_type<adapter_of<Job>>>> before_;
  bool released_ = false;
};

template <class T>
norm_report describe_norm(const saved_statistics<T>& before, const norm_statistics<T>& after) {
  norm_report report;
  double squares = 0;
  double logs = 0;
  const std::size_t channels = before.mean.size();
  for (std::size_t c = 0; c < channels; ++c) {
    const double old_variance = static_cast<double>(before.variance[c]) + after.epsilon;
    if (!(old_variance > 0)) continue;  // there is no deviation to tell it by
    const double new_variance = static_cast<double>(after.variance[c]) + after.epsilon;
    const double shift = static_cast<double>(after.mean[c]) - static_cast<double>(before.mean[c]);
    squares += shift * shift / old_variance;
    logs += std::log(new_variance / old_variance);
  }
  report.mean_shift = std::sqrt(squares / static_cast<double>(channels));
  report.variance_ratio = std::exp(logs / static_cast<double>(channels));
  return report;
}

// Replaces the statistics of every batch norm, layer after layer, starting from the trained ones;
// fills job.report.norms. `original` are the moments of the float network where the
// re-normalization is anchored, and not used otherwise. All or nothing: what ends it early leaves
// the statistics as they were.
template <class Job, class T>
void renormalize_all(Job& job, compress_stage stage,
                     const std::vector<saved_statistics<T>>& trained,
                     const std::vector<layer_moments>& original) {
  statistics_guard guard(job);
  std::vector<norm_report> reports;
  measure_in_turn(job, stage, [&](std::size_t k, const layer_moments& moments) {
    const norm_statistics<T> now = job.adapter.statistics(job.norms[k]);
    load_statistics(trained[k], now);
    const renormalize_options bounds{.epsilon = now.epsilon};
    renormalize_counts counts;
    if (job.options.renormalize == renormalization::anchored) {
      counts = renormalize_anchored<T>(moments, original[k], now.mean, now.variance, bounds);
    } else {
      counts = renormalize<T>(moments, now.mean, now.variance, variance_kind::unbiased, bounds);
    }
    job.adapter.changed(job.norms[k]);
    reports.push_back(describe_norm(trained[k], now));
    reports.back().kept = counts.kept;
    reports.back().bounded = counts.bounded;
    reports.back().layer = job.name(job.norms[k]);
  });
  guard.release();
  job.report.norms = std::move(reports);
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
