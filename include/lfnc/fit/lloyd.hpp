// lfnc floor 3: lloyd: the published alternation between codes and alpha, a local optimum.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "../detail/encoder_steps.hpp"
#include "../exec/skeletons.hpp"
#include "../fit_options.hpp"
#include "abs_max.hpp"
#include "row.hpp"
#include "step_groups.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// How large the codes' unit is in the published levels, as powers of two: its power-of-two levels
// are 2^e .. 2^(e+6) for an offset e in 0..3, its fixed-point levels multiples of 2^-f for f in
// 0..7. alpha is free, so the unit only decides where the alternation starts; it is run for each,
// and the one of least error of the layer is kept.
struct unit_range {
  int first = 0;
  int count = 1;
};
template <codebook_type Codebook>
constexpr unit_range published_units(const Codebook&) {
  return {0, 1};
}
constexpr unit_range published_units(const power_of_two&) { return {0, 4}; }
constexpr unit_range published_units(const fixed_point&) { return {-7, 8}; }

// <w,q> and <q,q> of a scaled row of which each element, or its magnitude, is rounded to a multiple
// of a power of two: one that is small against the row and leaves so few digits that no sum and no
// product is rounded any more.
template <level_set Codebook, std::floating_point T>
struct whole_reducer {
  using key_type = T;
  using bits_type = std::conditional_t<std::same_as<T, float>, std::uint32_t, std::uint64_t>;
  static constexpr int fields = 2;
  static constexpr bool zero_is_neutral = false;  // 0 need not be a level

  Codebook codebook;
  T scale;
  T factor;        // 1 / alpha of the scaled row
  T most_key;      // the largest magnitude of the scaled row
  bits_type kept;  // bits of an element that are in its key: all, or all but the sign
  double rounder;  // 1.5 * 2^52 times the power of two
  const level_steps* steps;

  LFNC_HD T key(T x) const {
    return __builtin_bit_cast(T, __builtin_bit_cast(bits_type, x) & kept) * scale;
  }
  LFNC_HD double whole(T key) const { return (static_cast<double>(key) + rounder) - rounder; }

  LFNC_HD void add(T x, double* field, index_t stride) const {
    const T own = key(x);
    const double q = level_of(codebook, own * factor);
    field[0] += whole(own) * q;
    field[stride] += q * q;
  }
  LFNC_HD double merge(int, double a, double b) const { return a + b; }
};

// How the sums over a row are taken: as whole_reducer does where that pays, which is up to what it
// reads, and so it is the same on every backend.
struct sum_rule {
  bool magnitudes = false;             // whether magnitudes are encoded, and not elements
  double resolution = 0;               // see level_resolution
  index_t least = 0;                   // elements of a row
  const level_steps* steps = nullptr;  // of the encoder, for backends that group elements

  LFNC_HD bool whole(index_t length) const {
    return resolution > 0 && length >= least && length < (index_t{1} << 31);
  }
};

template <level_set Codebook>
sum_rule make_sum_rule(const Codebook& codebook) {
  sum_rule rule;
  rule.magnitudes = codebook.nearest() && codebook.symmetric();
  rule.resolution = level_resolution(codebook);
  const int cuts = rule.magnitudes ? codebook.level_count() / 2 : codebook.level_count() - 1;
  rule.least = std::max(512, 24 * cuts);
  return rule;
}

// What answers reducers of one row from its groups, where it was grouped: on backends that hand out
// the memory of a row.
struct no_groups {
  template <class Reducer>
  LFNC_HD bool reduce(const Reducer&, reduced<Reducer::fields>&) const {
    return false;
  }
};
template <std::floating_point T>
struct maybe_groups {
  const step_groups<T>* groups = nullptr;

  template <class Reducer>
  bool reduce(const Reducer& reducer, reduced<Reducer::fields>& sums) const {
    return groups != nullptr && groups->reduce(reducer, sums);
  }
};

