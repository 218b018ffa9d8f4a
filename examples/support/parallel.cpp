#include "parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace support {

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& job) {
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> failed{count};  // lowest index that threw
  std::exception_ptr failure;
  std::mutex guard;

  // Indices are handed out in order, so every index below the lowest failed one is run.
  const auto work = [&] {
    for (std::size_t k = next++; k < failed; k = next++) {
      try {
        job(k);
      } catch (...) {
        const std::lock_guard lock(guard);
        if (k >= failed) continue;
        failed = k;
        failure = std::current_exception();
      }
    }
  };

  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::jthread> others;
  for (std::size_t k = 1; k < std::min(cores, count); ++k) others.emplace_back(work);
  work();
  others.clear();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace support
