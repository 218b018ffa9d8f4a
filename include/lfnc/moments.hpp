// lfnc floor 1: moments: count, sum and sum of squares per channel, exact and mergeable.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "detail/sums_beside.hpp"
#include "error.hpp"
#include "exact_sum.hpp"
#include "scalar.hpp"

namespace lfnc {

// Which variance is meant: the population's (divisor n) or the unbiased estimate (n - 1), which
// Caffe and PyTorch store.
enum class variance_kind { biased, unbiased };

// What a calibration run remembers of one channel. It is fed with the sum and the sum of squares of
// whole planes, each reduced in one fixed order, and adds those exactly: any split into batches,
// threads or machines gives the same bits. Plain data of about 1.1 KB.
//
// Sums are of x itself. Added up in double, where the square of a float is exact, their variance
// has a relative error of about 1e-16 (mean / std)^2, below 1e-7 at 1e4. accumulate_moments takes
// float sums where mean / std is small: about 1e-8 of error then.
struct channel_moments {
  std::int64_t count = 0;  // elements
  exact_sum sum;           // of them
  exact_sum squares;       // the sum of their squares

  LFNC_INLINE constexpr channel_moments() = default;  // of no elements

  // `planes` planes of `elements` values each, by their sums and sums of squares, which are finite
  // and lie `stride` apart: the same bits in any order and any number at a time.
  LFNC_HD LFNC_INLINE constexpr void add_planes(index_t planes, index_t elements,
                                                const double* plane_sum,
                                                const double* plane_squares, index_t stride = 1) {
    count += planes * elements;
    sum.add(plane_sum, planes, stride);
    squares.add(plane_squares, planes, stride);
  }

  // Adds what another one has seen: the same bits as if this one had seen all.
  LFNC_HD LFNC_INLINE constexpr void merge(const channel_moments& other) {
    count += other.count;
    sum.add(other.sum);
    squares.add(other.squares);
  }

  // Mean of all elements; throws argument_error where there are none.
  LFNC_INLINE double mean() const;

  // Variance of all elements, never negative; throws argument_error where the divisor is 0,
  // overflow_error where the sum of squares reaches 2^1020.
  LFNC_INLINE double variance(variance_kind kind = variance_kind::biased) const;

