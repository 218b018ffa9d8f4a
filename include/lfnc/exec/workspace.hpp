// lfnc floor 2: workspace: the caller's device memory that verbs work in, and how much they need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "../error.hpp"
#include "../scalar.hpp"

namespace lfnc {

// The first element that a verb on a device refused, kept until check() throws it: at the beginning
// of every workspace.
struct device_status {
  int failed = 0;          // 0: nothing
  index_t channel = 0;     // of that element
  index_t element = 0;     // -1: all are finite, but their squares are too large together
  char argument[32] = {};  // ends with 0
};

// Device memory that the verbs of a device backend put their intermediate results in. Made without
// memory it only counts: a verb that is called with it launches nothing, and bytes() says what it
// would take. So the way to the size is the call itself:
//
//   lfnc::workspace needed;
//   quantize_weights(lfnc::cuda(stream, needed), weights, codebook, codes, rows);
//   lfnc::workspace memory(pointer, needed.bytes());
//   quantize_weights(lfnc::cuda(stream, memory), weights, codebook, codes, rows);
//
// One workspace serves any number of verbs one after another on one stream (count all of them with
// one object: bytes() is the most that any took); two streams need two. It must live, and its
// memory stay allocated, until the stream has done what was launched with it.
class workspace {
 public:
  // Memory is handed out in multiples of this many bytes, and has to begin at one.
  static constexpr std::size_t alignment = 256;

  // Counts.
  LFNC_INLINE workspace() = default;

  // `bytes` bytes of device memory from `data` on. Throws argument_error for null or misaligned
  // memory and for less than 256 bytes.
  LFNC_INLINE workspace(void* data, std::size_t bytes)
      : data_(static_cast<std::byte*>(data)), size_(bytes) {
    detail::require(data != nullptr, "workspace", "null data");
    detail::require(reinterpret_cast<std::uintptr_t>(data) % alignment == 0, "workspace",
                    "its memory does not begin at a multiple of 256");
    detail::require(bytes >= alignment, "workspace", "holds fewer than 256 bytes");
  }

  workspace(const workspace&) = delete;
  workspace& operator=(const workspace&) = delete;

  // What the verbs called with this workspace need.
  LFNC_INLINE std::size_t bytes() const { return most_; }

  // Whether this one only counts.
  LFNC_INLINE bool counting() const { return data_ == nullptr; }

  // For backends: memory from the top, in the order of a stack. take() throws argument_error where
  // it does not suffice; on a workspace that counts it returns null.
  LFNC_INLINE void* take(index_t count, std::size_t size) {
    const std::size_t most = (SIZE_MAX - used_ - alignment) / size;
    if (static_cast<std::size_t>(count) > most) {
      detail::raise(overflow_error("lfnc: workspace: its size does not fit 64 bits"));
    }
    const std::size_t wanted = static_cast<std::size_t>(count) * size;
    const std::size_t begin = used_;
    used_ += (wanted + alignment - 1) / alignment * alignment;
    most_ = used_ > most_ ? used_ : most_;
    if (counting()) return nullptr;
    detail::require(used_ <= size_, "workspace", [&] {
      return detail::sentence({"holds ", size_, " bytes, at least ", used_, " are needed"});
    });
    return data_ + begin;
  }
  LFNC_INLINE std::size_t mark() const { return used_; }
  LFNC_INLINE void release(std::size_t mark) { used_ = mark; }

  // Where the status lies, and whether it was ever set to 0.
  LFNC_INLINE device_status* status() const { return reinterpret_cast<device_status*>(data_); }
  bool fresh = true;

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t used_ = alignment;  // the first 256 bytes hold the status
  std::size_t most_ = alignment;
};

}  // namespace lfnc
