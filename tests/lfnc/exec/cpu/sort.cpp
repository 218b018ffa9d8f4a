#include <lfnc/exec/cpu/sort.hpp>

#include <doctest/doctest.h>

#include "support/brute_force.hpp"

namespace {

template <class T>
void check_sorted(lfnc::detail::descending_sorter<T>& sort, std::vector<T> keys) {
  std::vector<T> expected = keys;
  std::sort(expected.begin(), expected.end(), std::greater<>());
  sort(keys.data(), static_cast<lfnc::index_t>(keys.size()));
  CHECK(keys == expected);
}

template <class T>
void check_all() {
  lfnc::detail::descending_sorter<T> sort(300000);
  generator random(1);
  for (int k = 0; k < static_cast<int>(row_kind::count); ++k) {
    CAPTURE(k);
    // Every length that is sorted in another way, and those next to it.
    for (const int length : {1, 2, 3, 31, 32, 33, 63, 64, 65, 127, 576, 5000, 131071, 131072}) {
      CAPTURE(length);
      std::vector<T> row = make_row<T>(random, static_cast<row_kind>(k), length);
      check_sorted(sort, row);
      for (T& x : row) x = std::abs(x);
      check_sorted(sort, row);
    }
  }
}

}  // namespace

TEST_CASE("float keys of every kind") { check_all<float>(); }

TEST_CASE("double keys of every kind") { check_all<double>(); }

TEST_CASE("no keys") {
  lfnc::detail::descending_sorter<float> sort(100);
  sort(nullptr, 0);
}

TEST_CASE("the ends of the range") {
  constexpr float most = std::numeric_limits<float>::max();
  constexpr float least = std::numeric_limits<float>::denorm_min();
  for (const int copies : {1, 5, 30}) {
    std::vector<float> keys;
    for (int k = 0; k < copies; ++k) keys.insert(keys.end(), {0, -most, least, most, -least, 1});
    lfnc::detail::descending_sorter<float> sort(200);
    check_sorted(sort, keys);
  }
}

TEST_CASE("keys that differ in their last digits alone, beside one that is far away") {
  for (const int length : {100, 5000, 200000}) {
    generator random(2);
    std::vector<float> keys{1e30F};
    for (int k = 1; k < length; ++k) {
      keys.push_back(1 + static_cast<float>(random.below(1000)) * 0x1p-23F);
    }
    lfnc::detail::descending_sorter<float> sort(length);
    check_sorted(sort, keys);
    keys.front() = -1e30F;
    check_sorted(sort, keys);
  }
}