// The alternation on one row, for every unit.
template <level_set Codebook, std::floating_point T>
struct alternate_row {
  Codebook codebook;
  lloyd_options options;
  unit_range units;
  sum_rule rule;
  index_t rows;
  const double* scale;
  const double* largest;
  double* alpha;  // of row r and unit u at u * rows + r
  double* error;  // likewise, of the scaled row

  LFNC_CALLS_EITHER
  template <class Reader>
  LFNC_HD void operator()(index_t row, const Reader& reader) const {
    const double factor = scale[row];
    const double energy = reader.reduce(energy_reducer<T>{static_cast<T>(factor)})[0];
    const bool whole = rule.whole(reader.length()) && energy > 0;
    whole_reducer<Codebook, T> exactly{codebook, T(0), T(0), T(0), 0, 0, nullptr};
    if (whole) exactly = make_whole(row, energy, static_cast<double>(reader.length()));
    if constexpr (memory_reader<Reader>) {
      std::optional<step_groups<T>> groups;
      if (whole && rule.steps != nullptr && has_wide_vectors(reader.set)) {
        groups.emplace(reader.set, reader.place, reader.length(), exactly);
      }
      alternate(row, reader, maybe_groups<T>{groups ? &*groups : nullptr}, energy, whole, exactly);
    } else {
      alternate(row, reader, no_groups{}, energy, whole, exactly);
    }
  }

 private:
  LFNC_HD whole_reducer<Codebook, T> make_whole(index_t row, double energy, double length) const {
    using reducer = whole_reducer<Codebook, T>;
    using bits = typename reducer::bits_type;
    const auto factor = static_cast<T>(scale[row]);
    // The sum of magnitudes times the largest level, in units of the levels' resolution, is at most
    // `most`, and below 2^50 times what elements are rounded to: steps from the lowest level to the
    // highest and what is taken off again are below 2^53, and so are squares of levels.
    const double most = std::sqrt(rounded(length * energy)) * rule.resolution;
    const double rounder = 1.5 * ::ldexp(1.0, ::ilogb(most) + 3);
    return {codebook,
            factor,
            T(0),
            static_cast<T>(largest[row]) * factor,
            static_cast<bits>(~bits{0} >> static_cast<int>(rule.magnitudes)),
            rounder,
            rule.steps};
  }

  // The sums over the row of which <w,w> is `energy`, for an alpha of the scaled row.
  LFNC_CALLS_EITHER
  template <class Reader, class Groups>
  LFNC_HD_ONCE projection project(index_t row, const Reader& reader, const Groups& groups,
                                  double energy, bool whole, whole_reducer<Codebook, T> exactly,
                                  double at) const {
    reduced<2> sums;
    if (!whole) {
      sums = reader.reduce(cross_reducer<Codebook, T>{make_encoder<T>(codebook, at, scale[row])});
    } else {
      exactly.factor = make_encoder<T>(codebook, at, 1).inverse;
      if (!groups.reduce(exactly, sums)) sums = reader.reduce(exactly);
    }
    return {sums[0], sums[1], energy};
  }

  LFNC_CALLS_EITHER
  template <class Reader, class Groups>
  LFNC_HD void alternate(index_t row, const Reader& reader, const Groups& groups, double energy,
                         bool whole, const whole_reducer<Codebook, T>& exactly) const {
    const double factor = scale[row];
    const double length = static_cast<double>(reader.length());
    for (int u = 0; u < units.count; ++u) {
      const double unit = ::ldexp(1.0, units.first + u);
      const double epsilon = options.epsilon / (unit * unit);
      // The mean of w^2, in units and of the scaled row.
      double now = energy / length / factor * unit;
      projection sums;
      bool settled = false;
      for (int iteration = 0;; ++iteration) {
        sums = project(row, reader, groups, energy, whole, exactly, now);
        if (settled || iteration == options.max_iterations) break;
        double next = sums.wq / (sums.qq + epsilon);
        if (!(next > 0)) next = abs_max_alpha(codebook, largest[row] * factor);
        const double change = next > now ? next - now : now - next;
        now = next;
        settled = change <= options.tolerance * now;
      }
      if (reader.leader()) {
        alpha[u * rows + row] = now;
        error[u * rows + row] = sums.error_at(now);
      }
    }
  }
};

