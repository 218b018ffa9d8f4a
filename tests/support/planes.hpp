// Moments of one plane.
#pragma once

#include <lfnc/moments.hpp>

inline void add_plane(lfnc::channel_moments& moments, lfnc::index_t elements, double sum,
                      double squares) {
  moments.add_planes(1, elements, &sum, &squares);
}
