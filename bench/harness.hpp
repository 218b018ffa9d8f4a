// What the benchmarks share: memory with numbers in it, and how a benchmark is named and counted.
//
// A benchmark is called WORK/CASE/WHO. Those of equal WORK/CASE do the same work on the same memory
// and are compared; WHO is "lfnc", "limit:LOOP" (limits.hpp) or "peer:LIBRARY FUNCTION".
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstring>
#include <map>
#include <new>
#include <string>
#include <utility>

#include "../tests/support/random.hpp"
#include "limits.hpp"

// Every program defines this one; it is called before the command line is read, and only registers.
void register_benchmarks();

namespace bench {

// Zero-initialized numbers that begin on a cache line, as streaming stores need, with a cache line
// behind them, into which some libraries read.
template <class T>
class buffer {
 public:
  explicit buffer(std::size_t count)
      : data_(static_cast<T*>(::operator new(count * sizeof(T) + 64, alignment))), size_(count) {
    std::memset(static_cast<void*>(data_), 0, count * sizeof(T) + 64);
  }
  ~buffer() { ::operator delete(data_, alignment); }
  buffer(const buffer&) = delete;
  buffer& operator=(const buffer&) = delete;

  T* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::align_val_t alignment{64};
  T* data_;
  std::size_t size_;
};

// The memory that all benchmarks of `count` elements write to.
template <class T>
T* output(std::size_t count) {
  static std::map<std::size_t, buffer<T>> known;
  return known.try_emplace(count, count).first->second.data();
}

// The normal numbers (mean 0) that all benchmarks of `count` elements read.
inline const float* normals(std::size_t count, double deviation = 1) {
  static std::map<std::pair<std::size_t, double>, buffer<float>> known;
  const auto [place, added] = known.try_emplace({count, deviation}, count);
  float* data = place->second.data();
  if (added) {
    generator random(count);
    for (std::size_t k = 0; k < count; ++k) {
      data[k] = static_cast<float>(deviation * random.gaussian());
    }
  }
  return data;
}

// By which clock: the CPU time of the calling thread leaves out when the machine ran something
// else; work on several threads is by the wall's.
enum class clock { cpu, wall };

// Registers `name`. make() is called before the clock runs, and returns what is timed; `amount` is
// what one call of that handles. With the unit "bytes" the figure is bytes read and written a
// second, with any other ("weight", "code") seconds for one.
template <class Make>
void add(const std::string& name, const std::string& unit, double amount, Make make,
         clock by = clock::cpu) {
  auto* const added = benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    auto work = make();
    for (auto _ : state) {
      work();
      benchmark::ClobberMemory();
    }
    using benchmark::Counter;
    const bool rate = unit == "bytes";
    state.counters[unit] =
        rate ? Counter(amount, Counter::kIsIterationInvariantRate)
             : Counter(amount, Counter::kIsIterationInvariantRate | Counter::kInvert);
  });
  if (by == clock::wall) added->UseRealTime();
}

// Registers WORK/2_threads: make(threads) as for add, with two threads beside one. The limit is
// what one thread does, so that the ratio says how many times as fast two are.
template <class Make>
void add_two_threads(const std::string& work, const std::string& unit, double amount, Make make) {
  add(work + "/2_threads/lfnc", unit, amount, make(2), clock::wall);
  add(work + "/2_threads/limit:one_thread", unit, amount, make(1), clock::wall);
}

// The read-only sum over the numbers that `work` reads.
inline void add_sum_limit(const std::string& work, const std::string& unit, double amount,
                          std::size_t count, double deviation = 1) {
  add(work + "/limit:sum", unit, amount, [=] {
    const float* x = normals(count, deviation);
    return [=] { benchmark::DoNotOptimize(limit::sum(x, count)); };
  });
}

}  // namespace bench
