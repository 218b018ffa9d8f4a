// lfnc floor 2: scratch: memory that a verb on the host needs while it runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <vector>

#include "../../error.hpp"
#include "../../scalar.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Memory that a thread keeps from verb to verb: a system that hands out pages anew each time takes
// longer for that than a small verb for its work. What was taken last is given back first.
class host_arena {
 public:
  // None where every array is to have an end that is watched.
  static constexpr std::size_t capacity = LFNC_ADDRESS_SANITIZER != 0 ? 0 : std::size_t{1} << 20;

  std::size_t used() const { return used_; }
  void give_back_to(std::size_t used) { used_ = used; }

  // `bytes` bytes that begin on a cache line, or null where there is no room.
  void* take(std::size_t bytes) {
    if (bytes > capacity - used_) return nullptr;
    if (memory_ == nullptr) memory_ = new line[capacity / sizeof(line)];
    void* const place = memory_ + used_ / sizeof(line);
    used_ += (bytes + sizeof(line) - 1) / sizeof(line) * sizeof(line);
    return place;
  }

  host_arena() = default;
  host_arena(const host_arena&) = delete;
  host_arena& operator=(const host_arena&) = delete;
  ~host_arena() { delete[] memory_; }

 private:
  struct alignas(64) line {
    std::byte bytes[64];
  };

  line* memory_ = nullptr;
  std::size_t used_ = 0;
};

// In a function, so that units that call no verb hold nothing of it.
inline host_arena& arena_of_thread() {
  thread_local host_arena arena;
  return arena;
}

// Arrays that live as long as this object, which stays on its thread.
class host_scratch {
 public:
  host_scratch() : used_before_(arena_of_thread().used()) {}
  ~host_scratch() {
    arena_of_thread().give_back_to(used_before_);
    for (void* const block : blocks_) ::operator delete(block, alignment);
  }
  host_scratch(const host_scratch&) = delete;
  host_scratch& operator=(const host_scratch&) = delete;

  // Zeros.
  template <class T>
  T* take(index_t count) {
    T* const first = take_raw<T>(count);
    for (index_t k = 0; k < count; ++k) first[k] = T{};
    return first;
  }

  // What is to be written before it is read. Throws std::bad_alloc.
  template <class T>
  T* take_raw(index_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= 64);
    if (static_cast<std::size_t>(count) > SIZE_MAX / sizeof(T)) throw_too_much();
    T* const first = static_cast<T*>(take_bytes(static_cast<std::size_t>(count) * sizeof(T)));
    // No code: their life begins.
    for (index_t k = 0; k < count; ++k) ::new (static_cast<void*>(first + k)) T;
    return first;
  }

 private:
  static constexpr std::align_val_t alignment{64};

  [[noreturn]] LFNC_COLD static void throw_too_much() {
    raise(overflow_error("lfnc: scratch memory: its size does not fit the address space"));
  }

  void* take_bytes(std::size_t bytes) {
    if (void* const place = arena_of_thread().take(bytes)) return place;
    blocks_.push_back(nullptr);
    return blocks_.back() = ::operator new(bytes, alignment);
  }

  std::size_t used_before_;
  std::vector<void*> blocks_;
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
