#include <lfnc/codebook.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "support/check.hpp"
#include "support/random.hpp"

namespace {

enum class tie { up, down, to_zero };

// Levels ascend, are encoded to themselves and decoded back; encode saturates, gives the nearest
// level, and treats ties as told; NaN gives the lowest code.
template <class Codebook, class T>
void check_nearest(const Codebook& book, tie rule) {
  const int count = book.level_count();
  REQUIRE(count >= 2);
  CHECK((1 << book.bits()) >= count);
  bool mirrored = true;
  for (int k = 0; k < count; ++k) {
    CAPTURE(k);
    const double level = book.level(k);
    CHECK(book.decode(book.encode(static_cast<T>(level))) == level);
    mirrored = mirrored && book.level(count - 1 - k) == -level;
    if (k == 0) continue;
    const double below = book.level(k - 1);
    REQUIRE(below < level);
    const double middle = (below + level) / 2;
    const auto cut = static_cast<T>(middle);
    if (static_cast<double>(cut) == middle) {
      const bool up = rule == tie::up || (rule == tie::to_zero && middle < 0);
      CHECK(book.decode(book.encode(cut)) == (up ? level : below));
    }
    const T lowest = std::numeric_limits<T>::lowest();
    const T highest = std::numeric_limits<T>::max();
    T less = std::nextafter(cut, lowest);
    T more = std::nextafter(cut, highest);
    // At cut 0.5, floor(x + 0.5) rounds its sum up for the last number below the cut.
    if (rule == tie::up && cut == T(0.5)) less = std::nextafter(less, lowest);
    // Numbers of more bits than 1/2 + x has make the same sum as the cut.
    if (rule == tie::up) {
      less = std::min(less, cut - std::numeric_limits<T>::epsilon() * std::abs(cut));
      more = std::max(more, cut + std::numeric_limits<T>::epsilon() * std::abs(cut));
    }
    CHECK(book.decode(book.encode(less)) == below);
    CHECK(book.decode(book.encode(more)) == level);
  }
  CHECK(book.symmetric() == mirrored);
  const T infinity = std::numeric_limits<T>::infinity();
  CHECK(book.decode(book.encode(infinity)) == book.level(count - 1));
  CHECK(book.decode(book.encode(-infinity)) == book.level(0));
  CHECK(book.decode(book.encode(std::numeric_limits<T>::quiet_NaN())) == book.level(0));
  CHECK(book.encode(T(0)) == book.encode(-T(0)));

  generator random(3);
  const double reach = 1.3 * std::max(std::abs(book.level(0)), std::abs(book.level(count - 1)));
  int wrong = 0;
  for (int k = 0; k < 3000; ++k) {
    const auto x = static_cast<T>(random.uniform(-reach, reach));
    double best = std::numeric_limits<double>::infinity();
    for (int l = 0; l < count; ++l) {
      best = std::min(best, std::abs(static_cast<double>(x) - book.level(l)));
    }
    const double reached = std::abs(static_cast<double>(x) - book.decode(book.encode(x)));
    wrong += !(reached <= best * (1 + 1e-6));
  }
  CHECK(wrong == 0);
}

template <class Codebook>
void check_both(const Codebook& book, tie rule) {
  CAPTURE(book.name());
  CHECK(lfnc::codebook_type<Codebook>);
  CHECK(book.nearest());
  check_nearest<Codebook, float>(book, rule);
  check_nearest<Codebook, double>(book, rule);
}

lfnc::levels levels_of(const std::vector<double>& values) { return lfnc::levels(values); }

}  // namespace

TEST_CASE("ternary") {
  const lfnc::ternary book;
  check_both(book, tie::up);
  CHECK(book.level_count() == 3);
  CHECK(book.bits() == 2);
  CHECK(book.name() == "ternary");
}

TEST_CASE("uniform grids of 2 to 8 bits") {
  for (int bits = 2; bits <= 8; ++bits) {
    const lfnc::uniform book(bits);
    check_both(book, tie::up);
    CHECK(book.level(0) == -((1 << (bits - 1)) - 1));
    CHECK(book.level_count() == (1 << bits) - 1);
    CHECK(book.bits() == bits);
    CHECK(book.symmetric());
  }
  CHECK(lfnc::uniform(4).name() == "uniform-4");
}

TEST_CASE("fixed point is -128..127") {
  const lfnc::fixed_point book;
  check_both(book, tie::up);
  CHECK(book.level(0) == -128);
  CHECK(book.level(255) == 127);
  CHECK_FALSE(book.symmetric());
  CHECK(book.name() == "fixed-8");
}

TEST_CASE("unsigned grids of 1 to 8 bits") {
  for (int bits = 1; bits <= 8; ++bits) {
    const lfnc::unsigned_uniform book(bits);
    check_both(book, tie::up);
    CHECK(book.level(0) == 0);
    CHECK(book.level_count() == 1 << bits);
    CHECK_FALSE(book.symmetric());
  }
  CHECK(lfnc::unsigned_uniform(7).name() == "unsigned-7");
}

