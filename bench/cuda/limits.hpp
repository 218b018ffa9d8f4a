// What the device can do at best, as calls of CUDA's own that do nothing but the memory traffic of
// a verb: the yardstick beside every figure.
#pragma once

#include <cstddef>
#include <cub/device/device_reduce.cuh>
#include <string>
#include <utility>

#include "harness.hpp"

namespace bench {

// A copy that reads and writes `bytes` bytes together.
inline void add_copy_limit(const std::string& work, std::size_t bytes) {
  add(work + "/limit:cudaMemcpy", "bytes", static_cast<double>(bytes), [=](cudaStream_t stream) {
    const std::size_t floats = bytes / 2 / sizeof(float);
    const std::size_t copies = copies_of(bytes);
    return [=, from = rotating<float>(floats, copies, normals()),
            to = rotating<float>(floats, copies)](std::size_t turn) {
      check(cudaMemcpyAsync(to.at(turn), from.at(turn), floats * sizeof(float),
                            cudaMemcpyDeviceToDevice, stream),
            "cudaMemcpyAsync");
    };
  });
}

// The sum of `count` floats, which are only read.
inline void add_sum_limit(const std::string& work, const std::string& unit, double amount,
                          std::size_t count, double deviation = 1) {
  add(work + "/limit:CUB sum", unit, amount, [=](cudaStream_t stream) {
    rotating<float> x(count, copies_of(count * sizeof(float)), normals(deviation));
    return with_cub_memory("cub::DeviceReduce::Sum",
                           [=, x = std::move(x), sum = memory<float>(1)](
                               void* room, std::size_t& bytes, std::size_t turn) {
                             return cub::DeviceReduce::Sum(room, bytes, x.at(turn), sum.data(),
                                                           static_cast<int>(count), stream);
                           });
  });
}

}  // namespace bench