  LFNC_INLINE friend constexpr bool operator==(const channel_moments& a, const channel_moments& b) {
    return a.count == b.count && a.sum == b.sum && a.squares == b.squares;
  }
};

inline namespace LFNC_ABI {
namespace detail {

inline double mean_of(const channel_moments& moments) {
  require(moments.count > 0, "moments", "the mean of no elements");
  return moments.sum.value() / static_cast<double>(moments.count);
}

LFNC_COLD inline double variance_of(const channel_moments& moments, variance_kind kind) {
  const std::int64_t divisor = kind == variance_kind::biased ? moments.count : moments.count - 1;
  require(divisor > 0, "moments",
          [&] { return sentence({"the variance of ", moments.count, " elements"}); });
  // n m^2 <= squares, so that with this none of the products below leaves the range of double.
  if (!(moments.squares.value() < 0x1p1020)) {
    raise(overflow_error("lfnc: moments: the sum of squares is beyond the range of double"));
  }
  // sum (x - m)^2 = squares - 2 m sum + n m^2 for any m; with m the mean the three nearly cancel,
  // so they are added as exact products (p + fma(a, b, -p) is a * b) in an exact sum.
  const double n = static_cast<double>(moments.count);
  const double m = mean_of(moments);
  exact_sum total = moments.squares;
  const auto add_product = [&total](double a, double b) {
    const double product = a * b;
    total.add(product);
    total.add(std::fma(a, b, -product));
  };
  exact_sum rest = moments.sum;
  for (double part = rest.take_leading(); part != 0; part = rest.take_leading()) {
    add_product(-2 * m, part);
  }
  const double mass = n * m;
  add_product(mass, m);
  add_product(std::fma(n, m, -mass), m);
  const double spread = total.value();
  return spread > 0 ? spread / static_cast<double>(divisor) : 0;
}

// add_planes for neighbouring channels, whose sums lie beside each other: the same bits, by vectors
// of `Bytes` bytes where there are such.
template <int Bytes>
LFNC_INLINE void add_planes_beside(index_t channels, index_t planes, index_t elements,
                                   const double* plane_sum, const double* plane_squares,
                                   index_t stride, channel_moments* moments) {
  index_t c = 0;
#if LFNC_SHUFFLES
  constexpr index_t together = sums_together<Bytes>;
  for (; c + together <= channels; c += together) {
    const auto each = [moments, c](index_t k) -> channel_moments& { return moments[c + k]; };
    for (index_t k = 0; k < together; ++k) each(k).count += planes * elements;
    add_to_sums<Bytes>(plane_sum + c, planes, stride,
                       [&each](index_t k) -> exact_sum& { return each(k).sum; });
    add_to_sums<Bytes>(plane_squares + c, planes, stride,
                       [&each](index_t k) -> exact_sum& { return each(k).squares; });
  }
#endif
  for (; c < channels; ++c) {
    moments[c].add_planes(planes, elements, plane_sum + c, plane_squares + c, stride);
  }
}

inline constexpr std::uint64_t moments_magic = 0x31304D4F4D4E464C;  // "LFNMOM01"

inline void put_word(std::vector<std::byte>& bytes, std::uint64_t word) {
  for (int k = 0; k < 8; ++k) bytes.push_back(static_cast<std::byte>((word >> (8 * k)) & 0xFFU));
}

inline std::uint64_t get_word(std::span<const std::byte> bytes, std::size_t index) {
  std::uint64_t word = 0;
  for (std::size_t k = 0; k < 8; ++k) {
    word |= std::to_integer<std::uint64_t>(bytes[8 * index + k]) << (8 * k);
  }
  return word;
}

}  // namespace detail
}  // namespace LFNC_ABI

LFNC_INLINE double channel_moments::mean() const { return detail::mean_of(*this); }

LFNC_INLINE double channel_moments::variance(variance_kind kind) const {
  return detail::variance_of(*this, kind);
}

inline namespace LFNC_ABI {

// The moments as bytes (little-endian 64-bit words: a magic number, the number of channels, then
// count and the canonical digits of both sums per channel), equal for equal moments. Allocates.
inline std::vector<std::byte> serialize(std::span<const channel_moments> moments) {
  std::vector<std::byte> bytes;
  bytes.reserve(8 * (2 + moments.size() * (1 + 2 * exact_sum::words)));
  detail::put_word(bytes, detail::moments_magic);
  detail::put_word(bytes, moments.size());
  for (channel_moments channel : moments) {
    detail::put_word(bytes, static_cast<std::uint64_t>(channel.count));
    for (exact_sum* total : {&channel.sum, &channel.squares}) {
      total->normalize();
      for (const std::int64_t digit : total->digit) {
        detail::put_word(bytes, static_cast<std::uint64_t>(digit));
      }
    }
  }
  return bytes;
}

// The reverse. Throws argument_error for bytes that serialize did not make: another magic number,
// a length that does not fit, a negative count, digits out of range.
inline std::vector<channel_moments> deserialize_moments(std::span<const std::byte> bytes) {
  constexpr std::size_t channel_words = 1 + 2 * exact_sum::words;
  detail::require(bytes.size() >= 16 && bytes.size() % 8 == 0 &&
                      detail::get_word(bytes, 0) == detail::moments_magic,
                  "bytes", "not the moments of this version of lfnc");
  const std::uint64_t channels = detail::get_word(bytes, 1);
  detail::require(
      (bytes.size() / 8 - 2) % channel_words == 0 &&
          (bytes.size() / 8 - 2) / channel_words == channels,
      "bytes", [&] {
        return detail::sentence({"truncated: the length does not fit ", channels, " channels"});
      });
  std::vector<channel_moments> moments(channels);
  std::size_t word = 2;
  for (std::size_t c = 0; c < moments.size(); ++c) {
    const auto malformed = [c](bool holds, const char* what) {
      detail::require(holds, "bytes", [&] { return detail::sentence({what, " of channel ", c}); });
    };
    moments[c].count = static_cast<std::int64_t>(detail::get_word(bytes, word++));
    malformed(moments[c].count >= 0, "negative count");
    for (exact_sum* total : {&moments[c].sum, &moments[c].squares}) {
      for (std::size_t k = 0; k < exact_sum::words; ++k) {
        const auto digit = static_cast<std::int64_t>(detail::get_word(bytes, word++));
        const bool top = k + 1 == exact_sum::words;
        malformed(top ? digit >= -(std::int64_t{1} << 32) && digit < (std::int64_t{1} << 32)
                      : digit >= 0 && digit < (std::int64_t{1} << 32),
                  "digit out of range");
        total->digit[k] = digit;
      }
    }
  }
  return moments;
}

}  // namespace LFNC_ABI
}  // namespace lfnc
