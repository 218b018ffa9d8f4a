// The CPU's result and the backend's, compared bit by bit.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <vector>

#include "backend.hpp"

// The index of the first element whose bytes differ, or -1.
template <class T>
std::ptrdiff_t first_difference(const std::vector<T>& a, const std::vector<T>& b) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (a.size() != b.size()) return 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (std::memcmp(&a[k], &b[k], sizeof(T)) != 0) return static_cast<std::ptrdiff_t>(k);
  }
  return -1;
}

#define CHECK_SAME_BITS(a, b) CHECK(first_difference(a, b) == -1)

// The element types that tensors may have, from a double.
template <class T>
T as(double value) {
  return static_cast<T>(static_cast<lfnc::compute_t<T>>(value));
}
