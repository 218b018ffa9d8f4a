// lfnc floor 2: widen: bytes scaled to floats, a register's worth of floats at a time.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "../skeletons.hpp"
#include "stream.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

template <class T>
concept byte_code = std::same_as<T, std::uint8_t> || std::same_as<T, std::int8_t>;

// Whether Op scales bytes to floats.
template <class In, class Out, class Op>
concept widens_bytes =
    byte_code<std::remove_const_t<In>> && std::same_as<Out, float> && scaling_op<Op>;

#if LFNC_X86_TARGETS && !defined(__clang__)
inline constexpr bool has_widening_loads = true;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"

// The registers of a set, and the instructions that make ints of bytes: gcc by itself makes 16-bit
// numbers of them first.
template <int Bytes>
struct widening_registers;

typedef char sixteen_bytes __attribute__((vector_size(16)));

template <>
struct widening_registers<avx2_bytes> : wide_registers<avx2_bytes> {
  static LFNC_INLINE void widen(const std::uint8_t* in, ints& out) {
    out = __builtin_ia32_pmovzxbd256(eight(in));
  }
  static LFNC_INLINE void widen(const std::int8_t* in, ints& out) {
    out = __builtin_ia32_pmovsxbd256(eight(in));
  }

 private:
  static LFNC_INLINE sixteen_bytes eight(const void* in) {
    typedef long long pair __attribute__((vector_size(16)));
    pair loaded = {};
    std::memcpy(&loaded, in, 8);
    return reinterpret_cast<sixteen_bytes>(loaded);
  }
};

template <>
struct widening_registers<avx512_bytes> : wide_registers<avx512_bytes> {
  static constexpr short all = -1;  // lanes

  static LFNC_INLINE void widen(const std::uint8_t* in, ints& out) {
    out = __builtin_ia32_pmovzxbd512_mask(sixteen(in), ints{}, all);
  }
  static LFNC_INLINE void widen(const std::int8_t* in, ints& out) {
    out = __builtin_ia32_pmovsxbd512_mask(sixteen(in), ints{}, all);
  }

 private:
  static LFNC_INLINE sixteen_bytes sixteen(const void* in) {
    sixteen_bytes loaded;
    std::memcpy(&loaded, in, sizeof loaded);
    return loaded;
  }
};

// Runs of bytes scaled to floats.
template <int Bytes, bool Streaming, class Byte, class Op>
struct widened_run {
  const Op& op;
  const Byte* in;
  float* out;

  // Elements begin .. end - 1 in whole blocks; returns where the last one ended. With `Streaming`
  // out + begin is aligned to a cache line.
  LFNC_INLINE index_t operator()(index_t begin, index_t end) const {
    const floats alpha = floats{} + op.alpha;
    for (; begin + block <= end; begin += block) {
#pragma GCC unroll 8
      for (int j = 0; j < block; j += floats_each) {
        typename set::ints whole;
        set::widen(in + begin + j, whole);
        const floats scaled = alpha * __builtin_convertvector(whole, floats);
        float* const place = out + begin + j;
        store_register<Streaming, typename set::words>(place, scaled);
      }
    }
    return begin;
  }

 private:
  using set = widening_registers<Bytes>;
  using floats = typename set::floats;

  static constexpr int floats_each = Bytes / static_cast<int>(sizeof(float));
  static constexpr int block = 8 * floats_each;
};

#pragma GCC diagnostic pop
#else
inline constexpr bool has_widening_loads = false;

template <int Bytes, bool Streaming, class Byte, class Op>
struct widened_run;
#endif

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
