// lfnc floor 2: tally_run: elements counted in bins, the bins being found on vectors.
#pragma once

#include <cstdint>
#include <type_traits>

#include "../scalar.hpp"
#include "vectors.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Bins of a block of neighbours, which the compiler vectorizes: they are found in a loop without
// memory that might be the counts.
inline constexpr int tally_block = 64;

template <class T, class Bin>
struct find_bins {
  const T* place;
  const Bin& bin;
  int* slots;  // tally_block of them

  template <int Bytes>
  LFNC_INLINE void run() const {
    constexpr int piece = tally_block;
    const Bin local = bin;
    const T* const from = place;
    int found[tally_block];
    in_pieces<0, tally_block, piece>([&](int k) { found[k] = local(to_compute(from[k])); });
    int* const to = slots;
    for (int k = 0; k < tally_block; ++k) to[k] = found[k];
  }
};

// A bin that reads memory may offer loaded(), which does the same with what it read: a loop around
// it then has nothing in it but arithmetic.
template <class Bin>
auto loaded_bin(const Bin& bin) {
  if constexpr (requires { bin.loaded(); }) {
    return bin.loaded();
  } else {
    return bin;
  }
}

// ++counts[bin(x)] for `count` elements `stride` apart.
template <class T, class Bin>
void tally_run(instruction_set set, const T* place, index_t stride, index_t count, const Bin& given,
               std::uint32_t* counts) {
  const auto bin = loaded_bin(given);
  index_t k = 0;
  if (stride == 1) {
    for (; k + tally_block <= count; k += tally_block) {
      int slots[tally_block];
      run_vectors(set, find_bins<T, std::remove_const_t<decltype(bin)>>{place + k, bin, slots});
      for (const int slot : slots) ++counts[slot];
    }
  }
  for (; k < count; ++k) ++counts[bin(to_compute(place[k * stride]))];
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