// The unit of least error of the layer; of equal ones the first.
struct choose_unit {
  int units;
  index_t rows;
  const double* scale;
  const double* error;
  int* chosen;

  LFNC_HD void operator()(index_t) const {
    // Sums over rows are taken in the scale of the largest row, where none overflows.
    double common = scale[0];
    for (index_t row = 1; row < rows; ++row) common = scale[row] < common ? scale[row] : common;
    double least = 0;
    for (int u = 0; u < units; ++u) {
      double sum = 0;
      for (index_t row = 0; row < rows; ++row) {
        const double ratio = common / scale[row];
        sum += rounded(error[u * rows + row] * ratio * ratio);
      }
      if (u == 0 || sum < least) {
        least = sum;
        *chosen = u;
      }
    }
  }
};

struct take_unit {
  index_t rows;
  const int* chosen;
  const double* from;
  double* alpha;

  LFNC_HD void operator()(index_t row) const { alpha[row] = from[*chosen * rows + row]; }
};

// alpha[row] of scale[row] * w by the alternation q = encode(w / alpha), alpha = <w,q> / <q,q> of
// He & Cheng (ECCV 2018, eq. 4): every row starts at its mean of w^2, and of the codebook's units
// the one of least error of the layer is kept. The published code stops all rows together, when the
// vector of all alpha has settled; here each goes on until its own has, which is no sooner. largest
// holds the largest magnitude of every (unscaled) row: a row whose codes all fall to 0, which the
// published formula cannot leave, goes on from its abs-max alpha. The elements must be finite; the
// arrays have one entry a row, in the policy's memory. Throws argument_error for options out of
// range.
//
// Rows of 24 elements a threshold and more (at least 512), for levels that are multiples of one
// number up to 1024 times as large, are summed up exactly, after each element was rounded to a
// multiple of some 2^-50 of the row's sum of magnitudes: the sums are then the same in any order.
// A backend that hands out the memory of a row (rows_in_memory) groups such a row by size once and
// looks in each of the iterations (typically 20 to 60 a unit) at the few elements next to a
// threshold alone; it allocates a row and an eighth meanwhile. Everything else costs a pass over a
// row an iteration. `units` are those of published_units.
template <class Policy, class T, class Space, level_set Codebook>
void fit_lloyd(const Policy& policy, const group_view<T, Space>& rows, const Codebook& codebook,
               const unit_range& units, const lloyd_options& options, const double* scale,
               const double* largest, double* alpha) {
  require(options.epsilon >= 0, "epsilon", "is negative or NaN");
  require(options.tolerance >= 0, "tolerance", "is negative or NaN");
  require(options.max_iterations > 0, "max_iterations", "is not above 0");
  const index_t count = rows.rows();
  auto rule = make_sum_rule(codebook);
  level_steps steps;
  if constexpr (rows_in_memory<Policy>) {
    if (rule.whole(rows.row_length(0)) &&
        find_steps<compute_t<T>>(codebook, rule.magnitudes, steps)) {
      rule.steps = &steps;
    }
  }
  auto scratch = open_scratch(policy);
  double* error = scratch.template take<double>(count * units.count);
  double* each = units.count == 1 ? alpha : scratch.template take<double>(count * units.count);
  for_each_row(policy, rows,
               alternate_row<Codebook, compute_t<T>>{codebook, options, units, rule, count, scale,
                                                     largest, each, error});
  if (units.count == 1) return;
  int* chosen = scratch.template take<int>(1);
  for_each(policy, 1, choose_unit{units.count, count, scale, error, chosen});
  for_each(policy, count, take_unit{count, chosen, each, alpha});
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
