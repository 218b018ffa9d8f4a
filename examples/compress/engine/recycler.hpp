// Memory for values, used again instead of being given back to the system at once: the first touch
// of fresh pages costs as much as many layers do.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>

namespace compress::detail {

// Keeps at most 64 blocks of 256 MiB in all, or as limit() says, that are not in use. Blocks may be
// released on any thread and may outlive everything but the recycler, which they keep alive.
class recycler : public std::enable_shared_from_this<recycler> {
 public:
  recycler() = default;
  recycler(const recycler&) = delete;
  recycler& operator=(const recycler&) = delete;
  ~recycler();

  // Uninitialised memory of at least so many bytes, aligned to a cache line; it comes back here
  // when its last owner goes.
  std::shared_ptr<float> take(std::size_t bytes);

  // From now on blocks that are not in use are kept up to so many bytes.
  void limit(std::size_t bytes);
  std::size_t limit() const { return most_bytes_; }

 private:
  struct block {
    std::size_t bytes = 0;
    void* memory = nullptr;
  };

  block find(std::size_t bytes);
  void put_back(block released);
  void release_excess();

  std::mutex guard_;
  std::deque<block> kept_;  // oldest first
  std::size_t kept_bytes_ = 0;
  std::size_t most_bytes_ = std::size_t{256} << 20U;
};

}  // namespace compress::detail
