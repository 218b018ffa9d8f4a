// lfnc floor 1: codebooks: the levels that a weight or activation may take, in units of alpha.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <type_traits>

#include "detail/rounding.hpp"
#include "error.hpp"
#include "scalar.hpp"

namespace lfnc {

// A codebook is a small value type. Its codes are whole numbers that an engine stores; decode(code)
// is the level of a code, and weight = alpha * decode(code). encode(x) is the code of x, already
// divided by alpha: the nearest level (each type says which way a tie goes), saturated at the ends;
// NaN gives the lowest code. level(0) < level(1) < ... are all levels in ascending order, numbers
// that float holds exactly (so that products with float weights are exact in double); nearest()
// tells that encode cuts midway between levels, which the exact solver needs; symmetric() that -l
// is a level wherever l is. A type may offer nearest_level(x), which is decode(encode(x)) in the
// type of x: the solvers, which want no codes, call it where it is there.
template <class C>
concept level_set = requires(const C& book, float x, double y, int index) {
  typename C::code_type;
  { book.encode(x) } -> std::same_as<typename C::code_type>;
  { book.encode(y) } -> std::same_as<typename C::code_type>;
  { book.decode(typename C::code_type{}) } -> std::convertible_to<double>;
  { book.level_count() } -> std::convertible_to<int>;
  { book.level(index) } -> std::convertible_to<double>;
  { book.nearest() } -> std::convertible_to<bool>;
  { book.symmetric() } -> std::convertible_to<bool>;
};

// A codebook that has a name, and a number of bits that a code takes.
template <class C>
concept codebook_type = level_set<C> && requires(const C& book) {
  { book.bits() } -> std::convertible_to<int>;
  { book.name() } -> std::convertible_to<std::string>;
};

inline namespace LFNC_ABI {
namespace detail {

// All whole numbers low..high; a tie goes up, as in floor(x + 0.5).
template <class Code>
struct whole_levels {
  using code_type = Code;
  int low = 0;
  int high = 0;

  template <std::floating_point T>
  LFNC_HD constexpr Code encode(T x) const {
    return static_cast<Code>(round_clamped(x, static_cast<T>(low), static_cast<T>(high)));
  }
  LFNC_HD constexpr double decode(Code code) const { return code; }
  // decode(encode(x)) without a code of 8 bits in between, which vectors are slow to make.
  template <std::floating_point T>
  LFNC_HD constexpr T nearest_level(T x) const {
    return static_cast<T>(round_clamped(x, static_cast<T>(low), static_cast<T>(high)));
  }
  LFNC_HD constexpr int level_count() const { return high - low + 1; }
  LFNC_HD constexpr double level(int index) const { return low + index; }
  LFNC_HD constexpr bool nearest() const { return true; }
  LFNC_HD constexpr bool symmetric() const { return low == -high; }
};

// A template, as what lfnc::compiled holds is.
template <class Int>
[[noreturn]] LFNC_COLD void refuse_bits(Int bits, Int lowest, Int highest) {
  refuse("bits", sentence({bits, " is not in ", lowest, "..", highest}));
}

inline int checked_bits(int bits, int lowest, int highest) {
  if (bits < lowest || bits > highest) refuse_bits(bits, lowest, highest);
  return bits;
}

}  // namespace detail

// {-1, 0, +1}: 2 bits (log2 3 = 1.58 in base-3 storage).
struct ternary : detail::whole_levels<std::int8_t> {
  constexpr ternary() : whole_levels{-1, 1} {}
  // As codebook_type says.
  static constexpr int bits() { return 2; }
  static std::string name() { return "ternary"; }
};

// {-m, ..., m} with m = 2^(bits-1) - 1, bits 2..8: the symmetric integer grid. Throws
// argument_error for other bits.
struct uniform : detail::whole_levels<std::int8_t> {
  // Throws argument_error for bits that are not 2..8.
  explicit uniform(int bits)
      : whole_levels{-((1 << (detail::checked_bits(bits, 2, 8) - 1)) - 1), (1 << (bits - 1)) - 1},
        bits_(bits) {}
  // As codebook_type says.
  constexpr int bits() const { return bits_; }
  std::string name() const { return "uniform-" + std::to_string(bits_); }

 private:
  int bits_;
};

// {-128, ..., 127}: 8-bit fixed point, for the first and the last layer. Where the point stands is
// no part of the codes: with a free alpha it only decides where the published alternation starts.
struct fixed_point : detail::whole_levels<std::int8_t> {
  constexpr fixed_point() : whole_levels{-128, 127} {}
  // As codebook_type says.
  static constexpr int bits() { return 8; }
  static std::string name() { return "fixed-8"; }
};

// {0, ..., 2^bits - 1}, bits 1..8: activations after ReLU (7 bits is the published grid).
struct unsigned_uniform : detail::whole_levels<std::uint8_t> {
  // Throws argument_error for bits that are not 1..8.
  explicit unsigned_uniform(int bits)
      : whole_levels{0, (1 << detail::checked_bits(bits, 1, 8)) - 1}, bits_(bits) {}
  // As codebook_type says.
  constexpr int bits() const { return bits_; }
  std::string name() const { return "unsigned-" + std::to_string(bits_); }

 private:
  int bits_;
};

// {0, +-1, +-2, ..., +-2^(n-1)}, n = 2^(bits-1) - 1: signed powers of two, bits 3 (up to 4) or 4
// (up to 64). A multiplication becomes a shift. A tie goes to the smaller magnitude.
//
// power_of_two(4) cuts midway between levels. power_of_two::published(4) is the encoder of He &
// Cheng's code, which rounds |x| to a power of two first and lets everything up to 0.75 become 0.
struct power_of_two {
  using code_type = std::int8_t;  // the level itself

  // Throws argument_error for other bits.
  explicit power_of_two(int bits) : bits_(detail::checked_bits(bits, 3, 4)) {}

  // The encoder of He & Cheng's code. Throws as the constructor does.
  static power_of_two published(int bits) {
    power_of_two book(bits);
    book.zero_up_to_ = 0.75F;
    return book;
  }

  // As codebook_type says.
  template <std::floating_point T>
  LFNC_HD constexpr std::int8_t encode(T x) const {
    return static_cast<std::int8_t>(nearest_level(x));
  }
  // decode(encode(x)).
  template <std::floating_point T>
  LFNC_HD constexpr T nearest_level(T x) const {
    using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    constexpr int fraction_bits = std::numeric_limits<T>::digits - 1;
    constexpr bits half = bits{1} << (fraction_bits - 1);
    constexpr bits fraction = 2 * half - 1;
    const T magnitude = x < 0 ? -x : x;
    const T top = static_cast<T>(1 << (exponents() - 1));
    // NaN, which is not below it, takes the top level.
    const T within = magnitude < top ? magnitude : top;
    // Midway between 2^k and 2^(k+1) is 1.5 * 2^k: a fraction above one half, and no other, is
    // carried into the exponent.
    const T power =
        __builtin_bit_cast(T, (__builtin_bit_cast(bits, within) + (half - 1)) & ~fraction);
    const T least = power > T(1) ? power : T(1);
    const T level = magnitude <= static_cast<T>(zero_up_to_) ? T(0) : least;
    return x >= 0 ? level : -level;
  }
  LFNC_HD constexpr double decode(std::int8_t code) const { return code; }
  LFNC_HD constexpr int level_count() const { return 2 * exponents() + 1; }
  LFNC_HD constexpr double level(int index) const {
    const int rank = index - exponents();
    return rank == 0 ? 0.0 : rank > 0 ? 1 << (rank - 1) : -(1 << (-rank - 1));
  }
  LFNC_HD constexpr bool nearest() const { return zero_up_to_ == 0.5F; }
  LFNC_HD constexpr bool symmetric() const { return true; }
  constexpr int bits() const { return bits_; }
  std::string name() const {
    return (nearest() ? "power-of-two-" : "published-power-of-two-") + std::to_string(bits_);
  }

 private:
  // Positive levels 2^0 .. 2^(exponents - 1).
  LFNC_HD constexpr int exponents() const { return (1 << (bits_ - 1)) - 1; }

  int bits_;
  float zero_up_to_ = 0.5F;
};

// A user's own levels, 2..128 of them in strictly ascending order, whole or not, symmetric or not.
// A code is the index of its level; a tie goes to the lower level.
struct levels {
  using code_type = std::int8_t;  // the index of the level

  // Copies the levels. Throws argument_error naming the index of one that is not finite or not
  // above the one before.
  explicit levels(std::span<const double> ascending) : count_(static_cast<int>(ascending.size())) {
    detail::require(ascending.size() >= 2 && ascending.size() <= 128, "levels", [&] {
      return detail::sentence({ascending.size(), " levels, 2..128 are possible"});
    });
    for (std::size_t k = 0; k < ascending.size(); ++k) {
      detail::require(detail::finite(static_cast<float>(ascending[k])), "levels",
                      [&] { return detail::sentence({"level ", k, " is not finite"}); });
      // float is what encode compares in, so levels must differ there.
      level_[k] = static_cast<float>(ascending[k]);
      detail::require(k == 0 || level_[k] > level_[k - 1], "levels", [&] {
        return detail::sentence({"level ", k, " is not above the one before"});
      });
    }
    for (int k = 0; k < count_; ++k) symmetric_ = symmetric_ && level(k) == -level(count_ - 1 - k);
  }

  // The same of a list: levels{-1, 0, 2.5}.
  levels(std::initializer_list<double> ascending)
      : levels(std::span<const double>(ascending.begin(), ascending.size())) {}

  // As codebook_type says. encode() is O(levels).
  template <std::floating_point T>
  LFNC_HD constexpr std::int8_t encode(T x) const {
    int below = 0;
    for (int k = 0; k + 1 < count_; ++k) {
      below += static_cast<int>(static_cast<double>(x) > (level(k) + level(k + 1)) / 2);
    }
    return static_cast<std::int8_t>(below);
  }
  LFNC_HD constexpr double decode(std::int8_t code) const { return level(code); }
  LFNC_HD constexpr int level_count() const { return count_; }
  LFNC_HD constexpr double level(int index) const { return static_cast<double>(level_[index]); }
  LFNC_HD constexpr bool nearest() const { return true; }
  LFNC_HD constexpr bool symmetric() const { return symmetric_; }
  constexpr int bits() const {
    int width = 1;
    while ((1 << width) < count_) ++width;
    return width;
  }
  std::string name() const { return "levels-" + std::to_string(count_); }

 private:
  float level_[128] = {};
  int count_ = 0;
  bool symmetric_ = true;
};

namespace detail {

// What the solvers are compiled for: lfnc's own codebooks of whole numbers are one type there. (Not
// what is derived from them, which may mean other levels.)
constexpr const whole_levels<std::int8_t>& levels_of(const ternary& book) { return book; }
constexpr const whole_levels<std::int8_t>& levels_of(const uniform& book) { return book; }
constexpr const whole_levels<std::int8_t>& levels_of(const fixed_point& book) { return book; }
constexpr const whole_levels<std::uint8_t>& levels_of(const unsigned_uniform& book) { return book; }
template <class Codebook>
constexpr const Codebook& levels_of(const Codebook& book) {
  return book;
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
