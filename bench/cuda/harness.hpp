// What the CUDA benchmarks share: memory that rotates, and time by CUDA events.
//
// Names (WORK/CASE/WHO) and counters are those of bench/harness.hpp.
#pragma once

#include <benchmark/benchmark.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <lfnc/cuda.hpp>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../../tests/support/random.hpp"

// Every program defines this one; it is called before the command line is read, and only registers:
// no call of CUDA's, since names are listed where there is no device.
void register_benchmarks();

namespace bench {

// Throws lfnc::cuda_error.
inline void check(cudaError_t code, const char* call) {
  if (code != cudaSuccess) throw lfnc::cuda_error(call, code);
}

inline int attribute(cudaDeviceAttr which) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, which, 0), "cudaDeviceGetAttribute");
  return value;
}

// Device memory for `count` elements, which are not set, or with those of a vector.
template <class T>
class memory {
 public:
  explicit memory(std::size_t count) {
    void* place = nullptr;
    check(cudaMalloc(&place, count * sizeof(T)), "cudaMalloc");
    data_.reset(static_cast<T*>(place));
  }
  explicit memory(const std::vector<T>& values) : memory(values.size()) {
    check(cudaMemcpy(data(), values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice),
          "cudaMemcpy");
  }

  T* data() const { return data_.get(); }

 private:
  struct release {
    void operator()(T* place) const { cudaFree(place); }
  };
  std::unique_ptr<T, release> data_;
};

// How many copies of a working set of `bytes` bytes are used in turn, so that no call finds what it
// reads or writes in the L2 cache: as many as fill four of it, and at least one. Throws where that
// is more than three quarters of the device's free memory: fewer would measure the cache.
inline std::size_t copies_of(std::size_t bytes) {
  const auto cache = static_cast<std::size_t>(attribute(cudaDevAttrL2CacheSize));
  const std::size_t copies = std::max<std::size_t>(1, (4 * cache + bytes - 1) / bytes);
  std::size_t free = 0;
  std::size_t total = 0;
  check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  if (copies * bytes > free / 4 * 3) {
    throw std::runtime_error("the device has " + std::to_string(free) + " bytes of free memory, " +
                             std::to_string(copies * bytes) + " are to be used");
  }
  return copies;
}

// `copies` pieces of device memory of `count` elements, each aligned for any vector load.
template <class T>
class rotating {
 public:
  // The elements are not set.
  rotating(std::size_t count, std::size_t copies)
      : copies_(copies), stride_((count + 255) / 256 * 256), memory_(copies * stride_) {}

  // The elements are those of `pattern`, over and over.
  rotating(std::size_t count, std::size_t copies, const std::vector<T>& pattern)
      : rotating(count, copies) {
    const std::size_t all = copies * stride_;
    T* data = memory_.data();
    std::size_t done = std::min(all, pattern.size());
    check(cudaMemcpy(data, pattern.data(), done * sizeof(T), cudaMemcpyHostToDevice), "cudaMemcpy");
    while (done < all) {
      const std::size_t more = std::min(done, all - done);
      check(cudaMemcpy(data + done, data, more * sizeof(T), cudaMemcpyDeviceToDevice),
            "cudaMemcpy");
      done += more;
    }
  }

  T* at(std::size_t turn) const { return memory_.data() + turn % copies_ * stride_; }

 private:
  std::size_t copies_;
  std::size_t stride_;
  memory<T> memory_;
};

// Normal numbers (mean 0) to fill memory with.
inline const std::vector<float>& normals(double deviation = 1) {
  static std::map<double, std::vector<float>> known;
  std::vector<float>& values = known[deviation];
  if (values.empty()) {
    values.resize(std::size_t{1} << 22);
    generator random(values.size());
    for (float& value : values) value = static_cast<float>(deviation * random.gaussian());
  }
  return values;
}

