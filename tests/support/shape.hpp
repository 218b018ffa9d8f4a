// Tensors of every layout: any permutation of the dimensions in memory, gaps, reversed and repeated
// dimensions; and the naive walk over one.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <lfnc/view.hpp>
#include <numeric>
#include <vector>

#include "random.hpp"

// A view into memory of its own.
template <class T, int Rank>
struct strided {
  std::vector<T> memory;
  lfnc::tensor_view<T, Rank> view;
};

// Memory layout at random: the dimensions in any order, with gaps between them, some reversed.
// With `repeats`, some have stride 0. Elements are T{}.
template <class T, int Rank>
strided<T, Rank> random_layout(generator& random, const std::array<lfnc::index_t, Rank>& extents,
                               bool repeats) {
  std::array<std::size_t, Rank> order{};
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t k = order.size(); k > 1; --k) {
    std::swap(order[k - 1], order[static_cast<std::size_t>(random.below(static_cast<int>(k)))]);
  }
  std::array<lfnc::index_t, Rank> strides{};
  lfnc::index_t size = 1;
  lfnc::index_t first = 0;
  for (const std::size_t d : order) {
    if (repeats && random.below(4) == 0) continue;
    lfnc::index_t stride = size * (random.below(4) == 0 ? 2 : 1);
    size = stride * extents[d];
    if (random.below(3) == 0) {
      first += stride * (extents[d] - 1);
      stride = -stride;
    }
    strides[d] = stride;
  }
  strided<T, Rank> made;
  made.memory.resize(static_cast<std::size_t>(size));
  made.view = {made.memory.data() + first, extents, strides};
  return made;
}

template <int Rank>
using shape = std::array<lfnc::index_t, static_cast<std::size_t>(Rank)>;

// Calls check.operator()<Rank>(random, extents, repeats) for `rounds` shapes of each of the ranks,
// every other time with `repeats` for random_layout. A lambda as check begins with [&]: without a
// capture it would be a function pointer too, of which nvcc wants to know every argument.
template <int... Ranks, class Check>
void for_random_shapes(int rounds, Check check) {
  const auto of_rank = [&]<int Rank>() {
    generator random(Rank);
    for (int round = 0; round < rounds; ++round) {
      shape<Rank> extents{};
      for (lfnc::index_t& extent : extents) {
        extent = 1 + random.below(Rank > 5 ? 3 : Rank > 3 ? 5 : 9);
      }
      check.template operator()<Rank>(random, extents, round % 2 == 0);
    }
  };
  (of_rank.template operator()<Ranks>(), ...);
}

// Calls visit(position) for every index of a tensor in row-major order.
template <std::size_t Rank, class Visit>
void for_each_position(const std::array<lfnc::index_t, Rank>& extents, Visit visit) {
  if (std::ranges::find(extents, 0) != extents.end()) return;
  std::array<lfnc::index_t, Rank> position{};
  while (true) {
    visit(position);
    std::size_t d = Rank;
    while (d > 0 && ++position[d - 1] == extents[d - 1]) position[--d] = 0;
    if (d == 0) return;
  }
}

template <class T, int Rank>
T& element_at(const lfnc::tensor_view<T, Rank>& view,
              const std::array<lfnc::index_t, static_cast<std::size_t>(Rank)>& position) {
  lfnc::index_t offset = 0;
  for (std::size_t d = 0; d < position.size(); ++d) offset += position[d] * view.strides[d];
  return view.data[offset];
}
