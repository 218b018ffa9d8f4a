// lfnc floor 2: dispatch: loops compiled for several instruction sets, of which the CPU's is run.
#pragma once

#include "../policy.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// The bytes of one register, which is what loops are cut into.
inline constexpr int baseline_bytes = 16;
inline constexpr int avx2_bytes = 32;
inline constexpr int avx512_bytes = 64;

// Whether a body is worth a form for AVX-512: what waits for memory or for one addition after
// another runs no faster in it than under AVX2, and takes a third longer to compile.
template <class Body>
inline constexpr bool gains_from_avx512 = requires { requires Body::gains_from_avx512; };

// Whether a body has plain(), the same in plain loops, which take a fraction of the time to
// compile: for x86 processors that have no AVX2. Other processors' baseline is what they all have.
template <class Body>
concept has_plain_form = requires(const Body& body) { body.plain(); };

// body.run<Bytes>() compiled for a set. The compiler vectorizes it for that set where all of it
// becomes part of these functions: run() and what it calls are LFNC_INLINE, or small. There is no
// vector type in it, so that the arithmetic stands once, in plain C++. With fused multiply-add at
// hand a compiler may use it, so the arithmetic is written so that this changes nothing
// (rounding.hpp).
template <class Body>
void run_baseline(const Body& body) {
#if LFNC_X86_TARGETS
  if constexpr (has_plain_form<Body>) return body.plain();
#endif
  body.template run<baseline_bytes>();
}
#if LFNC_X86_TARGETS
template <class Body>
LFNC_AVX2 void run_avx2(const Body& body) {
  body.template run<avx2_bytes>();
}
template <class Body>
LFNC_AVX512 void run_avx512(const Body& body) {
  body.template run<avx512_bytes>();
}
#endif

template <class Body>
void run_vectors([[maybe_unused]] instruction_set set, const Body& body) {
#if LFNC_X86_TARGETS
  if constexpr (gains_from_avx512<Body>) {
    if (set == instruction_set::avx512) return run_avx512(body);
  }
  if (set != instruction_set::baseline) return run_avx2(body);
#endif
  run_baseline(body);
}

// The same for what is done otherwise where x86 has no AVX2.
template <class Body>
void run_wide_vectors([[maybe_unused]] instruction_set set, const Body& body) {
#if LFNC_X86_TARGETS
  run_avx2(body);
#else
  run_vectors(set, body);
#endif
}
inline bool has_wide_vectors(instruction_set set) {
  return LFNC_X86_TARGETS == 0 || set != instruction_set::baseline;
}

// Asks for the cache lines of `Bytes` bytes at `place`, which need not be memory at all.
template <int Bytes>
LFNC_INLINE void prefetch(const char* place) {
#if defined(__GNUC__)
  for (int k = 0; k < Bytes; k += 64) __builtin_prefetch(place + k);
#else
  static_cast<void>(place);
#endif
}

// each(k) for k in First .. Last - 1 in loops of Piece, a number that the compiler knows to be that
// of a register: what it turns into one instruction each, without a loop around them.
template <int First, int Last, int Piece, class Each>
LFNC_INLINE void in_pieces(const Each& each) {
  static_assert((Last - First) % Piece == 0);
  for (int k = First; k < First + Piece; ++k) each(k);
  if constexpr (First + Piece < Last) in_pieces<First + Piece, Last, Piece>(each);
}

// each(k) for k below Count in a loop where no turn depends on another: gcc is told so, and clang
// not to unroll it before it looks for vectors, which it finds there where numbers change their
// size or kind.
template <int Count, class Each>
LFNC_INLINE void in_loop(const Each& each) {
#if defined(__clang__)
#pragma clang loop unroll(disable)
#elif defined(__GNUC__)
#pragma GCC ivdep
#endif
  for (int k = 0; k < Count; ++k) each(k);
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
