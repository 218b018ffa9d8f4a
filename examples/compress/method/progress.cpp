#include "progress.hpp"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace compress {

progress::progress(std::string stage, std::size_t total)
    : stage_(std::move(stage)), total_(total), shown_(isatty(STDERR_FILENO) == 1) {}

progress::~progress() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
}

void progress::step(std::size_t count) {
  done_ += count;
  const clock::time_point now = clock::now();
  if (!shown_ || now - last_ < std::chrono::milliseconds(100) || total_ == 0) return;
  last_ = now;
  const double share = static_cast<double>(done_) / static_cast<double>(total_);
  const double spent = std::chrono::duration<double>(now - begin_).count();
  const auto left = static_cast<int>(spent / share * (1 - share) + 0.5);
  std::fprintf(stderr, "\r\033[K%s: %3.0f %%, %d:%02d left", stage_.c_str(), 100 * share, left / 60,
               left % 60);
}

}  // namespace compress
