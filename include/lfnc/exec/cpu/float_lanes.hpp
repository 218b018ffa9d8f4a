// lfnc floor 2: float_lanes: the lanes of a reduction in float, in vector registers.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "../../detail/rounding.hpp"
#include "../skeletons.hpp"
#include "dispatch.hpp"

// On vectors as gcc and clang both have them, for the merges: where a compiler finds vectors in
// loops by itself, it merges the lanes of a row number by number, which for a plane of 7 x 7 takes
// longer than all the rest. Measured against those loops (bench/bench_float_lanes.cpp, figures in
// bench/results/2026-11-30-float-lanes.txt), planes that are neighbours (float_rows.hpp) take 1/2
// to 1/3 of the time in cache under SSE2 and AVX2 and 0.25 to 0.8 of it under AVX-512; those that
// alternate (interleaved_floats.hpp) 1/2 to 1/4 and about 0.65. From memory neighbours still take
// 0.6 to 0.75, and what alternates 0.9 to 0.95.
#if LFNC_SHUFFLES
namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

template <int Bytes>
struct vectors_of {
  typedef float floats __attribute__((vector_size(Bytes)));
  typedef std::uint32_t masks __attribute__((vector_size(Bytes)));
};
template <int Bytes>
using float_vector = typename vectors_of<Bytes>::floats;

// product = x * y, rounded: gcc, which does not see where it comes from, cannot fuse it with a
// following addition, and clang not with what the comparison chose.
template <class Vector>
LFNC_INLINE void set_rounded_product(Vector& product, const Vector& x, const Vector& y) {
  product = x * y;
#if defined(__clang__)
  const Vector most = Vector{} + infinity<float>;
  product = product < most ? product : most;
#else
  asm("" : "+v"(product));
#endif
}

template <class Vector>
LFNC_INLINE void add_rounded_product(Vector& sum, const Vector& x, const Vector& y) {
  Vector product;
  set_rounded_product(product, x, y);
  sum += product;
}

// of(0), of(1), ... below Count, each a number that the compiler knows.
template <int... K, class Of>
LFNC_INLINE void for_numbers(std::integer_sequence<int, K...>, const Of& of) {
  (of(std::integral_constant<int, K>{}), ...);
}
template <int Count, class Of>
LFNC_INLINE void for_each_number(const Of& of) {
  for_numbers(std::make_integer_sequence<int, Count>{}, of);
}

// `Count` vectors that a reducer's add_vector adds to. Where `First`, what is added takes the place
// of the 0 that lanes start at: no number but the sign of a 0 differs.
template <int Bytes, int Count, bool First>
struct float_sums_of {
  using vector = float_vector<Bytes>;
  vector lane[Count];

  LFNC_INLINE void add(int k, const vector& x) {
    if constexpr (First) {
      lane[k] = x;
    } else {
      lane[k] += x;
    }
  }

  LFNC_INLINE void add_product(int k, const vector& x, const vector& y) {
    if constexpr (First) {
      set_rounded_product(lane[k], x, y);
    } else {
      add_rounded_product(lane[k], x, y);
    }
  }
};

template <int Bytes>
inline constexpr int vectors_of_lanes = lanes * static_cast<int>(sizeof(float)) / Bytes;

// The first elements of the lanes of one field.
template <int Bytes>
using first_lanes = float_sums_of<Bytes, vectors_of_lanes<Bytes>, true>;

// The lanes of one field in registers, and of those lanes 0 .. 7 or 0 .. 3 when the others are
// merged in.
template <int Bytes>
struct field_lanes : float_sums_of<Bytes, vectors_of_lanes<Bytes>, false> {
  static constexpr int count = vectors_of_lanes<Bytes>;
  using base = float_sums_of<Bytes, count, false>;
  using base::lane;

  LFNC_INLINE void clear() {
    for_each_number<count>([&](auto k) LFNC_INLINED { lane[k] = float_vector<Bytes>{}; });
  }

  LFNC_INLINE void set(const first_lanes<Bytes>& first) {
    for_each_number<count>([&](auto k) LFNC_INLINED { lane[k] = first.lane[k]; });
  }

  LFNC_INLINE void merge(float_vector<32>& eight) const {
    if constexpr (count == 2) {
      eight = lane[0] + lane[1];
    } else {
      static_assert(count == 1);
      eight = __builtin_shufflevector(lane[0], lane[0], 0, 1, 2, 3, 4, 5, 6, 7) +
              __builtin_shufflevector(lane[0], lane[0], 8, 9, 10, 11, 12, 13, 14, 15);
    }
  }

  LFNC_INLINE void merge(float_vector<16>& four) const {
    if constexpr (count == 4) {
      four = (lane[0] + lane[2]) + (lane[1] + lane[3]);
    } else {
      float_vector<32> eight;
      merge(eight);
      four = __builtin_shufflevector(eight, eight, 0, 1, 2, 3) +
             __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
    }
  }
};

// Number k of the result is all of part[k] merged: lane j takes lane j + 2, then j + 1. What is
// added is numbers where they are and their partners, brought there: of two vectors' four halves, a
// blend and one shuffle make the two operands (a + b is b + a), where bringing both takes two.
LFNC_INLINE void merge_four(const float_vector<16>* part, float_vector<16>& merged) {
  const float_vector<16> first = __builtin_shufflevector(part[0], part[1], 0, 1, 6, 7) +
                                 __builtin_shufflevector(part[0], part[1], 2, 3, 4, 5);
  const float_vector<16> second = __builtin_shufflevector(part[2], part[3], 0, 1, 6, 7) +
                                  __builtin_shufflevector(part[2], part[3], 2, 3, 4, 5);
  merged = __builtin_shufflevector(first, second, 0, 2, 4, 6) +
           __builtin_shufflevector(first, second, 1, 3, 5, 7);
}

// The same of eight parts of eight lanes each; lane j takes lane j + 4 first.
LFNC_INLINE void merge_eight(const float_vector<32>* part, float_vector<32>& merged) {
  using eight = float_vector<32>;
  eight pair[4];  // parts k and k + 4
  for_each_number<4>([&](auto k) LFNC_INLINED {
    const eight& a = part[int{k}];
    const eight& b = part[k + 4];
    pair[k] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 12, 13, 14, 15) +
              __builtin_shufflevector(a, b, 4, 5, 6, 7, 8, 9, 10, 11);
  });
  eight four[2];  // parts 2 k, 2 k + 1, and those + 4
  for_each_number<2>([&](auto k) LFNC_INLINED {
    const eight& a = pair[2 * k];
    const eight& b = pair[2 * k + 1];
    four[k] = __builtin_shufflevector(a, b, 0, 1, 10, 11, 4, 5, 14, 15) +
              __builtin_shufflevector(a, b, 2, 3, 8, 9, 6, 7, 12, 13);
  });
  merged = __builtin_shufflevector(four[0], four[1], 0, 2, 8, 10, 4, 6, 12, 14) +
           __builtin_shufflevector(four[0], four[1], 1, 3, 9, 11, 5, 7, 13, 15);
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
#endif
