// lfnc floor 2: parallel: the one parallel loop of the CPU backend: the caller's, OpenMP's or plain
// threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#if defined(_OPENMP)
#include <omp.h>
#endif

#include "../../error.hpp"
#include "../../scalar.hpp"
#include "../policy.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Of a policy whose number of threads is not negative.
inline int thread_count(const cpu& policy) {
  if (policy.threads > 0) return policy.threads;
#if defined(_OPENMP)
  return std::max(1, omp_get_max_threads());
#else
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
#endif
}

// Elements that a thread should have before another one is worth waking.
inline constexpr index_t thread_grain = 1 << 15;

inline index_t grain_of(index_t elements_each) {
  return std::max<index_t>(1, thread_grain / std::max<index_t>(1, elements_each));
}

// A body of for_ranges whose type is forgotten, so that what hands out ranges is compiled once and
// the body itself once: it is much of what a verb takes to compile.
struct range_body {
  void* self;
  void (*run)(void* self, index_t begin, index_t end);
};

#if !defined(_OPENMP)
// A thread that is waited for: std::jthread, which libc++ 19 does not have.
struct joined_thread {
  std::thread thread;

  template <class Work>
  explicit joined_thread(Work work) : thread(std::move(work)) {}
  joined_thread(joined_thread&&) = default;
  ~joined_thread() {
    if (thread.joinable()) thread.join();
  }
};
#endif

inline void hand_out_ranges(const cpu& policy, index_t count, index_t grain, range_body body) {
  if (count <= 0) return;
  require(policy.threads >= 0, "threads", [&] { return number(policy.threads) + " is negative"; });
  const index_t most = (count + grain - 1) / std::max<index_t>(grain, 1);
  // What stays on one thread does not ask the machine how many there are.
  const auto parts =
      most <= 1 ? 1 : static_cast<int>(std::min<index_t>(thread_count(policy), most));
  if (policy.hook == nullptr && parts <= 1) return body.run(body.self, 0, count);

  struct task {
    range_body body;
    std::exception_ptr problem;
    std::atomic_flag failed;
    static void run(void* self, index_t begin, index_t end) {
      task& t = *static_cast<task*>(self);
#if LFNC_EXCEPTIONS
      try {
        t.body.run(t.body.self, begin, end);
      } catch (...) {
        if (!t.failed.test_and_set()) t.problem = std::current_exception();
      }
#else
      t.body.run(t.body.self, begin, end);
#endif
    }
  };
  task shared{body, nullptr, {}};
  const auto bound = [count, parts](int part) { return count * part / parts; };

  if (policy.hook != nullptr) {
    policy.hook(policy.context, count, &task::run, &shared);
  } else {
#if defined(_OPENMP)
#pragma omp parallel for num_threads(parts) schedule(static, 1)
    for (int part = 0; part < parts; ++part) task::run(&shared, bound(part), bound(part + 1));
#else
    std::vector<joined_thread> others;
    others.reserve(static_cast<std::size_t>(parts - 1));
    for (int part = 1; part < parts; ++part) {
      others.emplace_back([&, part] { task::run(&shared, bound(part), bound(part + 1)); });
    }
    task::run(&shared, bound(0), bound(1));
    others.clear();
#endif
  }
#if LFNC_EXCEPTIONS
  if (shared.problem) std::rethrow_exception(shared.problem);
#endif
}

// Calls body(begin, end) for ranges that cover [0, count) once, each on one thread; small counts of
// `grain` or less stay on the caller's. What body throws is thrown to the caller, once (which one,
// where several throw, is open).
template <class Body>
void for_ranges(const cpu& policy, index_t count, index_t grain, Body body) {
  hand_out_ranges(policy, count, grain, {&body, [](void* self, index_t begin, index_t end) {
                                           (*static_cast<Body*>(self))(begin, end);
                                         }});
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
