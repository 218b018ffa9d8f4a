// lfnc floor 5: compress/wait: where images wait between two batch norms, within bounded memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "../../config.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// No place of the list: nothing is kept, and the images are fed anew.
inline constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

// Two places where images wait: far_images of them at `far`, the others at `near`, which comes
// before it in the list or is nowhere.
struct wait_plan {
  std::size_t near = nowhere;
  std::size_t far = nowhere;
  std::size_t far_images = 0;
};

// Where `images` images that have come to place `index` of the list wait, if an image's state takes
// bytes_each[p] bytes at place p and all together may take `limit` bytes, so that as few layers as
// possible are computed again: index - p for an image at place p, index + 1 for one that waits
// nowhere. With x_p the share of the images at p that is
//
//   min sum x_p (index - p)   over x >= 0, sum x_p = 1, sum x_p bytes_p <= limit / images,
//
// a linear program, solved by (at most) two neighbouring corners of the lower convex hull of the
// points (bytes, layers): from (0, index + 1) on, the hull is walked along the steepest descent
// until memory ends. O(index) a corner.
inline wait_plan plan_wait(const std::vector<std::size_t>& bytes_each, std::size_t index,
                           std::size_t limit, std::size_t images) {
  wait_plan plan;
  // Layers and bytes of a place; unsigned overflow makes index - nowhere index + 1.
  const auto layers = [&](std::size_t place) { return static_cast<double>(index - place); };
  const auto bytes = [&](std::size_t place) {
    return place == nowhere ? 0.0 : static_cast<double>(bytes_each[place]);
  };
  const double share = static_cast<double>(limit) / static_cast<double>(images);
  while (true) {
    std::size_t next = nowhere;
    double steepest = 0;
    for (std::size_t place = index + 1; place-- > plan.near + 1;) {
      // Layers saved a byte, above 0; what takes no more memory than the place before costs none.
      const double more = std::max(bytes(place) - bytes(plan.near), 0.5);
      const double slope = (layers(plan.near) - layers(place)) / more;
      if (slope > steepest) {
        steepest = slope;
        next = place;
      }
    }
    if (next == nowhere) return plan;
    if (bytes(next) > share) {
      const double rest =
          static_cast<double>(limit) - static_cast<double>(images) * bytes(plan.near);
      plan.far = next;
      plan.far_images = static_cast<std::size_t>(rest / (bytes(next) - bytes(plan.near)));
      return plan;
    }
    plan.near = next;
  }
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
