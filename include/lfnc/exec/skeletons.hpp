// lfnc floor 2: skeletons: what a backend must offer: map, reduce and sort_rows, and in which
// order.
#pragma once

#include <concepts>

#include "../channels.hpp"

// A backend is a policy type (lfnc::cpu; lfnc::cuda) and three function templates, found by the
// type of their first argument:
//
//   map(policy, in, out, make)      out[i] = make(c)(in[i]) for every element i of every channel c.
//   reduce(policy, rows, make, sink)   one value per plane of every channel, in the order below.
//   sort_rows(policy, rows, key, sink) every row's keys in descending order.
//
// Every verb of the library is written once, on top of these. Their arithmetic comes in as small
// function objects, so that it too is written once.
//
// The order of a reduction is part of the contract, so that every backend, instruction set and
// thread count gives the same bits: element i of a plane (row-major) is added to lane i % lanes, in
// ascending order of i, and the lanes are then merged pairwise: lane j takes lane j + 8, then j +
// 4, j + 2, j + 1.
namespace lfnc {

inline constexpr int lanes = 16;

// What reduce accumulates: `fields` doubles a lane. add(x, field, stride) adds element x, where
// field[k * stride] is field k of the lane; merge(k, a, b) is field k of two lanes together.
// Lanes start at 0.
template <class R, class T>
concept reducer = requires(const R& r, T x, double* field, double a, index_t stride, int k) {
  { R::fields } -> std::convertible_to<int>;
  r.add(x, field, stride);
  { r.merge(k, a, a) } -> std::same_as<double>;
};

}  // namespace lfnc
