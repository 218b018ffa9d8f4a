#include "draw_image.hpp"

#include <algorithm>
#include <cmath>

#include "random.hpp"

namespace paper {
namespace {

// Adds random heights on a lattice of cells x cells, linear in between.
void add_lattice(support::splitmix64& bits, std::size_t cells, double deviation, std::size_t side,
                 std::vector<float>& plane) {
  const std::size_t pitch = cells + 1;
  const std::vector<float> height = normals(bits, pitch * pitch, 0, deviation);
  const float step = static_cast<float>(cells) / static_cast<float>(side);
  for (std::size_t y = 0; y < side; ++y) {
    const float v = static_cast<float>(y) * step;
    const auto row = static_cast<std::size_t>(v);
    for (std::size_t x = 0; x < side; ++x) {
      const float u = static_cast<float>(x) * step;
      const auto column = static_cast<std::size_t>(u);
      const float* at = &height[row * pitch + column];
      const float right = u - static_cast<float>(column), down = v - static_cast<float>(row);
      const float above = at[0] + right * (at[1] - at[0]);
      const float below = at[pitch] + right * (at[pitch + 1] - at[pitch]);
      plane[y * side + x] += above + down * (below - above);
    }
  }
}

// Heights fall off with the scale, as the spectrum of photographs does.
void add_scales(support::splitmix64& bits, double deviation, std::size_t side,
                std::vector<float>& plane) {
  for (std::size_t cells = 2; cells <= side / 4; cells *= 2) {
    add_lattice(bits, cells, deviation / std::sqrt(static_cast<double>(cells)), side, plane);
  }
}

}  // namespace

std::vector<std::uint8_t> draw_image(std::uint64_t seed, std::uint64_t index, std::size_t side) {
  // bits() in between keeps neighbouring arguments apart.
  support::splitmix64 by_seed(seed);
  support::splitmix64 bits(by_seed() ^ index);
  bits = support::splitmix64(bits());

  const double contrast = 30 + 50 * bits.uniform();
  std::vector<float> gray(side * side, static_cast<float>(118 + 25 * normal(bits)));
  add_scales(bits, contrast, side, gray);
  std::vector<std::uint8_t> rgb(3 * side * side);
  for (std::size_t k = 0; k < 3; ++k) {
    std::vector<float> plane = gray;
    add_scales(bits, 0.4 * contrast, side, plane);
    for (std::size_t p = 0; p < plane.size(); ++p) {
      // A sensor saturates: values beyond a byte stop at its ends.
      rgb[3 * p + k] = static_cast<std::uint8_t>(std::clamp(std::lround(plane[p]), 0L, 255L));
    }
  }
  return rgb;
}

}  // namespace paper
