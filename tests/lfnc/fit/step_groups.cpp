#include <lfnc/fit/step_groups.hpp>

#include <lfnc/detail/encoder_steps.hpp>
#include <lfnc/exec/cpu/neighbours.hpp>
#include <lfnc/fit/lloyd.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/brute_force.hpp"
#include "support/instruction_sets.hpp"

using lfnc::index_t;

namespace {

template <class T>
bool same(const lfnc::detail::reduced<2>& a, const lfnc::detail::reduced<2>& b) {
  return a[0] == b[0] && a[1] == b[1];
}

// A row's sums from groups and element by element, for alphas of every size.
template <class T, class Codebook>
int check_row(generator& random, const std::vector<T>& row, const Codebook& book, bool magnitudes) {
  CAPTURE(book.name());
  CAPTURE(row.size());
  double largest = 0;
  double energy = 0;
  for (const T w : row) largest = std::max(largest, std::abs(static_cast<double>(w)));
  if (largest == 0) return 0;
  const double scale = lfnc::detail::row_scale<T>(largest);
  for (const T w : row) energy += std::pow(static_cast<double>(w) * scale, 2);
  lfnc::detail::level_steps steps;
  REQUIRE(lfnc::detail::find_steps<T>(book, magnitudes, steps));
  using reducer = lfnc::detail::whole_reducer<Codebook, T>;
  static_assert(lfnc::detail::step_reducer<reducer>);
  using bits = typename reducer::bits_type;
  const double most =
      std::sqrt(static_cast<double>(row.size()) * energy) * lfnc::detail::level_resolution(book);
  reducer sums{book,
               static_cast<T>(scale),
               T(0),
               static_cast<T>(largest * scale),
               static_cast<bits>(~bits{0} >> static_cast<int>(magnitudes)),
               1.5 * std::ldexp(1.0, std::ilogb(most) + 3),
               &steps};

  const auto length = static_cast<index_t>(row.size());
  const auto set = lfnc::used_instruction_set();
  const lfnc::detail::neighbour_reader<T> reader{row.data(), length, set};
  const lfnc::detail::step_groups<T> groups(set, row.data(), length, sums);
  int answered = 0;
  for (int round = 0; round < 40; ++round) {
    const double size = round % 4 == 0 ? random.uniform(-200, 200) : random.uniform(-9, 3);
    const double alpha = round == 0 ? 0 : largest * scale * std::exp(size);
    sums.factor = lfnc::detail::make_encoder<T>(book, alpha, 1).inverse;
    CAPTURE(alpha);
    lfnc::detail::reduced<2> grouped;
    if (!groups.reduce(sums, grouped)) continue;
    ++answered;
    CHECK(same<T>(grouped, reader.reduce(sums)));
  }
  return answered;
}

template <class T>
void check_rows() {
  generator random(1);
  int answered = 0;
  for (const int length : {1, 7, 64, 65, 200, 1000, 5000}) {
    for (int kind = 0; kind < static_cast<int>(row_kind::count); ++kind) {
      CAPTURE(kind);
      const auto row = make_row<T>(random, static_cast<row_kind>(kind), length);
      const auto check = [&](const auto& book) {
        if (lfnc::detail::level_resolution(book) == 0) return;
        answered += check_row(random, row, book, book.nearest() && book.symmetric());
      };
      check(lfnc::ternary());
      check(lfnc::uniform(4));
      check(lfnc::power_of_two(4));
      check(lfnc::power_of_two::published(4));
      check(lfnc::fixed_point());
      check(lfnc::unsigned_uniform(4));
      check(lfnc::levels(std::vector<double>{-1, 1}));
      check(lfnc::levels(std::vector<double>{-1.5, -0.25, 0, 0.5, 3}));
      check(lfnc::levels(std::vector<double>{-4, -2, -1}));
      check(lfnc::levels(std::vector<double>{0x1p-100, 0x1p-99, 0x1p-98}));
      check(lfnc::levels(std::vector<double>{0x1p100, 0x1p101, 0x1p102}));
    }
  }
  // Some rows, at some alphas, are better reduced element by element.
  CHECK(answered > 10000);
}

}  // namespace

TEST_CASE("sums from groups have the bits of those taken element by element") {
  for_each_instruction_set([](lfnc::instruction_set set) {
    if (!lfnc::detail::has_wide_vectors(set)) return;
    check_rows<float>();
    check_rows<double>();
  });
}
