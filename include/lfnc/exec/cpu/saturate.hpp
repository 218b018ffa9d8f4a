// lfnc floor 2: saturate: floats rounded to bytes by the instructions that pack with saturation.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "../../detail/rounding.hpp"
#include "../skeletons.hpp"
#include "stream.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Whether Op rounds floats to bytes.
template <class In, class Out, class Op>
concept saturates_to_bytes =
    std::is_same_v<const In, const float> && std::is_same_v<Out, std::uint8_t> && saturating_op<Op>;

#if LFNC_X86_TARGETS && !defined(__clang__)
inline constexpr bool has_saturating_packs = true;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"

// The registers of a set, and the instructions that have no other name.
template <int Bytes>
struct pack_registers;

template <>
struct pack_registers<avx2_bytes> : wide_registers<avx2_bytes> {
  typedef short shorts __attribute__((vector_size(32)));
  typedef char chars __attribute__((vector_size(32)));

  // How to arrange what was packed in quarters of a register by themselves.
  static constexpr ints order = {0, 4, 1, 5, 2, 6, 3, 7};

  // x = min(high, x), where NaN stays.
  static LFNC_INLINE void clamp(floats& x, const floats& high) {
    x = __builtin_ia32_minps256(high, x);
  }
  static LFNC_INLINE void clamp(chars& x, const chars& high) {
    x = __builtin_ia32_pminub256(x, high);
  }
  static LFNC_INLINE void multiply_add(floats& x, const floats& factor, const floats& sum) {
    x = __builtin_ia32_vfmaddps256(x, factor, sum);
  }
  static LFNC_INLINE void truncate(const floats& x, ints& whole) {
    whole = reinterpret_cast<ints>(__builtin_ia32_cvttps2dq256(x));
  }
  static LFNC_INLINE void pack(const ints& a, const ints& b, shorts& packed) {
    packed = __builtin_ia32_packssdw256(a, b);
  }
  static LFNC_INLINE void pack(const shorts& a, const shorts& b, chars& packed) {
    packed = __builtin_ia32_packuswb256(a, b);
  }
};

template <>
struct pack_registers<avx512_bytes> : wide_registers<avx512_bytes> {
  typedef short shorts __attribute__((vector_size(64)));
  typedef char chars __attribute__((vector_size(64)));

  static constexpr ints order = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
  static constexpr int as_set = 4;  // the thread's rounding
  static constexpr short all = -1;  // lanes

  static LFNC_INLINE void clamp(floats& x, const floats& high) {
    x = __builtin_ia32_minps512_mask(high, x, x, all, as_set);
  }
  static LFNC_INLINE void clamp(chars& x, const chars& high) {
    x = __builtin_ia32_pminub512_mask(x, high, x, all);
  }
  static LFNC_INLINE void multiply_add(floats& x, const floats& factor, const floats& sum) {
    x = __builtin_ia32_vfmaddps512_mask(x, factor, sum, all, as_set);
  }
  static LFNC_INLINE void truncate(const floats& x, ints& whole) {
    whole = __builtin_ia32_cvttps2dq512_mask(x, ints{}, all, as_set);
  }
  static LFNC_INLINE void pack(const ints& a, const ints& b, shorts& packed) {
    packed = __builtin_ia32_packssdw512_mask(a, b, shorts{}, all);
  }
  static LFNC_INLINE void pack(const shorts& a, const shorts& b, chars& packed) {
    packed = __builtin_ia32_packuswb512_mask(a, b, chars{}, all);
  }
};

// What the CPU notes of a conversion whose result does not fit (the "invalid" flag, IEEE 754
// section 7.2, in MXCSR): asking for it once after thousands of elements costs nothing, comparing
// each of them does. What the flag was before is kept.
class conversion_watch {
 public:
  conversion_watch() : before_(__builtin_ia32_stmxcsr()) {
    if ((before_ & invalid) != 0) clear();
    settle();
  }
  ~conversion_watch() {
    if (failed_ || (before_ & invalid) != 0) {
      __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | invalid);
    }
  }
  conversion_watch(const conversion_watch&) = delete;
  conversion_watch& operator=(const conversion_watch&) = delete;

  // Whether a conversion that does not fit is noted and nothing else: not where the program wants
  // to be interrupted, nor under emulators that keep no flags (Valgrind).
  bool works() const {
    static const bool noted = notes();
    return noted && (before_ & interrupts_off) != 0;
  }

  // Whether anything converted since the last question, and now in memory, did not fit.
  LFNC_INLINE bool failed() {
    settle();
    if ((__builtin_ia32_stmxcsr() & invalid) == 0) return false;
    failed_ = true;
    clear();
    settle();
    return true;
  }

 private:
  static constexpr unsigned invalid = 0x1;
  static constexpr unsigned interrupts_off = 0x80;

  static void clear() { __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() & ~invalid); }

  // Loads and stores stay on their side of this, and with them what is computed between.
  static LFNC_INLINE void settle() { asm volatile("" ::: "memory"); }

  static bool notes() {
    const unsigned before = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr((before & ~invalid) | interrupts_off);
    typedef float floats __attribute__((vector_size(16)));
    floats beyond = floats{} + 1e30F;
    asm volatile("" : "+x"(beyond));
    auto whole = __builtin_ia32_cvttps2dq(beyond);
    asm volatile("" : "+x"(whole));
    const bool noted = (__builtin_ia32_stmxcsr() & invalid) != 0;
    __builtin_ia32_ldmxcsr(before);
    return noted;
  }

  unsigned before_;
  bool failed_ = false;
};

