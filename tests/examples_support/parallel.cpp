#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "../../examples/support/parallel.hpp"

using namespace support;

TEST_CASE("parallel_for runs each job once and throws what the first failing job threw") {
  for (const std::size_t count : {0U, 1U, 2U, 1000U}) {
    std::vector<int> runs(count, 0);
    parallel_for(count, [&](std::size_t k) { ++runs[k]; });
    CHECK(runs == std::vector<int>(count, 1));
  }
  CHECK_THROWS_WITH_AS(parallel_for(1000,
                                    [](std::size_t k) {
                                      if (k % 7 == 5) throw std::runtime_error(std::to_string(k));
                                    }),
                       "5", std::runtime_error);
}

TEST_CASE("a later job that fails afterwards does not hide the first one") {
  for (int trial = 0; trial < 5; ++trial) {
    std::atomic<bool> first_fails{false};
    const auto job = [&](std::size_t k) {
      if (k == 0) {
        // Time for the other thread to begin with job 1.
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        first_fails = true;
        throw std::runtime_error("first");
      }
      while (!first_fails) std::this_thread::yield();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      throw std::runtime_error("second");
    };
    CHECK_THROWS_WITH_AS(parallel_for(2, job), "first", std::runtime_error);
  }
}
