// lfnc floor 2: sort: the keys of a row in descending order, on the host.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "../../detail/rounding.hpp"
#include "../../scalar.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Sorts rows of up to `longest` finite keys; the order of -0 and +0 is open. It allocates two
// numbers a key and 48 KB at the start, and nothing afterwards.
template <std::floating_point T>
class descending_sorter {
 public:
  explicit descending_sorter(index_t longest) {
    if (longest <= few) return;
    from_.resize(static_cast<std::size_t>(longest));
    to_.resize(static_cast<std::size_t>(longest));
    next_.resize(std::size_t{most_passes} << most_bits);
  }

  void operator()(T* keys, index_t count) {
    if (count <= few / 2) {
      count_above<few / 2>(keys, count);
    } else if (count <= few) {
      count_above<few>(keys, count);
    } else {
      by_digits(keys, count);
    }
  }

 private:
  using word = std::conditional_t<std::same_as<T, float>, std::uint32_t, std::uint64_t>;
  static constexpr int word_bits = 8 * sizeof(word);
  static constexpr index_t few = 64;
  static constexpr int most_passes = 3;
  static constexpr int most_bits = 11;  // of a digit, so that its counts stay in the first cache

  // Few keys: each goes to the place that the number of larger ones gives, without a branch. Equal
  // keys leave a gap behind the one place that all of them go to.
  template <index_t Places>
  static void count_above(T* keys, index_t count) {
    T key[Places];
    std::conditional_t<std::same_as<T, float>, std::int32_t, std::int64_t> above[Places] = {};
    for (index_t k = 0; k < Places; ++k) key[k] = -infinity<T>;
    for (index_t k = 0; k < count; ++k) key[k] = keys[k];
    for (index_t j = 0; j < count; ++j) {
      const T other = key[j];
      for (index_t k = 0; k < Places; ++k) above[k] += key[k] < other ? 1 : 0;
    }
    for (index_t k = 0; k < count; ++k) keys[k] = -infinity<T>;
    for (index_t k = 0; k < count; ++k) keys[above[k]] = key[k];
    for (index_t k = 1; k < count; ++k) keys[k] = keys[k] == -infinity<T> ? keys[k - 1] : keys[k];
  }

  // Whole numbers in the order of the keys, and back.
  static word to_word(T key) {
    const word bits = std::bit_cast<word>(key);
    const word sign =
        static_cast<word>(-static_cast<std::make_signed_t<word>>(bits >> (word_bits - 1)));
    return bits ^ (sign | (word{1} << (word_bits - 1)));
  }
  static T to_key(word whole) {
    const word sign =
        static_cast<word>(-static_cast<std::make_signed_t<word>>(whole >> (word_bits - 1)));
    return std::bit_cast<T>(whole ^ (~sign | (word{1} << (word_bits - 1))));
  }

  // By the digits of the distance from the largest key, the last digit first. Of their bits only so
  // many of the leading ones as tell most keys apart; what is left to do is little.
  void by_digits(T* keys, index_t count) {
    word least = to_word(keys[0]);
    word most = least;
    for (index_t k = 0; k < count; ++k) {
      const word whole = to_word(keys[k]);
      from_[static_cast<std::size_t>(k)] = whole;
      least = whole < least ? whole : least;
      most = whole > most ? whole : most;
    }
    const auto width = static_cast<int>(std::bit_width(static_cast<word>(most - least)));
    const auto length = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(count)));
    const int passes = length > 17 ? 3 : 2;
    const int wanted = std::min(length - 2, most_bits);
    const int bits = std::min((width + passes - 1) / passes, wanted);
    if (bits == 0) return;
    if (passes == 2) {
      distribute<2>(keys, count, most, std::max(0, width - 2 * bits), bits);
    } else {
      distribute<3>(keys, count, most, std::max(0, width - 3 * bits), bits);
    }
    finish(keys, count);
  }

  void by_all_digits(T* keys, index_t count) {
    for (int shift = 0; shift < word_bits; shift += most_passes * most_bits) {
      for (index_t k = 0; k < count; ++k) from_[static_cast<std::size_t>(k)] = to_word(keys[k]);
      distribute<most_passes>(keys, count, static_cast<word>(~word{0}), shift, most_bits);
    }
  }

  template <int Passes>
  void distribute(T* keys, index_t count, word most, int shift, int bits) {
    const word mask = (word{1} << bits) - 1;
    std::uint64_t* next[Passes];
    for (int p = 0; p < Passes; ++p) next[p] = next_.data() + (std::size_t(p) << most_bits);
    for (int p = 0; p < Passes; ++p) std::fill_n(next[p], std::size_t{1} << bits, 0U);
    word* from = from_.data();
    word* to = to_.data();
    for (index_t k = 0; k < count; ++k) {
      const word distance = (most - from[k]) >> shift;
      for (int p = 0; p < Passes; ++p) ++next[p][(distance >> (p * bits)) & mask];
    }
    for (int p = 0; p < Passes; ++p) {
      std::uint64_t before = 0;
      for (std::size_t digit = 0; digit <= mask; ++digit) {
        before += std::exchange(next[p][digit], before);
      }
    }
    for (int p = 0; p + 1 < Passes; ++p) {
      for (index_t k = 0; k < count; ++k) {
        const word whole = from[k];
        to[next[p][((most - whole) >> (shift + p * bits)) & mask]++] = whole;
      }
      std::swap(from, to);
    }
    constexpr int p = Passes - 1;
    for (index_t k = 0; k < count; ++k) {
      const word whole = from[k];
      keys[next[p][((most - whole) >> (shift + p * bits)) & mask]++] = to_key(whole);
    }
  }

  // Keys that share their leading digits stand together already. By insertion, unless the keys are
  // so many of a kind that it would take long.
  void finish(T* keys, index_t count) {
    index_t moves = 4 * count;
    for (index_t k = 1; k < count; ++k) {
      const T key = keys[k];
      if (!(keys[k - 1] < key)) continue;
      index_t place = k;
      for (; place > 0 && keys[place - 1] < key; --place) keys[place] = keys[place - 1];
      keys[place] = key;
      moves -= k - place;
      if (moves < 0) {
        by_all_digits(keys, count);
        return;
      }
    }
  }

  std::vector<word> from_;
  std::vector<word> to_;
  std::vector<std::uint64_t> next_;
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
