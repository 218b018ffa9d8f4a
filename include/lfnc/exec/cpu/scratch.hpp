// lfnc floor 2: scratch: memory that a verb on the host needs while it runs.
#pragma once

#include <cstddef>
#include <memory>
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
    if (memory_ == nullptr) memory_ = std::make_unique<line[]>(capacity / sizeof(line));
    void* const place = memory_.get() + used_ / sizeof(line);
    used_ += (bytes + sizeof(line) - 1) / sizeof(line) * sizeof(line);
    return place;
  }

 private:
  struct alignas(64) line {
    std::byte bytes[64];
  };

  std::unique_ptr<line[]> memory_;
  std::size_t used_ = 0;
};

inline thread_local host_arena arena_of_thread;

// Arrays that live as long as this object, which stays on its thread.
class host_scratch {
 public:
  host_scratch() : used_before_(arena_of_thread.used()) {}
  ~host_scratch() { arena_of_thread.give_back_to(used_before_); }
  host_scratch(const host_scratch&) = delete;
  host_scratch& operator=(const host_scratch&) = delete;

  // Zeros.
  template <class T>
  T* take(index_t count) {
    T* const first = take_raw<T>(count);
    std::uninitialized_value_construct_n(first, count);
    return first;
  }

  // What is to be written before it is read.
  template <class T>
  T* take_raw(index_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    const auto size = static_cast<std::size_t>(count);
    if (size <= host_arena::capacity / sizeof(T)) {
      if (void* const place = arena_of_thread.take(size * sizeof(T))) {
        T* const first = static_cast<T*>(place);
        std::uninitialized_default_construct_n(first, size);
        return first;
      }
    }
    // Not make_shared, which may put what it counts with where the end of the array is watched.
    const std::shared_ptr<T[]> block(new T[size]);
    blocks_.push_back(block);
    return block.get();
  }

 private:
  std::size_t used_before_;
  std::vector<std::shared_ptr<void>> blocks_;
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
