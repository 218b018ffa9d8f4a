// lfnc floor 2: parallel: the one parallel loop of the CPU backend: the caller's, OpenMP's or plain
// threads.
#pragma once

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <exception>
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
  return std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)));
#endif
}

// What only one thread at a time may do.
class mutex {
 public:
  mutex() = default;
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;
  void lock() { pthread_mutex_lock(&handle_); }
  void unlock() { pthread_mutex_unlock(&handle_); }

 private:
  pthread_mutex_t handle_ = PTHREAD_MUTEX_INITIALIZER;
};

class lock {
 public:
  explicit lock(mutex& held) : held_(held) { held_.lock(); }
  lock(const lock&) = delete;
  lock& operator=(const lock&) = delete;
  ~lock() { held_.unlock(); }

 private:
  mutex& held_;
};

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

// A body that several threads run, each a range of `count`, and what the first of them threw.
struct shared_task {
  range_body body;
  index_t count;
  int parts;
  std::exception_ptr problem = nullptr;
  bool failed = false;

  static void run(void* self, index_t begin, index_t end) {
    shared_task& t = *static_cast<shared_task*>(self);
#if LFNC_EXCEPTIONS
    try {
      t.body.run(t.body.self, begin, end);
    } catch (...) {
      if (!__atomic_test_and_set(&t.failed, __ATOMIC_ACQ_REL)) {
        t.problem = std::current_exception();
      }
    }
#else
    t.body.run(t.body.self, begin, end);
#endif
  }
  void run_part(int part) { run(this, count * part / parts, count * (part + 1) / parts); }
};

#if !defined(_OPENMP)
// POSIX threads, since what C++ wraps around them takes a third of the time that all of lfnc takes
// to include. A part for which no thread can be made is done on this one.
inline void run_on_threads(shared_task& shared) {
  struct one_part {
    shared_task* shared;
    int part;
    pthread_t thread;
    bool started;
    static void* run(void* self) {
      const one_part& own = *static_cast<one_part*>(self);
      own.shared->run_part(own.part);
      return nullptr;
    }
  };
  std::vector<one_part> others;
  for (int part = 1; part < shared.parts; ++part) others.push_back({&shared, part, {}, false});
  for (one_part& other : others) {
    other.started = pthread_create(&other.thread, nullptr, &one_part::run, &other) == 0;
  }
  shared.run_part(0);
  for (one_part& other : others) {
    if (other.started) {
      pthread_join(other.thread, nullptr);
    } else {
      shared.run_part(other.part);
    }
  }
}
#endif

inline void hand_out_ranges(const cpu& policy, index_t count, index_t grain, range_body body) {
  if (count <= 0) return;
  require(policy.threads >= 0, "threads",
          [&] { return sentence({policy.threads, " is negative"}); });
  const index_t most = (count + grain - 1) / std::max<index_t>(grain, 1);
  // What stays on one thread does not ask the machine how many there are.
  const auto parts =
      most <= 1 ? 1 : static_cast<int>(std::min<index_t>(thread_count(policy), most));
  if (policy.hook == nullptr && parts <= 1) return body.run(body.self, 0, count);

  shared_task shared{body, count, parts};
  if (policy.hook != nullptr) {
    policy.hook(policy.context, count, &shared_task::run, &shared);
  } else {
#if defined(_OPENMP)
#pragma omp parallel for num_threads(parts) schedule(static, 1)
    for (int part = 0; part < parts; ++part) shared.run_part(part);
#else
    run_on_threads(shared);
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
