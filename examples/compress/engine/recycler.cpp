#include "recycler.hpp"

#include <iterator>
#include <new>

namespace compress::detail {

namespace {

constexpr std::align_val_t cache_line{64};
constexpr std::size_t most_blocks = 64;

}  // namespace

recycler::~recycler() {
  for (const block& each : kept_) ::operator delete(each.memory, cache_line);
}

std::shared_ptr<float> recycler::take(std::size_t bytes) {
  const block found = find(bytes);
  return {static_cast<float*>(found.memory),
          [self = shared_from_this(), found](float*) { self->put_back(found); }};
}

// The block released last that is large enough and not more than a quarter larger, else a new one.
recycler::block recycler::find(std::size_t bytes) {
  {
    const std::lock_guard lock(guard_);
    for (auto each = kept_.rbegin(); each != kept_.rend(); ++each) {
      if (each->bytes < bytes || each->bytes - bytes > bytes / 4) continue;
      const block found = *each;
      kept_.erase(std::next(each).base());
      kept_bytes_ -= found.bytes;
      return found;
    }
  }
  return {bytes, ::operator new(bytes, cache_line)};
}

void recycler::put_back(block released) {
  const std::lock_guard lock(guard_);
  kept_.push_back(released);
  kept_bytes_ += released.bytes;
  release_excess();
}

void recycler::limit(std::size_t bytes) {
  const std::lock_guard lock(guard_);
  most_bytes_ = bytes;
  release_excess();
}

void recycler::release_excess() {
  while (kept_.size() > most_blocks || kept_bytes_ > most_bytes_) {
    ::operator delete(kept_.front().memory, cache_line);
    kept_bytes_ -= kept_.front().bytes;
    kept_.pop_front();
  }
}

}  // namespace compress::detail
