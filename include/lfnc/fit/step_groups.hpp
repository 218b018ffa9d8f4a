// lfnc floor 3: step_groups: a row's elements grouped by size, for reductions that cut them at a
// few places.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "../detail/level_steps.hpp"
#include "../exec/cpu/dispatch.hpp"
#include "../exec/skeletons.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// A reducer that adds up, of every element x, whole(key(x)) * level in field 0 and level^2 in field
// 1, where the level is that of key(x) * factor after `steps` (null where it has none), and where
// all sums and products are exact, so that it does not matter in which order they are taken.
// most_key is the largest magnitude of a key, above 0.
template <class R>
concept step_reducer = requires(const R& r, typename R::key_type key) {
  { r.key(key) } -> std::same_as<typename R::key_type>;
  { r.whole(key) } -> std::same_as<double>;
  { r.factor } -> std::convertible_to<typename R::key_type>;
  { r.most_key } -> std::convertible_to<typename R::key_type>;
  { r.steps } -> std::convertible_to<const level_steps*>;
};

// The elements of a row, by groups of keys of the same exponent and the same first bits behind it;
// the lowest group takes all that are far below the largest. Where an element stands within its
// group is open. A sum over those below a cut is then that of the elements up to the cut's group,
// known beforehand, and of those in it that are below.
template <std::floating_point Key>
class step_groups {
 public:
  // Of `count` neighbours, fewer than 2^32, for reducers that differ in their factor alone.
  // Allocates their keys, a number for every 8 of them, and up to 8 KB.
  template <class Reducer>
  step_groups(instruction_set set, const Key* place, index_t count, const Reducer& reducer)
      : set_(set), count_(count) {
    set_margins(*reducer.steps);
    const auto length = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(count_)));
    const int bits = std::clamp(length - 6, least_bits, most_bits);
    shift_ = std::numeric_limits<Key>::digits - 1 - bits;
    highest_ = octaves << bits;
    bottom_ = static_cast<int>(__builtin_bit_cast(word, reducer.most_key) >> shift_) - highest_;
    middle_ = reducer.steps->thresholds > 0 && reducer.steps->threshold[0] > 0 ? 0 : highest_;
    last_ = middle_ + highest_;
    keys_.resize(static_cast<std::size_t>(count) + block);
    totals_.resize(static_cast<std::size_t>(count) / block + 1);
    ends_.resize(static_cast<std::size_t>(last_) + 2);
    std::uint32_t* const of_group = ends_.data() + 1;
    run_wide_vectors(set, visiting<Reducer, count_key>{*this, reducer, place, count, {of_group}});
    // Until the elements are moved, where the next one of group k goes to is at k + 1.
    std::uint32_t before = 0;
    for (int k = 1; k <= last_ + 1; ++k) {
      before += std::exchange(ends_[static_cast<std::size_t>(k)], before);
    }
    run_wide_vectors(
        set, visiting<Reducer, move_key>{*this, reducer, place, count, {of_group, keys_.data()}});
    std::fill_n(keys_.data() + count_, block, highest<Key>);
    run_wide_vectors(set, adding<Reducer>{*this, reducer});
  }

  // The reducer's sums. False, without them, where the row is better reduced element by element.
  template <class Reducer>
  bool reduce(const Reducer& reducer, reduced<Reducer::fields>& sums) const {
    bool done = false;
    run_wide_vectors(set_, cutting<Reducer>{*this, reducer, sums, done});
    return done;
  }

 private:
  using word = std::conditional_t<std::same_as<Key, float>, std::int32_t, std::int64_t>;
  static constexpr int octaves = 8;     // that have groups of their own
  static constexpr int least_bits = 3;  // that tell those of an octave apart
  static constexpr int most_bits = 7;
  static constexpr int most_cuts = 256;
  static constexpr int block = 8;   // keys that are added up together
  static constexpr int chunk = 64;  // whose groups are found before any is counted or moved

  template <int Bytes>
  static constexpr int piece = std::min(block, Bytes / static_cast<int>(sizeof(Key)));

  // How far from the cut a key may lie and come out on its other side by the roundings of 1 /
  // factor and of key * factor, next to 0 too.
  void set_margins(const level_steps& steps) {
    constexpr double relative = std::same_as<Key, float> ? 0x1p-22 : 0x1p-48;
    constexpr auto absolute = static_cast<double>(std::numeric_limits<Key>::min());
    for (int k = 0; k < steps.thresholds; ++k) {
      const double at = steps.threshold[k];
      const double margin = (at < 0 ? -at : at) * relative + absolute;
      low_[k] = at - margin;
      high_[k] = at + margin;
    }
  }

  LFNC_INLINE int group_of(Key key) const {
    const Key magnitude = key < 0 ? -key : key;
    int above = static_cast<int>(__builtin_bit_cast(word, magnitude) >> shift_) - bottom_;
    above = above > 0 ? above : 0;
    const int group = middle_ + (key < 0 ? -above : above);
    return group > 0 ? group : 0;
  }

  // The groups of a block of cuts, the first and the last one for cuts beyond all keys.
  template <int Bytes>
  LFNC_INLINE void find(const double* cut, double unit, std::int32_t* group) const {
    constexpr double most = static_cast<double>(highest<Key>);
    const int last = last_;
    double within[block];
    Key key[block];
    in_pieces<0, block, piece<Bytes>>(
        [&](int j) LFNC_INLINED { within[j] = cut[j] * unit < most ? cut[j] * unit : most; });
    in_pieces<0, block, piece<Bytes>>(
        [&](int j) LFNC_INLINED { within[j] = within[j] > -most ? within[j] : -most; });
    in_pieces<0, block, piece<Bytes>>([&](int j)
                                          LFNC_INLINED { key[j] = static_cast<Key>(within[j]); });
    in_pieces<0, block, piece<Bytes>>([&](int j) LFNC_INLINED { group[j] = group_of(key[j]); });
    in_pieces<0, block, piece<Bytes>>(
        [&](int j) LFNC_INLINED { group[j] = group[j] < last ? group[j] : last; });
  }

  // The keys of up to `chunk` elements, and their groups.
  template <int Bytes, class Reducer>
  LFNC_INLINE void load(const Reducer& reducer, const Key* place, int count, Key* key,
                        std::int32_t* group) const {
    if (count == chunk) {
      for (int k = 0; k < chunk; k += piece<Bytes>) {
        in_loop<piece<Bytes>>([&](int j) LFNC_INLINED { key[k + j] = reducer.key(place[k + j]); });
        in_loop<piece<Bytes>>([&](int j) LFNC_INLINED { group[k + j] = group_of(key[k + j]); });
      }
    } else {
      for (int k = 0; k < count; ++k) {
        key[k] = reducer.key(place[k]);
        group[k] = group_of(key[k]);
      }
    }
  }

  // visit(key, group) of every element.
  template <class Reducer, class Visit>
  struct visiting {
    const step_groups& groups;
    const Reducer& reducer;
    const Key* place;
    index_t count;
    Visit visit;

    template <int Bytes>
    LFNC_INLINE void run() const {
      alignas(64) Key key[chunk];
      alignas(64) std::int32_t group[chunk];
      const Visit own = visit;
      for (index_t k = 0; k < count; k += chunk) {
        const int now = static_cast<int>(std::min<index_t>(chunk, count - k));
        groups.template load<Bytes>(reducer, place + k, now, key, group);
        for (int j = 0; j < now; ++j) own(key[j], group[j]);
      }
    }
  };

  struct count_key {
    std::uint32_t* counts;
    LFNC_INLINE void operator()(Key, std::int32_t group) const { ++counts[group]; }
  };

  struct move_key {
    std::uint32_t* next;
    Key* keys;
    LFNC_INLINE void operator()(Key key, std::int32_t group) const { keys[next[group]++] = key; }
  };

  // Running totals, block by block.
  template <class Reducer>
  struct adding {
    step_groups& groups;
    const Reducer& reducer;

    template <int Bytes>
    LFNC_INLINE void run() const {
      const Reducer own = reducer;
      const Key* key = groups.keys_.data();
      double* const totals = groups.totals_.data();
      const index_t blocks = groups.count_ / block;
      double total = 0;
      double lane[block];
      for (index_t b = 0; b < blocks; ++b, key += block) {
        totals[b] = total;
        in_pieces<0, block, piece<Bytes>>([&](int j) LFNC_INLINED { lane[j] = own.whole(key[j]); });
        in_pieces<0, 4, std::min(4, piece<Bytes>)>([&](int j)
                                                       LFNC_INLINED { lane[j] += lane[j + 4]; });
        in_pieces<0, 2, 2>([&](int j) LFNC_INLINED { lane[j] += lane[j + 2]; });
        total += lane[0] + lane[1];
      }
      totals[blocks] = total;
      for (index_t k = blocks * block; k < groups.count_; ++k) {
        total += own.whole(groups.keys_[static_cast<std::size_t>(k)]);
      }
      groups.total_ = total;
    }
  };

  // All take the lowest level's place first, then those beyond each cut a step: all from the block
  // on in which the cut's group begins, less those of them that are below the cut.
  template <class Reducer>
  struct cutting {
    const step_groups& groups;
    const Reducer& reducer;
    reduced<Reducer::fields>& sums;
    bool& done;

    template <int Bytes>
    LFNC_INLINE void run() const {
      const Reducer own = reducer;
      const level_steps& steps = *own.steps;
      const Key factor = own.factor;
      const double unit =
          factor > 0 ? 1 / static_cast<double>(factor) : static_cast<double>(highest<Key>);
      std::int32_t low[most_cuts];
      std::int32_t high[most_cuts];
      for (int k = 0; k < steps.thresholds; k += block) {
        groups.template find<Bytes>(groups.low_ + k, unit, low + k);
        groups.template find<Bytes>(groups.high_ + k, unit, high + k);
      }
      index_t left = groups.count_;
      double wq = steps.base * groups.total_;
      double qq = steps.base * steps.base * static_cast<double>(groups.count_);
      double less_wq[block];
      double less_qq[block];
      Key below[block];
      in_pieces<0, block, piece<Bytes>>([&](int j) LFNC_INLINED { less_wq[j] = 0; });
      in_pieces<0, block, piece<Bytes>>([&](int j) LFNC_INLINED { less_qq[j] = 0; });
      for (int k = 0; k < steps.thresholds; ++k) {
        const auto cut = static_cast<Key>(steps.threshold[k]);
        // Nothing reaches it, not even what stands behind the last key.
        if (highest<Key> * factor < cut) break;
        const index_t begin = groups.ends_[static_cast<std::size_t>(low[k])] / block * block;
        const index_t end = groups.ends_[static_cast<std::size_t>(high[k] + 1)];
        left -= end - begin;
        if (left < 0) return;
        const double step = steps.step[k];
        const double square_step = steps.square_step[k];
        wq += step * (groups.total_ - groups.totals_[static_cast<std::size_t>(begin / block)]);
        qq += square_step * static_cast<double>(groups.count_ - begin);
        const Key* key = groups.keys_.data() + begin;
        const Key* const behind = groups.keys_.data() + end;
        for (; key < behind; key += block) {
          in_pieces<0, block, piece<Bytes>>(
              [&](int j) LFNC_INLINED { below[j] = key[j] * factor < cut ? Key(1) : Key(0); });
          in_pieces<0, block, piece<Bytes>>([&](int j) LFNC_INLINED {
            less_wq[j] += own.whole(key[j]) * (step * static_cast<double>(below[j]));
          });
          in_pieces<0, block, piece<Bytes>>([&](int j) LFNC_INLINED {
            less_qq[j] += square_step * static_cast<double>(below[j]);
          });
        }
      }
      sums.field[0] = wq - merged(less_wq);
      sums.field[1] = qq - merged(less_qq);
      done = true;
    }
  };

  static LFNC_INLINE double merged(const double* lane) {
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
  }

  instruction_set set_;
  std::vector<Key> keys_;            // group by group, and a block of the highest number
  std::vector<double> totals_;       // of the keys before every block
  std::vector<std::uint32_t> ends_;  // group k's at k + 1
  double low_[most_cuts] = {};
  double high_[most_cuts] = {};
  index_t count_ = 0;
  double total_ = 0;
  int shift_ = 0;
  int bottom_ = 0;   // what is to be taken off a key's leading bits
  int middle_ = 0;   // the group of keys next to 0
  int highest_ = 0;  // groups above it
  int last_ = 0;
};

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
