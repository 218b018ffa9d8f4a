// A reproducible random choice, the same on every platform.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "splitmix64.hpp"

namespace support {

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

}  // namespace support
