// A reproducible random choice, the same on every platform.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace compress {

// The splitmix64 generator: a counter of golden-ratio steps through a bit mixer.
class splitmix64 {
 public:
  explicit splitmix64(std::uint64_t seed) : state_(seed) {}

  std::uint64_t operator()() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

  // Uniform in 0 .. bound - 1, bound >= 1: draws beyond the largest multiple of bound are repeated.
  std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t excess = (UINT64_MAX % bound + 1) % bound;  // 2^64 mod bound
    std::uint64_t drawn = (*this)();
    while (drawn > UINT64_MAX - excess) drawn = (*this)();
    return drawn % bound;
  }

 private:
  std::uint64_t state_;
};

// count of the items without repetition, in random order (the first steps of a Fisher-Yates
// shuffle, so that a larger count begins with the smaller one's choice). Calibration folders are
// often sorted by class, so that their first files are no sample. Throws std::invalid_argument
// where there are fewer items.
template <class Item>
std::vector<Item> choose(std::vector<Item> items, std::size_t count, std::uint64_t seed) {
  if (count > items.size()) {
    throw std::invalid_argument(std::to_string(count) + " images asked for where there are " +
                                std::to_string(items.size()));
  }
  splitmix64 random(seed);
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t drawn = k + static_cast<std::size_t>(random.below(items.size() - k));
    std::swap(items[k], items[drawn]);
  }
  items.resize(count);
  return items;
}

}  // namespace compress
