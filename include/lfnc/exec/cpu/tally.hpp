// lfnc floor 2: tally_run: elements counted in bins, the bins being found on vectors.
#pragma once

#include <cstdint>
#include <type_traits>

#include "../skeletons.hpp"
#include "dispatch.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Bins of a block of neighbours, which the compiler vectorizes: they are found in a loop without
// memory that might be the counts.
inline constexpr int tally_block = 64;

// Places that the last bin has in the counts, of which neighbours take different ones: a count that
// is raised again and again waits for itself each time, and zeros often come in a row.
inline constexpr int last_places = 8;

template <class T, class Bin>
struct find_bins {
  const T* place;
  const Bin& bin;
  int last;
  int* slots;  // tally_block of them

  template <int Bytes>
  LFNC_INLINE void run() const {
    constexpr int piece = tally_block;
    const Bin local = bin;
    const T* const from = place;
    const int spread = last;
    int found[tally_block];
    in_pieces<0, tally_block, piece>([&](int k) {
      const int slot = local(to_compute(from[k]));
      found[k] = slot + (slot == spread ? k % last_places : 0);
    });
    int* const to = slots;
    for (int k = 0; k < tally_block; ++k) to[k] = found[k];
  }
};

template <class T, class Bin>
auto loaded_bin(const Bin& bin) {
  if constexpr (loading_bin<Bin, T>) {
    return bin.template loaded<T>();
  } else {
    return bin;
  }
}

// ++counts[bin(x)] for `count` elements `stride` apart; for the last bin, one of the last_places
// counts from there on.
template <class T, class Bin>
void tally_run(instruction_set set, const T* place, index_t stride, index_t count, const Bin& given,
               int last, std::uint32_t* counts) {
  const auto bin = loaded_bin<decltype(to_compute(*place))>(given);
  index_t k = 0;
  if (stride == 1) {
    for (; k + tally_block <= count; k += tally_block) {
      int slots[tally_block];
      run_vectors(set,
                  find_bins<T, std::remove_const_t<decltype(bin)>>{place + k, bin, last, slots});
      for (const int slot : slots) ++counts[slot];
    }
  }
  for (; k < count; ++k) ++counts[bin(to_compute(place[k * stride]))];
}

// total[k] += counts[k] for the counts of tally_run.
struct sum_counts {
  const std::uint32_t* counts;
  int bins;
  std::uint64_t* total;

  template <int Bytes>
  LFNC_INLINE void run() const {
    // Copies of the pointers, which what is written cannot be.
    const std::uint32_t* const from = counts;
    std::uint64_t* const to = total;
    int k = 0;
    for (; k + tally_block <= bins; k += tally_block) {
      for (int j = 0; j < tally_block; ++j) to[k + j] += from[k + j];
    }
    for (; k < bins; ++k) to[k] += from[k];
    for (int place = 1; place < last_places; ++place) to[bins - 1] += from[bins - 1 + place];
  }
};

inline void add_counts(instruction_set set, const std::uint32_t* counts, int bins,
                       std::uint64_t* total) {
  run_vectors(set, sum_counts{counts, bins, total});
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
