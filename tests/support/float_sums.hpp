// A reducer with float lanes, and what it must give: element by element, every step rounded.
#pragma once

#include <lfnc/detail/rounding.hpp>
#include <lfnc/exec/skeletons.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

// Sum and sum of rounded squares.
struct float_sums {
  static constexpr int fields = 2;
  static constexpr bool zero_is_neutral = true;
  using lane_type = float;

  void add(float x, float* field, lfnc::index_t stride) const {
    field[0] += x;
    field[stride] += lfnc::detail::rounded(x * x);
  }
  template <class Lane>
  Lane merge(int, Lane a, Lane b) const {
    return a + b;
  }
  template <class Vector, class Lanes>
  LFNC_INLINE void add_vector(const Vector& x, Lanes* field, int k) const {
    field[0].add(k, x);
    field[1].add_product(k, x, x);
  }
};

// Blocks of 1024, lanes of 16, lanes merged pairwise. volatile keeps the compiler from fusing.
inline std::array<double, 2> expected_float_sums(const std::vector<float>& row) {
  std::array<double, 2> total{};
  for (std::size_t begin = 0; begin < row.size(); begin += 1024) {
    float lane[2][16] = {};
    for (std::size_t k = begin; k < std::min(row.size(), begin + 1024); ++k) {
      const volatile float square = row[k] * row[k];
      lane[0][(k - begin) % 16] += row[k];
      lane[1][(k - begin) % 16] += square;
    }
    for (std::size_t f = 0; f < 2; ++f) {
      for (const int width : {8, 4, 2, 1}) {
        for (int j = 0; j < width; ++j) lane[f][j] += lane[f][j + width];
      }
      total[f] += static_cast<double>(lane[f][0]);
    }
  }
  return total;
}
