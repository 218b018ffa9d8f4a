// One labelled picture, drawn from a seed with integer arithmetic alone, so that every platform and
// every compiler draws the same pixels.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace drawn {

inline constexpr std::size_t side = 32;     // pixels, width and height
inline constexpr std::size_t channels = 3;  // red, green, blue

// Independent sequences of pictures under one seed; none shares a picture with another.
enum class stream : std::uint64_t { training = 1, calibration = 2, test = 3 };

struct picture {
  std::size_t label = 0;                                   // index into figures()
  std::array<std::uint8_t, side * side * channels> rgb{};  // row by row, R G B of each pixel
};

// Draws picture `index` of a stream. It depends on the three arguments only: not on how many
// pictures are drawn, nor in which order.
picture draw_picture(std::uint64_t seed, stream which, std::uint64_t index);

}  // namespace drawn
