#include "picture.hpp"

#include <algorithm>
#include <cstdlib>
#include <span>

#include "figures.hpp"
#include "random.hpp"

namespace drawn {
namespace {

// Lengths are in 1/256 pixel. A pixel is covered by 4 x 4 sample points.
constexpr std::int64_t unit = 256;
constexpr std::int64_t samples = 4;
constexpr std::int64_t pixels = static_cast<std::int64_t>(side);
constexpr std::int64_t extent = pixels * unit;

using colour = std::array<std::int64_t, channels>;
using plane = std::array<std::int64_t, side * side>;
using canvas = std::array<plane, channels>;

struct point {
  std::int64_t x, y;
};

// Whether p is within `radius` of the line from a to b. With d = b - a and v = p - a the distance
// to the infinite line is |v x d| / |d|; beyond the ends it is the distance to the nearer end.
bool near_line(point p, point a, point b, std::int64_t radius) {
  const point d{b.x - a.x, b.y - a.y};
  const point v{p.x - a.x, p.y - a.y};
  const std::int64_t along = v.x * d.x + v.y * d.y;
  const std::int64_t length2 = d.x * d.x + d.y * d.y;
  const std::int64_t radius2 = radius * radius;
  if (along <= 0) return v.x * v.x + v.y * v.y <= radius2;
  if (along >= length2) {
    const point w{p.x - b.x, p.y - b.y};
    return w.x * w.x + w.y * w.y <= radius2;
  }
  const std::int64_t across = v.x * d.y - v.y * d.x;
  return across * across <= radius2 * length2;
}

// Which of the samples * samples points of every pixel the strokes drawn so far cover, one bit
// each.
class mask {
 public:
  void add_line(point a, point b, std::int64_t radius) {
    constexpr std::int64_t step = unit / samples;
    const std::int64_t top = pixel_of(std::min(a.y, b.y) - radius);
    const std::int64_t bottom = pixel_of(std::max(a.y, b.y) + radius);
    const std::int64_t left = pixel_of(std::min(a.x, b.x) - radius);
    const std::int64_t right = pixel_of(std::max(a.x, b.x) + radius);
    for (std::int64_t row = top; row <= bottom; ++row)
      for (std::int64_t column = left; column <= right; ++column)
        for (std::int64_t k = 0; k < samples * samples; ++k) {
          const point p{column * unit + (k % samples) * step + step / 2,
                        row * unit + (k / samples) * step + step / 2};
          if (near_line(p, a, b, radius))
            bits_[static_cast<std::size_t>(row * pixels + column)] |= 1U << k;
        }
  }

  // The number of covered points of a pixel, 0 .. samples * samples.
  std::int64_t covered(std::size_t pixel) const {
    std::int64_t count = 0;
    for (std::uint32_t rest = bits_[pixel]; rest != 0; rest &= rest - 1) ++count;
    return count;
  }

 private:
  static std::int64_t pixel_of(std::int64_t length) {
    return std::clamp(length, std::int64_t{0}, extent - 1) / unit;
  }

