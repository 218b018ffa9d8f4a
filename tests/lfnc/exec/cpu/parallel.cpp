#include <lfnc/exec/cpu/parallel.hpp>

#include <atomic>
#include <limits>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/check.hpp"

using lfnc::index_t;

namespace {

// How often every index of [0, count) was visited.
std::vector<int> visits(const lfnc::cpu& policy, index_t count, index_t grain) {
  std::vector<int> visited(static_cast<std::size_t>(count));
  std::mutex one_at_a_time;
  lfnc::detail::for_ranges(policy, count, grain, [&](index_t begin, index_t end) {
    const std::lock_guard<std::mutex> lock(one_at_a_time);
    for (index_t k = begin; k < end; ++k) ++visited[static_cast<std::size_t>(k)];
  });
  return visited;
}

// An engine's loop: uneven ranges on threads of its own, the last range first.
void uneven_loop(void* context, index_t count,
                 void (*body)(void* argument, index_t begin, index_t end), void* argument) {
  ++*static_cast<std::atomic<int>*>(context);
  std::vector<std::thread> threads;
  index_t end = count;
  for (index_t size = 1; end > 0; size *= 3) {
    const index_t begin = end > size ? end - size : 0;
    threads.emplace_back([=] { body(argument, begin, end); });
    end = begin;
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("ranges cover every index once, whatever the threads and the grain") {
  for (const int threads : {0, 1, 2, 3, 5, 16}) {
    for (const index_t count : {0, 1, 2, 7, 100, 1001}) {
      for (const index_t grain : {1, 3, 100, 100000}) {
        const auto visited = visits(lfnc::cpu{threads}, count, grain);
        CHECK(visited == std::vector<int>(static_cast<std::size_t>(count), 1));
      }
    }
  }
}

TEST_CASE("small counts stay on the caller's thread") {
  std::set<std::thread::id> seen;
  lfnc::detail::for_ranges(lfnc::cpu{8}, 100, 100,
                           [&](index_t, index_t) { seen.insert(std::this_thread::get_id()); });
  CHECK(seen == std::set<std::thread::id>{std::this_thread::get_id()});
}

TEST_CASE("several threads work where there is work for them") {
  std::mutex one_at_a_time;
  int ranges = 0;
  lfnc::detail::for_ranges(lfnc::cpu{4}, 4000, 1, [&](index_t begin, index_t end) {
    const std::lock_guard<std::mutex> lock(one_at_a_time);
    CHECK(end - begin == 1000);
    ++ranges;
  });
  CHECK(ranges == 4);
}

TEST_CASE("an engine's own loop is used instead, and once a call") {
  std::atomic<int> calls = 0;
  const lfnc::cpu policy{0, uneven_loop, &calls};
  for (const index_t count : {1, 5, 1000}) {
    CHECK(visits(policy, count, 1) == std::vector<int>(static_cast<std::size_t>(count), 1));
  }
  CHECK(calls == 3);
  CHECK(visits(policy, 0, 1).empty());
}

TEST_CASE("what a thread throws reaches the caller, and nothing is lost when several throw") {
  std::atomic<int> calls = 0;
  for (const lfnc::cpu policy :
       {lfnc::cpu{1}, lfnc::cpu{2}, lfnc::cpu{5}, lfnc::cpu{0, uneven_loop, &calls}}) {
    std::atomic<int> finished = 0;
    CHECK_THROWS_WITH_AS(lfnc::detail::for_ranges(policy, 1000, 1,
                                                  [&](index_t begin, index_t end) {
                                                    if (begin <= 990 && 990 < end)
                                                      throw std::runtime_error("990");
                                                    ++finished;
                                                  }),
                         "990", std::runtime_error);
    CHECK_THROWS_WITH_AS(
        lfnc::detail::for_ranges(policy, 1000, 1,
                                 [&](index_t, index_t) { throw std::runtime_error("all"); }),
        "all", std::runtime_error);
    // The pool, whoever's it is, works on.
    CHECK(visits(policy, 10, 1) == std::vector<int>(10, 1));
  }
}

TEST_CASE("negative thread counts are refused") {
  CHECK_REFUSED(visits(lfnc::cpu{-1}, 10, 1), "threads: -1 is negative");
  CHECK_REFUSED(visits(lfnc::cpu{std::numeric_limits<int>::min()}, 10, 1), "threads");
}

TEST_CASE("the default is what the machine offers, one at least") {
  CHECK(lfnc::detail::thread_count(lfnc::cpu{}) >= 1);
  CHECK(lfnc::detail::thread_count(lfnc::cpu{3}) == 3);
#if defined(_OPENMP)
  const int before = omp_get_max_threads();
  omp_set_num_threads(3);
  CHECK(lfnc::detail::thread_count(lfnc::cpu{}) == 3);
  omp_set_num_threads(before);
#endif
}
