// The backend that the tests of this folder are compiled for, one of
//
//   LFNC_TEST_FIBERS   the grid's kernels on fibers instead of a device (fibers.hpp)
//   LFNC_TEST_THRUST   Thrust on the host, the system that THRUST_DEVICE_SYSTEM names
//   LFNC_TEST_CUDA     a CUDA device
//
// and what the tests use of it: its memory, and run(), which calls a verb.
#pragma once

#include <cstddef>
#include <cstring>
#include <lfnc/quantize.hpp>
#include <new>
#include <string>
#include <type_traits>
#include <vector>

#if defined(LFNC_TEST_CUDA)
#include <lfnc/cuda.hpp>
#elif defined(LFNC_TEST_THRUST)
#include <thrust/version.h>

#include <lfnc/exec/thrust.hpp>
#else
#include "fibers.hpp"
#endif

namespace backend {

using lfnc::index_t;

#if defined(LFNC_TEST_THRUST)

using space = lfnc::host_space;
inline constexpr bool has_workspace = false;

#else

using space = lfnc::device_space;
inline constexpr bool has_workspace = true;

#endif

#if defined(LFNC_TEST_CUDA)

inline void* allocate(std::size_t bytes) {
  void* place = nullptr;
  lfnc::detail::check_cuda(cudaMalloc(&place, bytes > 0 ? bytes : 1), "cudaMalloc");
  return place;
}
inline void release(void* place) { cudaFree(place); }
inline void upload(void* place, const void* from, std::size_t bytes) {
  lfnc::detail::check_cuda(cudaMemcpy(place, from, bytes, cudaMemcpyHostToDevice), "cudaMemcpy");
}
inline void download(void* to, const void* place, std::size_t bytes) {
  lfnc::detail::check_cuda(cudaMemcpy(to, place, bytes, cudaMemcpyDeviceToHost), "cudaMemcpy");
}

#else

inline constexpr std::size_t memory_alignment = 256;  // cudaMalloc's, which a workspace wants

inline void* allocate(std::size_t bytes) {
  return ::operator new(bytes, std::align_val_t(memory_alignment));
}
inline void release(void* place) { ::operator delete(place, std::align_val_t(memory_alignment)); }
inline void upload(void* place, const void* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(place, from, bytes);
}
inline void download(void* to, const void* place, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, place, bytes);
}

#endif

// Memory of the backend.
template <class T>
class memory {
 public:
  explicit memory(const std::vector<T>& values)
      : size_(values.size()), place_(static_cast<T*>(allocate(values.size() * sizeof(T)))) {
    upload(place_, values.data(), size_ * sizeof(T));
  }
  ~memory() { release(place_); }
  memory(const memory&) = delete;
  memory& operator=(const memory&) = delete;

  T* data() const { return place_; }
  lfnc::list_view<T, space> list() const { return {place_, static_cast<index_t>(size_)}; }
  std::vector<T> host() const {
    std::vector<T> values(size_);
    download(values.data(), place_, size_ * sizeof(T));
    return values;
  }

 private:
  std::size_t size_;
  T* place_;
};

// `channels` rows of `length` elements, one behind the other.
template <class Space, class T>
lfnc::channel_view<T, Space> dense(T* data, index_t channels, index_t length) {
  if constexpr (std::is_same_v<Space, lfnc::host_space>) {
    return lfnc::channels(lfnc::as_view(data, {channels, length}), 0);
  } else {
    return lfnc::channels(lfnc::as_device_view(data, {channels, length}), 0);
  }
}

// A host view's layout over the backend's copy of its memory.
template <class T, int Rank>
lfnc::tensor_view<T, Rank, space> same_layout(const lfnc::tensor_view<T, Rank>& view, const T* host,
                                              const memory<std::remove_const_t<T>>& copy) {
  return {copy.data() + (view.data - host), view.extents, view.strides};
}

// Calls verb(policy). A backend with a workspace is asked for the size first, and then given that
// much and no more; what the verb found wrong is thrown.
#if defined(LFNC_TEST_THRUST)

inline std::string name() {
#if THRUST_DEVICE_SYSTEM == THRUST_DEVICE_SYSTEM_OMP
  const std::string system = "OpenMP";
#elif THRUST_DEVICE_SYSTEM == THRUST_DEVICE_SYSTEM_TBB
  const std::string system = "TBB";
#else
  const std::string system = "serial";
#endif
  return "Thrust " + std::to_string(THRUST_MAJOR_VERSION) + "." +
         std::to_string(THRUST_MINOR_VERSION) + ", " + system;
}
inline std::string why_not() { return ""; }

template <class Verb>
void run(Verb verb) {
  verb(lfnc::thrust_policy(thrust::device));
}

#elif defined(LFNC_TEST_CUDA)

inline std::string name() { return "CUDA"; }
inline std::string why_not() {
  int devices = 0;
  const cudaError_t code = cudaGetDeviceCount(&devices);
  if (code != cudaSuccess) return cudaGetErrorString(code);
  return devices > 0 ? "" : "no device";
}

class stream {
 public:
  stream() { lfnc::detail::check_cuda(cudaStreamCreate(&handle_), "cudaStreamCreate"); }
  ~stream() { cudaStreamDestroy(handle_); }
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  cudaStream_t handle() const { return handle_; }

 private:
  cudaStream_t handle_ = nullptr;
};

template <class Verb>
void run(Verb verb) {
  const stream own;
  lfnc::workspace needed;
  verb(lfnc::cuda(own.handle(), needed));
  const memory<std::byte> place(std::vector<std::byte>(needed.bytes(), std::byte{0xA5}));
  lfnc::workspace work(place.data(), needed.bytes());
  const lfnc::cuda gpu(own.handle(), work);
  verb(gpu);
  check(gpu);
}

#else

inline std::string name() { return "fibers"; }
inline std::string why_not() { return ""; }

using policy = lfnc::detail::grid_policy<fibers::machine>;

template <class Verb>
void run(Verb verb) {
  lfnc::workspace needed;
  verb(policy(fibers::machine{}, needed));
  // Forwards and backwards, with a device's shared memory and with little, in one sort and in many.
  static int turn = 0;
  ++turn;
  const fibers::machine machine{turn % 3 == 0 ? std::size_t{1024} : std::size_t{227 * 1024},
                                turn % 2 == 0,
                                turn % 5 == 0 ? index_t{20000} : index_t{0x7FFFFFFF}};
  const memory<std::byte> place(std::vector<std::byte>(needed.bytes(), std::byte{0xA5}));
  lfnc::workspace work(place.data(), needed.bytes());
  const policy grid(machine, work);
  verb(grid);
  check(grid);
}

#endif

}  // namespace backend