  std::array<std::uint32_t, side * side> bits_{};
};

colour random_colour(random& r) {
  return {r.between(20, 235), r.between(20, 235), r.between(20, 235)};
}

// A colour that differs from `other` by at least `contrast`, summed over the channels.
colour contrasting_colour(random& r, const colour& other, std::int64_t contrast) {
  for (;;) {
    const colour c = random_colour(r);
    std::int64_t difference = 0;
    for (std::size_t k = 0; k < channels; ++k) difference += std::abs(c[k] - other[k]);
    if (difference >= contrast) return c;
  }
}

// A ground colour under cloudy shading: random heights on a coarse lattice, bilinear in between.
void paint_ground(random& r, const colour& ground, canvas& out) {
  constexpr std::size_t cells = 4;
  constexpr std::size_t pitch = side / cells;
  const std::int64_t strength = r.between(10, 70);
  for (std::size_t k = 0; k < channels; ++k) {
    std::array<std::int64_t, (cells + 1) * (cells + 1)> height{};
    for (auto& h : height) h = r.between(-strength, strength);
    for (std::size_t y = 0; y < side; ++y)
      for (std::size_t x = 0; x < side; ++x) {
        const std::size_t at = (y / pitch) * (cells + 1) + x / pitch;
        const auto fx = static_cast<std::int64_t>(x % pitch);
        const auto fy = static_cast<std::int64_t>(y % pitch);
        constexpr auto p = static_cast<std::int64_t>(pitch);
        const std::int64_t above = height[at] * (p - fx) + height[at + 1] * fx;
        const std::int64_t below = height[at + cells + 1] * (p - fx) + height[at + cells + 2] * fx;
        out[k][y * side + x] = ground[k] + (above * (p - fy) + below * fy) / (p * p);
      }
  }
}

// Lays ink on the covered part of each pixel. The ink runs from one colour to another across the
// picture, left to right or top to bottom.
void lay_ink(const mask& where, const colour& from, const colour& to, bool downwards, canvas& out) {
  constexpr std::int64_t full = samples * samples;
  for (std::size_t pixel = 0; pixel < side * side; ++pixel) {
    const std::int64_t cover = where.covered(pixel);
    const auto t = static_cast<std::int64_t>(downwards ? pixel / side : pixel % side);
    for (std::size_t k = 0; k < channels; ++k) {
      const std::int64_t ink = (from[k] * (pixels - 1 - t) + to[k] * t) / (pixels - 1);
      out[k][pixel] = (out[k][pixel] * (full - cover) + ink * cover) / full;
    }
  }
}

// Stray lines that belong to no figure.
void lay_clutter(random& r, std::int64_t lines, canvas& out) {
  for (std::int64_t i = 0; i < lines; ++i) {
    mask where;
    const point a{r.between(0, extent), r.between(0, extent)};
    const point b{a.x + r.between(-12 * unit, 12 * unit), a.y + r.between(-12 * unit, 12 * unit)};
    where.add_line(a, b, r.between(unit / 2, 5 * unit / 4));
    const colour ink = random_colour(r);
    lay_ink(where, ink, ink, false, out);
  }
}

// The figure's corners in the picture: turned, sheared, scaled, moved, then each shaken by itself.
std::array<point, most_corners> pose(random& r, std::span<const corner> corners) {
  // With t = tan(angle / 2), (1 - t^2, 2 t) / (1 + t^2) is (cos, sin): a turn without a table of
  // sines. t = tangent / one, within 30 degrees.
  constexpr std::int64_t one = 256;
  const std::int64_t tangent = r.between(-68, 68);
  const std::int64_t whole = one * one + tangent * tangent;
  const std::int64_t cosine = one * one - tangent * tangent;
  const std::int64_t sine = 2 * one * tangent;
  const std::int64_t wide = r.between(30, 50);  // length of 1 figure unit, in 1/256 pixel
  const std::int64_t high = wide * r.between(80, 125) / 100;
  const std::int64_t shear = r.between(-30, 30);  // percent
  const point centre{extent / 2 + r.between(-5 * unit, 5 * unit),
                     extent / 2 + r.between(-5 * unit, 5 * unit)};
  std::array<point, most_corners> placed{};
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const std::int64_t x = (corners[i].x + corners[i].y * shear / 100 + r.between(-9, 9)) * wide;
    const std::int64_t y = (corners[i].y + r.between(-9, 9)) * high;
    placed[i] = {centre.x + (x * cosine - y * sine) / whole,
                 centre.y + (x * sine + y * cosine) / whole};
  }
  return placed;
}

// One pass of the binomial filter (1 2 1) / 4 down and across; the border repeats.
void blur(plane& values) {
  const auto filter = [&values](std::size_t line, std::size_t step) {
    std::array<std::int64_t, side> old{};
    for (std::size_t i = 0; i < side; ++i) old[i] = values[line + i * step];
    for (std::size_t i = 0; i < side; ++i) {
      const std::int64_t before = old[i == 0 ? 0 : i - 1];
      const std::int64_t after = old[std::min(i + 1, side - 1)];
      values[line + i * step] = (before + 2 * old[i] + after) / 4;
    }
  };
  for (std::size_t i = 0; i < side; ++i) filter(i * side, 1);
  for (std::size_t i = 0; i < side; ++i) filter(i, side);
}

// Sensor noise: the sum of four uniform bytes is close to normal, with standard deviation 148.
std::int64_t noise(random& r, std::int64_t deviation) {
  std::uint64_t bits = r.bits();
  std::int64_t sum = -510;
  for (int i = 0; i < 4; ++i, bits >>= 8U) sum += static_cast<std::int64_t>(bits & 255U);
  return sum * deviation / 148;
}

// One state for (seed, stream, index); bits() in between keeps neighbouring arguments apart.
random generator(std::uint64_t seed, stream which, std::uint64_t index) {
  random by_seed{seed};
  random by_stream{by_seed.bits() ^ static_cast<std::uint64_t>(which)};
  return random{by_stream.bits() ^ index};
}

}  // namespace

picture draw_picture(std::uint64_t seed, stream which, std::uint64_t index) {
  random r = generator(seed, which, index);
  picture result;
  result.label = static_cast<std::size_t>(r.between(0, std::int64_t{figure_count} - 1));

  canvas image{};
  const colour ground = random_colour(r);
  paint_ground(r, ground, image);
  lay_clutter(r, r.between(1, 5), image);

  const figure& shown = figures()[result.label];
  const auto corners = pose(r, shown.corners);
  const std::int64_t radius = r.between(unit / 2, 3 * unit / 2);
  mask where;
  for (const stroke& s : shown.strokes) where.add_line(corners[s.from], corners[s.to], radius);
  const std::int64_t contrast = r.between(110, 260);
  const colour from = contrasting_colour(r, ground, contrast);
  const colour to = contrasting_colour(r, ground, contrast);
  lay_ink(where, from, to, r.between(0, 1) == 1, image);
  lay_clutter(r, r.between(0, 2), image);

  const std::int64_t passes = r.between(0, 2);
  const std::int64_t deviation = r.between(2, 24);
  for (std::size_t k = 0; k < channels; ++k) {
    for (std::int64_t i = 0; i < passes; ++i) blur(image[k]);
    // A sensor saturates: values beyond a byte stop at its ends.
    for (std::size_t pixel = 0; pixel < side * side; ++pixel)
      result.rgb[pixel * channels + k] = static_cast<std::uint8_t>(
          std::clamp<std::int64_t>(image[k][pixel] + noise(r, deviation), 0, 255));
  }
  return result;
}

}  // namespace drawn