TEST_CASE("powers of two") {
  for (const int bits : {3, 4}) {
    const lfnc::power_of_two book(bits);
    check_both(book, tie::to_zero);
    CHECK(book.level_count() == (1 << bits) - 1);
    CHECK(book.level(book.level_count() - 1) == (bits == 3 ? 4 : 64));
    CHECK(book.symmetric());
  }
  CHECK(lfnc::power_of_two(4).name() == "power-of-two-4");
}

TEST_CASE("published powers of two follow the published rounding") {
  // |x| is rounded to the nearer of its two neighbouring powers of two, a tie going down; what is
  // then at most 1/2 becomes 0; above the top it saturates.
  const auto published = [](double x) {
    if (x == 0) return 0.0;
    const double magnitude = std::abs(x);
    const double below = std::exp2(std::floor(std::log2(magnitude)));
    double level = magnitude > 1.5 * below ? 2 * below : below;
    if (level <= 0.5) level = 0;
    return std::copysign(std::min(level, 64.0), x);
  };
  const auto book = lfnc::power_of_two::published(4);
  CHECK_FALSE(book.nearest());
  CHECK(book.name() == "published-power-of-two-4");
  generator random(5);
  int wrong = 0;
  for (int k = 0; k < 20000; ++k) {
    const auto x = static_cast<float>(std::exp2(random.uniform(-4, 8)) * random.uniform(-1, 1));
    wrong += book.decode(book.encode(x)) != published(static_cast<double>(x));
    const auto y = static_cast<double>(x);
    wrong += book.decode(book.encode(y)) != published(y);
  }
  CHECK(wrong == 0);
  for (const double x : {0.75, 1.5, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0, -0.75, -1.5, -48.0, 0.0}) {
    CAPTURE(x);
    CHECK(book.decode(book.encode(x)) == published(x));
    CHECK(book.decode(book.encode(static_cast<float>(x))) == published(x));
  }
  CHECK(book.encode(std::nextafter(0.75F, 1.0F)) == 1);
  CHECK(book.encode(0.75F) == 0);
}

TEST_CASE("a user's own levels") {
  check_both(levels_of({-12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12}), tie::down);
  check_both(levels_of({-1, 1}), tie::down);
  check_both(levels_of({-1.5, -0.25, 0, 0.5, 3}), tie::down);
  check_both(levels_of({1, 2, 4}), tie::down);
  check_both(levels_of({-4, -2, -1}), tie::down);
  const lfnc::levels book = levels_of({-1.5, -0.25, 0, 0.5, 3});
  CHECK(book.encode(0.6F) == 3);  // a code is an index
  CHECK(book.bits() == 3);
  CHECK(book.name() == "levels-5");
  CHECK(levels_of({-1, 1}).bits() == 1);
  std::vector<double> most(128);
  for (std::size_t k = 0; k < most.size(); ++k) most[k] = static_cast<double>(k) - 63.5;
  check_both(levels_of(most), tie::down);
  CHECK(levels_of(most).bits() == 7);
}

TEST_CASE("bits out of range are refused") {
  for (const int bits : {-1, 0, 1, 9, 100}) {
    CHECK_REFUSED(lfnc::uniform(bits), "bits: " + std::to_string(bits) + " is not in 2..8");
  }
  CHECK_REFUSED(lfnc::unsigned_uniform(0), "bits: 0 is not in 1..8");
  CHECK_REFUSED(lfnc::unsigned_uniform(9), "bits");
  CHECK_REFUSED(lfnc::power_of_two(2), "bits: 2 is not in 3..4");
  CHECK_REFUSED(lfnc::power_of_two(5), "bits");
  CHECK_REFUSED(lfnc::power_of_two::published(5), "bits");
}

TEST_CASE("levels that are no codebook are refused, naming the level") {
  CHECK_REFUSED(levels_of({}), "levels: 0 levels, 2..128");
  CHECK_REFUSED(levels_of({1}), "levels: 1 levels");
  CHECK_REFUSED(levels_of(std::vector<double>(129)), "levels: 129 levels");
  CHECK_REFUSED(levels_of({0, 1, 1}), "levels: level 2 is not above the one before");
  CHECK_REFUSED(levels_of({0, 2, 1}), "levels: level 2 is not above");
  CHECK_REFUSED(levels_of({0, 1, std::nan("")}), "levels: level 2 is not finite");
  CHECK_REFUSED(levels_of({0, std::numeric_limits<double>::infinity()}), "level 1 is not finite");
  CHECK_REFUSED(levels_of({0, 1e39}), "level 1 is not finite");
  CHECK_REFUSED(levels_of({1, 1 + 1e-12}), "level 1 is not above");
}

TEST_CASE("levels are written as a list, of whole numbers too") {
  const lfnc::levels own{-1, 0, 2.5};
  REQUIRE(own.level_count() == 3);
  CHECK(own.level(0) == -1);
  CHECK(own.level(2) == 2.5);
  CHECK_FALSE(own.symmetric());
  const std::vector<double> same{-1, 0, 2.5};
  CHECK(lfnc::levels{same}.level(2) == 2.5);
  CHECK(lfnc::levels{-3, 0, 3}.symmetric());
  CHECK(lfnc::codebook_type<lfnc::levels>);
  CHECK_REFUSED((lfnc::levels{1}), "levels: 1 levels, 2..128 are possible");
  CHECK_REFUSED((lfnc::levels{0, 2, 1}), "levels: level 2 is not above the one before");
}
