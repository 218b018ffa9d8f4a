// lfnc floor 2: the CUDA backend: the grid's kernels on the caller's stream and workspace.
#pragma once

#if !defined(__CUDACC__)
#error "lfnc/exec/cuda.hpp is for nvcc (or clang with -x cuda); the CPU needs lfnc/quantize.hpp"
#endif

#include <cuda_runtime.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>

#include <cstddef>
#include <cstdint>
#include <cub/device/device_segmented_radix_sort.cuh>
#include <string>

#include "grid/grid.hpp"

namespace lfnc {

// A call of CUDA's that failed; what() names it and gives CUDA's own words.
class cuda_error : public error {
 public:
  // The call's name, and what it returned.
  LFNC_INLINE cuda_error(const std::string& call, cudaError_t code)
      : error("lfnc: " + call + ": " + cudaGetErrorString(code)), code_(code) {}
  // Copies, as exceptions are.
  LFNC_INLINE cuda_error(const cuda_error&) = default;
  LFNC_INLINE cuda_error& operator=(const cuda_error&) = default;

  // What the call returned.
  LFNC_INLINE cudaError_t code() const noexcept { return code_; }

 private:
  cudaError_t code_;
};

inline namespace LFNC_ABI {
namespace detail {

inline void check_cuda(cudaError_t code, const char* call) {
  if (code != cudaSuccess) raise(cuda_error(call, code));
}

struct cuda_block {
  __device__ int thread() const { return static_cast<int>(threadIdx.x); }
  __device__ int threads() const { return static_cast<int>(blockDim.x); }
  __device__ index_t index() const { return blockIdx.x; }
  __device__ index_t blocks() const { return gridDim.x; }
  __device__ void sync() const { __syncthreads(); }
  __device__ double exchange(double value, int distance) const {
    // Teams of 16 are half a warp, and the other half may be elsewhere.
    const unsigned team = 0xFFFFU << (threadIdx.x & 16U);
    return __shfl_xor_sync(team, value, distance, lanes);
  }
  __device__ void* shared() const {
    extern __shared__ double2 lfnc_shared_memory[];
    return lfnc_shared_memory;
  }
  __device__ void add(std::uint32_t* place, std::uint32_t n) const { atomicAdd(place, n); }
  __device__ void add(std::uint64_t* place, std::uint64_t n) const {
    atomicAdd(reinterpret_cast<unsigned long long*>(place), static_cast<unsigned long long>(n));
  }
  __device__ void lower(index_t* place, index_t n) const {
    atomicMin(reinterpret_cast<long long*>(place), static_cast<long long>(n));
  }
};

template <class Kernel>
__global__ void __launch_bounds__(tuning::threads)
    run_kernel(const __grid_constant__ Kernel kernel) {
  kernel(cuda_block{});
}

struct segment_begin {
  key_segments segments;
  LFNC_HD index_t operator()(index_t row) const { return segments.begin(row); }
};
struct segment_end {
  key_segments segments;
  LFNC_HD index_t operator()(index_t row) const { return segments.end(row); }
};

struct cuda_machine {
  cudaStream_t stream = nullptr;

  template <class Kernel>
  void launch(const char* name, const Kernel& kernel, index_t blocks, int threads,
              std::size_t shared) const {
    constexpr std::size_t usual = 48 * 1024;
    if (shared > usual) {
      check_cuda(
          cudaFuncSetAttribute(run_kernel<Kernel>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(shared)),
          "cudaFuncSetAttribute");
    }
    run_kernel<<<static_cast<unsigned>(blocks), static_cast<unsigned>(threads), shared, stream>>>(
        kernel);
    const cudaError_t code = cudaGetLastError();
    if (code != cudaSuccess) raise(cuda_error("launch of " + std::string(name), code));
  }

  void clear(void* place, std::size_t bytes) const {
    check_cuda(cudaMemsetAsync(place, 0, bytes, stream), "cudaMemsetAsync");
  }

  void fetch(const void* place, std::size_t bytes, void* target) const {
    check_cuda(cudaMemcpyAsync(target, place, bytes, cudaMemcpyDeviceToHost, stream),
               "cudaMemcpyAsync");
    check_cuda(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  }

  std::size_t shared_limit() const {
    int device = 0;
    int bytes = 0;
    check_cuda(cudaGetDevice(&device), "cudaGetDevice");
    check_cuda(cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device),
               "cudaDeviceGetAttribute");
    return static_cast<std::size_t>(bytes);
  }

  // CUB counts keys and segments in int.
  static constexpr index_t most_keys() { return 0x7FFFFFFF; }

  template <class Key>
  std::size_t sort_bytes(index_t keys, index_t rows) const {
    std::size_t bytes = 0;
    sort_keys<Key>(nullptr, bytes, nullptr, nullptr, keys, rows, {});
    return bytes;
  }

  template <class Key>
  void sort(const key_segments& segments, const Key* in, Key* out, void* memory,
            std::size_t bytes) const {
    sort_keys(memory, bytes, in, out, segments.keys(), segments.rows, segments);
  }

 private:
  template <class Key>
  void sort_keys(void* memory, std::size_t& bytes, const Key* in, Key* out, index_t keys,
                 index_t rows, const key_segments& segments) const {
    const thrust::counting_iterator<index_t> row(0);
    check_cuda(cub::DeviceSegmentedRadixSort::SortKeysDescending(
                   memory, bytes, in, out, static_cast<int>(keys), static_cast<int>(rows),
                   thrust::make_transform_iterator(row, segment_begin{segments}),
                   thrust::make_transform_iterator(row, segment_end{segments}), 0,
                   static_cast<int>(8 * sizeof(Key)), stream),
               "cub::DeviceSegmentedRadixSort::SortKeysDescending");
  }
};

}  // namespace detail

// The CUDA backend: pass it as the first argument of a verb, with views of device_space (see
// as_device_view). Work is launched on `stream`, of the device that is current, in order; nothing
// is waited for. What a verb allocates comes from `memory` (see workspace for its size); verbs that
// allocate nothing do without. An error of CUDA's is thrown as cuda_error, bad elements by check().
class cuda : public detail::grid_policy<detail::cuda_machine> {
 public:
  // Without a workspace, for verbs that allocate nothing; or with one.
  explicit cuda(cudaStream_t stream) : grid_policy(detail::cuda_machine{stream}) {}
  cuda(cudaStream_t stream, workspace& memory)
      : grid_policy(detail::cuda_machine{stream}, memory) {}
};

// Waits until everything launched with this workspace is done and throws what a verb found: an
// argument_error naming the first NaN or infinite element, or an overflow_error. The verb that
// found it, and all that came after it with this workspace, have written nothing; from here on the
// workspace serves again. The only function that waits. Throws argument_error without a workspace.
inline void check(const cuda& policy) { detail::check<detail::cuda_machine>(policy); }

}  // namespace LFNC_ABI
}  // namespace lfnc
