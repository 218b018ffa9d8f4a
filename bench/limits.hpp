// What this machine can do at best, as loops that do nothing but the memory traffic of a verb (and,
// where a verb changes the type, the conversion): the yardstick beside every figure. Each runs on
// the instruction set that lfnc uses, so that LFNC_MAX_ISA is a limit to both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <lfnc/exec/cpu/dispatch.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
#define LFNC_BENCH_AVX2 __attribute__((target("avx2")))
#define LFNC_BENCH_AVX512 __attribute__((target("avx512f,avx512bw")))
#endif

// Arrays of registers are registers only where loops over them are unrolled, which clang++ does
// unasked and g++ -O2 does not.
#if defined(__GNUC__) && !defined(__clang__)
#define LFNC_BENCH_UNROLL _Pragma("GCC unroll 8")
#else
#define LFNC_BENCH_UNROLL
#endif

namespace limit {

inline bool uses(lfnc::instruction_set set) { return lfnc::used_instruction_set() == set; }

inline const char* set_name() {
  if (uses(lfnc::instruction_set::avx512)) return "AVX-512";
  if (uses(lfnc::instruction_set::avx2)) return "AVX2";
  return "the baseline's set";
}

namespace plain {

inline float sum(const float* x, std::size_t count) {
  float lane[16] = {};
  std::size_t k = 0;
  for (; k + 16 <= count; k += 16) {
    for (std::size_t j = 0; j < 16; ++j) lane[j] += x[k + j];
  }
  for (; k < count; ++k) lane[0] += x[k];
  float total = 0;
  for (const float value : lane) total += value;
  return total;
}

inline void narrow(const float* x, std::uint8_t* out, std::size_t count, float factor) {
  for (std::size_t k = 0; k < count; ++k) {
    float value = x[k] * factor;
    value = value > 0 ? value : 0;
    value = value < 255 ? value : 255;
    out[k] = static_cast<std::uint8_t>(static_cast<int>(value + 0.5F));
  }
}

inline void widen(const std::uint8_t* x, float* out, std::size_t count, float factor) {
  for (std::size_t k = 0; k < count; ++k) out[k] = static_cast<float>(x[k]) * factor;
}

}  // namespace plain

#if defined(__x86_64__)

namespace avx2 {

LFNC_BENCH_AVX2 inline float sum(const float* x, std::size_t count) {
  __m256 lane[8];
  LFNC_BENCH_UNROLL
  for (std::size_t j = 0; j < 8; ++j) lane[j] = _mm256_setzero_ps();
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    LFNC_BENCH_UNROLL
    for (std::size_t j = 0; j < 8; ++j) {
      lane[j] = _mm256_add_ps(lane[j], _mm256_loadu_ps(x + k + 8 * j));
    }
  }
  LFNC_BENCH_UNROLL
  for (std::size_t j = 1; j < 8; ++j) lane[0] = _mm256_add_ps(lane[0], lane[j]);
  alignas(32) float last[8];
  _mm256_store_ps(last, lane[0]);
  float total = plain::sum(x + k, count - k);
  for (const float value : last) total += value;
  return total;
}

// `Streaming` stores go past the caches; out is then aligned to 32 bytes.
template <bool Streaming>
LFNC_BENCH_AVX2 void narrow(const float* x, std::uint8_t* out, std::size_t count, float factor) {
  const __m256 scale = _mm256_set1_ps(factor);
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  std::size_t k = 0;
  for (; k + 32 <= count; k += 32) {
    __m256i whole[4];
    LFNC_BENCH_UNROLL
    for (std::size_t j = 0; j < 4; ++j) {
      whole[j] = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + k + 8 * j), scale));
    }
    const __m256i bytes =
        _mm256_permutevar8x32_epi32(_mm256_packus_epi16(_mm256_packs_epi32(whole[0], whole[1]),
                                                        _mm256_packs_epi32(whole[2], whole[3])),
                                    order);
    auto* const place = reinterpret_cast<__m256i*>(out + k);
    if constexpr (Streaming) {
      _mm256_stream_si256(place, bytes);
    } else {
      _mm256_storeu_si256(place, bytes);
    }
  }
  if constexpr (Streaming) _mm_sfence();
  plain::narrow(x + k, out + k, count - k, factor);
}

template <bool Streaming>
LFNC_BENCH_AVX2 void widen(const std::uint8_t* x, float* out, std::size_t count, float factor) {
  const __m256 scale = _mm256_set1_ps(factor);
  std::size_t k = 0;
  LFNC_BENCH_UNROLL
  for (; k + 8 <= count; k += 8) {
    const __m256i whole =
        _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(x + k)));
    const __m256 value = _mm256_mul_ps(_mm256_cvtepi32_ps(whole), scale);
    if constexpr (Streaming) {
      _mm256_stream_ps(out + k, value);
    } else {
      _mm256_storeu_ps(out + k, value);
    }
  }
  if constexpr (Streaming) _mm_sfence();
  plain::widen(x + k, out + k, count - k, factor);
}