// How a number is rounded: `careful` takes any number; the others leave out the comparison with
// `high` before truncation, so that what is beyond an int becomes the least one, and must be
// watched; `fused` needs a factor that fuses_alike().
enum class rounding_way { careful, separate, fused };

// Runs of numbers rounded to bytes. The packs clamp at 0 and 255 (gcc, which is not told, would
// clamp twice and mask every byte). Below 0 truncation gives 0 or what is packed to 0; NaN, which
// passes the minimum as its second operand, becomes the least integer.
template <int Bytes, bool Streaming, class Op>
struct saturated_run {
  const Op& op;
  const float* in;
  std::uint8_t* out;

  // Elements begin .. end - 1 in whole blocks; returns where the last one ended. With `Streaming`
  // out + begin is aligned to a cache line.
  LFNC_INLINE index_t operator()(index_t begin, index_t end) const {
    end = begin + (end - begin) / block * block;
    if constexpr (!Op::divides) {
      if (end - begin >= least_watched && apart(begin, end)) {
        conversion_watch watch;
        if (watch.works()) {
          const bool fused = fuses_alike(op.factor);
          for (; begin < end; begin += watched) {
            const index_t stop = begin + watched < end ? begin + watched : end;
            if (fused) {
              round_to_high<rounding_way::fused>(begin, stop);
            } else {
              round_to_high<rounding_way::separate>(begin, stop);
            }
            if (watch.failed()) {
              // What was written past the caches is to be written before it is written again.
              if (Streaming) end_streaming();
              saturated_run<Bytes, false, Op>{op, in, out}
                  .template round<rounding_way::careful, false>(begin, stop);
            }
          }
          return end;
        }
      }
    }
    round<rounding_way::careful, false>(begin, end);
    return end;
  }

  // Whether nothing is overwritten that might be read again.
  LFNC_INLINE bool apart(index_t begin, index_t end) const {
    const auto first = [](const auto* place) { return reinterpret_cast<std::uintptr_t>(place); };
    return first(out + end) <= first(in + begin) || first(in + end) <= first(out + begin);
  }

  // The comparison with 255 is left out in cache, where it would be noticed.
  template <rounding_way Way>
  LFNC_INLINE void round_to_high(index_t begin, index_t end) const {
    if (!Streaming && op.high >= 255) {
      round<Way, false>(begin, end);
    } else {
      round<Way, true>(begin, end);
    }
  }

  // Elements begin .. end - 1, whole blocks of them. `Clamps` where bytes are compared with `high`.
  template <rounding_way Way, bool Clamps>
  LFNC_INLINE void round(index_t begin, index_t end) const {
    const floats factor = floats{} + op.factor;
    const floats high = floats{} + op.high;
    const floats half = floats{} + 0.5F;
    const floats one = floats{} + 1.0F;
    const chars top = chars{} + static_cast<char>(static_cast<int>(op.high));
    for (index_t k = begin; k < end; k += block) {
      ints whole[8];
#pragma GCC unroll 8
      for (int j = 0; j < 8; ++j) {
        floats x;
        std::memcpy(&x, in + k + floats_each * j, sizeof x);
        if constexpr (Way == rounding_way::fused) {
          set::multiply_add(x, factor, half);
        } else {
          x = Op::divides ? x / factor : x * factor;
          if constexpr (Way == rounding_way::careful) {
            set::clamp(x, high);
          } else {
            asm("" : "+v"(x));  // or gcc would fuse it
          }
          // Some CPUs multiply in one place, add and convert in another: half of the sums in each.
          if (Way == rounding_way::separate && j % 2 == 0) {
            set::multiply_add(x, one, half);
          } else {
            x = x + half;
          }
        }
        set::truncate(x, whole[j]);
      }
#pragma GCC unroll 2
      for (int j = 0; j < 2; ++j) {
        typename set::shorts lower;
        typename set::shorts upper;
        chars bytes;
        set::pack(whole[4 * j], whole[4 * j + 1], lower);
        set::pack(whole[4 * j + 2], whole[4 * j + 3], upper);
        set::pack(lower, upper, bytes);
        if constexpr (Clamps) set::clamp(bytes, top);
        const auto ordered = __builtin_shuffle(reinterpret_cast<ints>(bytes), set::order);
        std::uint8_t* const place = out + k + Bytes * j;
        store_register<Streaming, typename set::words>(place, ordered);
      }
    }
  }

 private:
  using set = pack_registers<Bytes>;
  using floats = typename set::floats;
  using ints = typename set::ints;
  using chars = typename set::chars;

  static constexpr int floats_each = Bytes / static_cast<int>(sizeof(float));
  static constexpr index_t block = 2 * Bytes;
  // Elements between two questions, and those that are worth the first.
  static constexpr index_t watched = 8192;
  static constexpr index_t least_watched = 1024;
};

#pragma GCC diagnostic pop
#else
inline constexpr bool has_saturating_packs = false;

template <int Bytes, bool Streaming, class Op>
struct saturated_run;
#endif

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
