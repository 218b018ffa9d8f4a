// lfnc floor 2: stream: results that go to memory past the caches.
#pragma once

#include <cstring>

#include "dispatch.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

#if LFNC_X86_TARGETS && !defined(__clang__)
// All of it becomes part of a function for AVX2 or AVX-512.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"

// A register to a place that is aligned to its size, past the caches.
typedef long long words_of_avx2 __attribute__((vector_size(avx2_bytes)));
typedef long long words_of_avx512 __attribute__((vector_size(avx512_bytes)));
LFNC_INLINE void stream_words(void* place, const words_of_avx2& x) {
  __builtin_ia32_movntdq256(static_cast<words_of_avx2*>(place), x);
}
LFNC_INLINE void stream_words(void* place, const words_of_avx512& x) {
  __builtin_ia32_movntdq512(static_cast<words_of_avx512*>(place), x);
}

// The registers of a set. They are referred to, since handing one over is another matter in a
// program that is compiled for less.
template <int Bytes>
struct wide_registers {
  typedef float floats __attribute__((vector_size(Bytes)));
  typedef int ints __attribute__((vector_size(Bytes)));
  typedef long long words __attribute__((vector_size(Bytes)));
};

// What another part of the program wants soon stays in the caches, unless `Streaming`. Words is
// that of the register's set: gcc takes the type for another one within wide_registers.
template <bool Streaming, class Words, class Register>
LFNC_INLINE void store_register(void* place, const Register& x) {
  if constexpr (Streaming) {
    stream_words(place, reinterpret_cast<Words>(x));
  } else {
    std::memcpy(place, &x, sizeof x);
  }
}

#pragma GCC diagnostic pop
#endif

// A cache line goes to memory at once, in pieces of registers (of 16 bytes under AVX2 it takes a
// quarter longer on some CPUs); both places are aligned to its size.
inline constexpr int line_bytes = 64;
template <int Bytes>
LFNC_INLINE void stream_line(const void* line, void* target) {
#if defined(__clang__)
  using word = long long __attribute__((vector_size(Bytes)));
  for (int k = 0; k < line_bytes / Bytes; ++k) {
    __builtin_nontemporal_store(static_cast<const word*>(line)[k], static_cast<word*>(target) + k);
  }
#elif LFNC_X86_TARGETS
  if constexpr (Bytes >= avx2_bytes) {
    using set = wide_registers<Bytes>;
    for (int k = 0; k < line_bytes; k += Bytes) {
      typename set::words word;
      __builtin_memcpy(&word, static_cast<const char*>(line) + k, sizeof word);
      stream_words(static_cast<char*>(target) + k, word);
    }
  } else {
    using word = long long __attribute__((vector_size(16), may_alias));
    for (int k = 0; k < line_bytes / 16; ++k) {
      __builtin_ia32_movntdq(static_cast<word*>(target) + k, static_cast<const word*>(line)[k]);
    }
  }
#else
  __builtin_memcpy(target, line, line_bytes);
#endif
}

// Orders what stream_line wrote before whatever the thread writes next.
LFNC_INLINE void end_streaming() {
#if LFNC_X86_TARGETS
  __builtin_ia32_sfence();
#endif
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
