// lfnc floor 2: tuning: the numbers of the device backends that only speed depends on.
#pragma once

#include "../../scalar.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// No result depends on any of them. They are set by reasoning about an H100 (132 multiprocessors,
// some 2.3 MB of loads in flight to fill its memory), not yet by measurement.
struct tuning {
  // Blocks: their threads, the most there are; few threads where blocks are scarcer than
  // multiprocessors, which is below `many` threads in all.
  static constexpr int threads = 256;
  static constexpr int narrow = 32;
  static constexpr index_t many = 1 << 16;
  static constexpr index_t most_blocks = 0x7FFFFFFF;

  // map: bytes that a thread reads or writes at once; how many such pieces it loads before it
  // stores any, in tensors of at least `large` elements.
  static constexpr int bytes = 16;
  static constexpr int depth = 4;
  static constexpr index_t large = index_t{1} << 22;

  // Elements that a thread of a reduction or of a tally loads before it adds any.
  static constexpr int batch = 8;

  // Keys of a sorted row that are added up at a time.
  static constexpr int tile = 512;

  // tally: elements worth a block's own counts, and the most blocks that have them.
  static constexpr index_t tally_share = 1 << 15;
  static constexpr index_t tally_blocks = 264;
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
