// The sixteen figures that the network tells apart: strokes between corners, as a pen would set
// them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace drawn {

// A corner in the figure's own frame: x to the right, y down, both within [-64, 64].
struct corner {
  std::int64_t x, y;
};

// A straight stroke between two corners of the figure, by index.
struct stroke {
  std::size_t from, to;
};

struct figure {
  std::string_view name;
  std::span<const corner> corners;
  std::span<const stroke> strokes;
};

inline constexpr std::size_t figure_count = 16;
inline constexpr std::size_t most_corners = 6;

// All figures; the index is the class.
const std::array<figure, figure_count>& figures();

}  // namespace drawn