// A stream, and how long it takes for what is launched on it. The stream waits for the default one,
// on which memory is filled.
class stopwatch {
 public:
  stopwatch() {
    cudaStream_t stream = nullptr;
    check(cudaStreamCreate(&stream), "cudaStreamCreate");
    stream_.reset(stream);
    for (event* each : {&begin_, &end_}) {
      cudaEvent_t created = nullptr;
      check(cudaEventCreate(&created), "cudaEventCreate");
      each->reset(created);
    }
  }

  cudaStream_t stream() const { return stream_.get(); }

  // Calls launch() and waits.
  template <class Launch>
  double seconds(Launch launch) const {
    check(cudaEventRecord(begin_.get(), stream()), "cudaEventRecord");
    launch();
    check(cudaEventRecord(end_.get(), stream()), "cudaEventRecord");
    check(cudaEventSynchronize(end_.get()), "cudaEventSynchronize");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin_.get(), end_.get()), "cudaEventElapsedTime");
    return 1e-3 * static_cast<double>(milliseconds);
  }

 private:
  struct destroy {
    void operator()(cudaStream_t stream) const { cudaStreamDestroy(stream); }
    void operator()(cudaEvent_t event) const { cudaEventDestroy(event); }
  };
  using event = std::unique_ptr<std::remove_pointer_t<cudaEvent_t>, destroy>;

  std::unique_ptr<std::remove_pointer_t<cudaStream_t>, destroy> stream_;
  event begin_;
  event end_;
};

// Registers `name`. make(stream) is called before the clock runs, and returns what is timed:
// work(turn) launches once on the stream, with copy `turn` of its memory. `amount` is what one such
// call handles. With the unit "bytes" the figure is bytes read and written a second, with any other
// ("weight") seconds for one, and milliseconds for a call besides.
template <class Make>
void add(const std::string& name, const std::string& unit, double amount, Make make) {
  const auto run = [=](benchmark::State& state) {
    constexpr int launches = 50;  // between two events
    double seconds = 0;
    try {
      const stopwatch clock;
      auto work = make(clock.stream());
      std::size_t turn = 0;
      const auto batch = [&] {
        return clock.seconds([&] {
          for (int k = 0; k < launches; ++k) work(turn++);
        });
      };
      batch();  // not counted: CUDA loads a kernel when it is first launched
      while (state.KeepRunningBatch(launches)) {
        const double taken = batch();
        state.SetIterationTime(taken);
        seconds += taken;
      }
    } catch (const std::exception& failure) {
      state.SkipWithError(failure.what());
      return;
    }
    using benchmark::Counter;
    constexpr auto rate = Counter::kIsIterationInvariantRate;
    if (unit == "bytes") {
      state.counters[unit] = Counter(amount, rate);
    } else {
      state.counters[unit] = Counter(amount, rate | Counter::kInvert);
      state.counters["ms"] = 1e3 * seconds / static_cast<double>(state.iterations());
    }
  };
  benchmark::RegisterBenchmark(name.c_str(), run)->UseManualTime();
}

// verb(gpu, turn), a verb of lfnc's, with the workspace that it asks for. It is called once, and
// what it refused is thrown.
template <class Verb>
auto with_workspace(cudaStream_t stream, Verb verb) {
  struct room {
    explicit room(std::size_t bytes) : data(bytes), workspace(data.data(), bytes) {}
    memory<std::byte> data;
    lfnc::workspace workspace;
  };
  lfnc::workspace needed;
  verb(lfnc::cuda(stream, needed), 0);
  auto own = std::make_unique<room>(needed.bytes());
  const lfnc::cuda gpu(stream, own->workspace);
  verb(gpu, 0);
  lfnc::check(gpu);
  return [gpu, own = std::move(own), verb = std::move(verb)](std::size_t turn) { verb(gpu, turn); };
}

// call(memory, bytes, turn), which calls a device-wide function of CUB's, with the memory that this
// asks for.
template <class Call>
auto with_cub_memory(const char* name, Call call) {
  std::size_t bytes = 0;
  check(call(nullptr, bytes, 0), name);
  return [name, bytes, own = memory<std::byte>(bytes), call = std::move(call)](
             std::size_t turn) mutable { check(call(own.data(), bytes, turn), name); };
}

}  // namespace bench
