// How an image file becomes a network's input.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor.hpp"

namespace support {

enum class color_order { rgb, bgr, gray };

// Steps in this order: resize, centre crop, colour order, then for each pixel p in 0..255
//   x = (p scale - mean) / std.
// So mean and std are in units of p scale: 0..255 where scale is 1, 0..1 where it is 1/255.
struct preprocessing {
  // Resizing, at most one of the two: the shorter side to this many pixels keeping the aspect
  // ratio (the longer side is rounded down), or both sides exactly. 0 leaves the size alone.
  // Shrinking averages areas, enlarging interpolates linearly.
  std::int64_t shorter_side = 0;
  std::int64_t height = 0, width = 0;

  // Centre crop, 0 for none. An odd margin is split with the smaller half above and on the left.
  std::int64_t crop_height = 0, crop_width = 0;

  color_order order = color_order::rgb;
  float scale = 1;
  std::vector<float> mean;  // one per channel in the network's order, or empty for 0
  tensor mean_image;        // (C, H, W) like the crop, instead of mean; dims empty for none
  std::vector<float> std;   // one per channel, or empty for 1
};

// 3, or 1 for gray.
std::int64_t channels(const preprocessing& steps);

// Throws std::invalid_argument naming the member that is negative, not finite, zero where it
// divides, of the wrong number of values, or at odds with another one.
void check(const preprocessing& steps);

// x = (p scale - mean) / std for one image of planar pixels (C, H, W) of dims, in float. out and
// pixels have as many elements as dims says; a mean image must have these dims
// (std::invalid_argument).
void normalize(std::span<const std::uint8_t> pixels, const shape& dims, const preprocessing& steps,
               std::span<float> out);

}  // namespace support
