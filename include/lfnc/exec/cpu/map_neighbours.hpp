// lfnc floor 2: map_neighbours: neighbouring elements mapped at the speed of memory.
#pragma once

#include <cstdint>
#include <type_traits>

#include "../../scalar.hpp"
#include "dispatch.hpp"
#include "saturate.hpp"
#include "stream.hpp"
#include "widen.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Bytes read and written that no last-level cache is likely to keep until somebody needs them:
// writing past the caches then saves reading what is overwritten.
inline constexpr index_t beyond_caches = index_t{48} << 20;

// Elements that are worth it: the fence that ends them has a price.
inline constexpr index_t least_streamed = 2048;

// How elements are mapped: on which set, and whether results are written past the caches.
struct map_mode {
  instruction_set set;
  bool streaming;
};

// In blocks of a length that the compiler knows, which is told that no result is read as another
// element: so -O2 vectorizes it, whether or not source and target are the same memory.
template <class In, class Out, class Op>
struct mapped_run {
  // What packs or widens bytes by instructions of its own: the rest is as fast under AVX2, or as
  // memory.
  static constexpr bool gains_from_avx512 =
      (has_saturating_packs && saturates_to_bytes<In, Out, Op>) ||
      (has_widening_loads && widens_bytes<In, Out, Op>);

  In* source;
  Out* target;
  index_t count;
  bool streaming;
  const Op& op;

  template <int Bytes>
  LFNC_INLINE void run() const {
    index_t done = 0;
    if (streaming) {
      const auto place = reinterpret_cast<std::uintptr_t>(target);
      const auto gap = static_cast<index_t>((line_bytes - place % line_bytes) % line_bytes);
      done = gap / static_cast<index_t>(sizeof(Out));
      // An output that is aligned to less than its elements never gets there.
      if (gap % static_cast<index_t>(sizeof(Out)) == 0 && done < count) {
        one_by_one(0, done);
        done = in_large_blocks<Bytes, true>(done);
        end_streaming();
      } else {
        done = 0;
      }
    }
    done = in_large_blocks<Bytes, false>(done);
    done = in_blocks<Bytes, short_block, false>(done);
    one_by_one(done, count);
  }

 private:
  static constexpr int narrower = sizeof(In) < sizeof(Out) ? sizeof(In) : sizeof(Out);
  static constexpr int block = line_bytes / narrower;
  static constexpr int short_block = 16;  // for what a row of a group leaves over

  template <int Bytes, bool Streaming>
  LFNC_INLINE index_t in_large_blocks(index_t k) const {
    if constexpr (Bytes >= avx2_bytes && has_saturating_packs && saturates_to_bytes<In, Out, Op>) {
      k = saturated_run<Bytes, Streaming, Op>{op, source, target}(k, count);
    } else if constexpr (Bytes >= avx2_bytes && has_widening_loads && widens_bytes<In, Out, Op>) {
      k = widened_run<Bytes, Streaming, std::remove_const_t<In>, Op>{op, source, target}(k, count);
    }
    return in_blocks<Bytes, block, Streaming>(k);
  }

  template <int Bytes, int Block, bool Streaming>
  LFNC_INLINE index_t in_blocks(index_t k) const {
    // Copies, since what is written might be these for all that the compiler knows.
    const std::conditional_t<sizeof(Op) <= line_bytes, Op, const Op&> local = op;
    In* const from = source;
    Out* const to = target;
    const index_t end = count;
    for (; k + Block <= end; k += Block) {
      alignas(line_bytes) Out out[Block];
      In* const taken = from + k;
      Out* const place = Streaming ? out : to + k;
#if defined(__clang__)
      // clang is told by way of an array; and it does up to fourfold worse with pieces where
      // numbers come out of bytes or go into floats.
      using value = decltype(local(to_compute(*from)));
      constexpr bool whole_loops = sizeof(In) == 1 || sizeof(Out) >= 4;
      constexpr int least = sizeof(In) < sizeof(value) ? sizeof(In) : sizeof(value);
      constexpr int closer = sizeof(value) < sizeof(Out) ? sizeof(value) : sizeof(Out);
      value mapped[Block];
      const auto take = [&](int j) { mapped[j] = local(to_compute(taken[j])); };
      const auto put = [&](int j) { place[j] = static_cast<Out>(mapped[j]); };
      if constexpr (whole_loops) {
        in_loop<Block>(take);
        in_loop<Block>(put);
      } else {
        in_pieces<0, Block, (Bytes / least < Block ? Bytes / least : Block)>(take);
        in_pieces<0, Block, (Bytes / closer < Block ? Bytes / closer : Block)>(put);
      }
#else
      in_loop<Block>([&](int j) { place[j] = static_cast<Out>(local(to_compute(taken[j]))); });
#endif
      if constexpr (Streaming) {
        for (int j = 0; j < Block; j += line_bytes / static_cast<int>(sizeof(Out))) {
          stream_line<Bytes>(out + j, to + k + j);
        }
      }
    }
    return k;
  }

  LFNC_INLINE void one_by_one(index_t begin, index_t end) const {
    for (index_t k = begin; k < end; ++k) target[k] = static_cast<Out>(op(to_compute(source[k])));
  }
};

template <class In, class Out, class Op>
void map_neighbours(const map_mode& mode, In* source, Out* target, index_t count, const Op& op) {
  run_vectors(mode.set, mapped_run<In, Out, Op>{source, target, count,
                                                mode.streaming && count >= least_streamed, op});
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
