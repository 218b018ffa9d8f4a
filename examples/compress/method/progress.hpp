// One line on the terminal that says how far a stage is and how long it will take.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace compress {

// Shows progress on standard error while it lives, only where that is a terminal.
class progress {
 public:
  // `total` steps are to come.
  progress(std::string stage, std::size_t total);
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  // `count` steps were done.
  void step(std::size_t count = 1);

 private:
  using clock = std::chrono::steady_clock;

  std::string stage_;
  std::size_t total_;
  std::size_t done_ = 0;
  bool shown_;
  clock::time_point begin_ = clock::now();
  clock::time_point last_ = begin_;
};

}  // namespace compress