LFNC_BENCH_AVX2 inline void streaming_copy(const float* x, float* out, std::size_t count) {
  std::size_t k = 0;
  for (; k + 8 <= count; k += 8) _mm256_stream_ps(out + k, _mm256_loadu_ps(x + k));
  _mm_sfence();
  for (; k < count; ++k) out[k] = x[k];
}

}  // namespace avx2

namespace avx512 {

LFNC_BENCH_AVX512 inline float sum(const float* x, std::size_t count) {
  __m512 lane[8];
  LFNC_BENCH_UNROLL
  for (std::size_t j = 0; j < 8; ++j) lane[j] = _mm512_setzero_ps();
  std::size_t k = 0;
  for (; k + 128 <= count; k += 128) {
    LFNC_BENCH_UNROLL
    for (std::size_t j = 0; j < 8; ++j) {
      lane[j] = _mm512_add_ps(lane[j], _mm512_loadu_ps(x + k + 16 * j));
    }
  }
  LFNC_BENCH_UNROLL
  for (std::size_t j = 1; j < 8; ++j) lane[0] = _mm512_add_ps(lane[0], lane[j]);
  alignas(64) float last[16];
  _mm512_store_ps(last, lane[0]);
  float total = plain::sum(x + k, count - k);
  for (const float value : last) total += value;
  return total;
}

LFNC_BENCH_AVX512 inline void narrow(const float* x, std::uint8_t* out, std::size_t count,
                                     float factor) {
  const __m512 scale = _mm512_set1_ps(factor);
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  constexpr __mmask16 all = 0xFFFF;
  std::size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    __m512i whole[4];
    LFNC_BENCH_UNROLL
    for (std::size_t j = 0; j < 4; ++j) {
      whole[j] =
          _mm512_maskz_cvtps_epi32(all, _mm512_mul_ps(_mm512_loadu_ps(x + k + 16 * j), scale));
    }
    const __m512i bytes =
        _mm512_maskz_permutexvar_epi32(all, order,
                                       _mm512_packus_epi16(_mm512_packs_epi32(whole[0], whole[1]),
                                                           _mm512_packs_epi32(whole[2], whole[3])));
    _mm512_storeu_si512(out + k, bytes);
  }
  plain::narrow(x + k, out + k, count - k, factor);
}

LFNC_BENCH_AVX512 inline void widen(const std::uint8_t* x, float* out, std::size_t count,
                                    float factor) {
  const __m512 scale = _mm512_set1_ps(factor);
  constexpr __mmask16 all = 0xFFFF;
  std::size_t k = 0;
  LFNC_BENCH_UNROLL
  for (; k + 16 <= count; k += 16) {
    const __m512i whole =
        _mm512_maskz_cvtepu8_epi32(all, _mm_loadu_si128(reinterpret_cast<const __m128i*>(x + k)));
    _mm512_storeu_ps(out + k, _mm512_mul_ps(_mm512_maskz_cvtepi32_ps(all, whole), scale));
  }
  plain::widen(x + k, out + k, count - k, factor);
}

}  // namespace avx512

#endif

// Reads all of x: the limit of whatever only reads.
inline float sum(const float* x, std::size_t count) {
#if defined(__x86_64__)
  if (uses(lfnc::instruction_set::avx512)) return avx512::sum(x, count);
  if (uses(lfnc::instruction_set::avx2)) return avx2::sum(x, count);
#endif
  return plain::sum(x, count);
}

// out = saturate(x * factor) in 8 bits, in the CPU's own rounding: the limit of quantize.
inline void narrow(const float* x, std::uint8_t* out, std::size_t count, float factor) {
#if defined(__x86_64__)
  if (uses(lfnc::instruction_set::avx512)) return avx512::narrow(x, out, count, factor);
  if (uses(lfnc::instruction_set::avx2)) return avx2::narrow<false>(x, out, count, factor);
#endif
  plain::narrow(x, out, count, factor);
}

// out = x * factor: the limit of dequantize.
inline void widen(const std::uint8_t* x, float* out, std::size_t count, float factor) {
#if defined(__x86_64__)
  if (uses(lfnc::instruction_set::avx512)) return avx512::widen(x, out, count, factor);
  if (uses(lfnc::instruction_set::avx2)) return avx2::widen<false>(x, out, count, factor);
#endif
  plain::widen(x, out, count, factor);
}

// Whether there are loops that store past the caches, which pays where out does not fit them.
inline bool can_stream() { return !uses(lfnc::instruction_set::baseline); }

// The same with such stores; out is aligned to 32 bytes. Only where can_stream().
inline void narrow_streaming(const float* x, std::uint8_t* out, std::size_t count, float factor) {
#if defined(__x86_64__)
  avx2::narrow<true>(x, out, count, factor);
#else
  plain::narrow(x, out, count, factor);
#endif
}
inline void widen_streaming(const std::uint8_t* x, float* out, std::size_t count, float factor) {
#if defined(__x86_64__)
  avx2::widen<true>(x, out, count, factor);
#else
  plain::widen(x, out, count, factor);
#endif
}
inline void copy_streaming(const float* x, float* out, std::size_t count) {
#if defined(__x86_64__)
  avx2::streaming_copy(x, out, count);
#else
  for (std::size_t k = 0; k < count; ++k) out[k] = x[k];
#endif
}

}  // namespace limit
