#include <lfnc/exact_sum.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/random.hpp"

using lfnc::exact_sum;

namespace {

// The sum of doubles as a big integer in units of 2^-1074: 16-bit digits, every addition carried at
// once.
class big_integer {
 public:
  void add(double value) {
    int exponent = 0;
    auto mantissa = static_cast<std::int64_t>(std::ldexp(std::frexp(value, &exponent), 53));
    int position = exponent - 53 + 1074;
    for (; position < 0; ++position) mantissa /= 2;  // subnormal: the bits shifted out are 0
    auto k = static_cast<std::size_t>(position / 16);
    const int shift = position % 16;
    const std::int64_t sign = mantissa < 0 ? -1 : 1;
    auto rest = static_cast<std::uint64_t>(mantissa < 0 ? -mantissa : mantissa);
    std::int64_t carry = 0;
    for (std::uint64_t spill = 0; rest != 0 || spill != 0 || carry != 0; ++k) {
      const std::uint64_t piece = ((rest & 0xFFFFU) << shift) + spill;
      rest >>= 16;
      spill = piece >> 16;
      if (k == digit_.size()) break;
      const std::int64_t total =
          digit_[k] + sign * static_cast<std::int64_t>(piece & 0xFFFFU) + carry;
      digit_[k] = total & 0xFFFF;
      carry = total >> 16;
    }
  }

  // The canonical digits of exact_sum: the top one carries the sign.
  bool matches(exact_sum sum) const {
    sum.normalize();
    for (std::size_t k = 0; k < exact_sum::words; ++k) {
      auto expected = digit_[2 * k] + digit_[2 * k + 1] * 65536;
      if (k + 1 == exact_sum::words && expected >= (std::int64_t{1} << 31)) {
        expected -= std::int64_t{1} << 32;
      }
      if (sum.digit[k] != expected) return false;
    }
    return sum.pending == 0;
  }

 private:
  std::array<std::int64_t, 2 * exact_sum::words> digit_{};  // two's complement as a whole
};

double any_double(generator& random, int lowest, int highest) {
  const double mantissa = random.uniform(1, 2);
  const double value = std::ldexp(mantissa, lowest + random.below(highest - lowest + 1));
  return random.below(2) == 0 ? value : -value;
}

exact_sum sum_of(const std::vector<double>& values) {
  exact_sum sum;
  for (const double value : values) sum.add(value);
  return sum;
}

void shuffle(std::vector<double>& values, generator& random) {
  for (std::size_t k = values.size(); k > 1; --k) {
    std::swap(values[k - 1], values[static_cast<std::size_t>(random.below(static_cast<int>(k)))]);
  }
}

}  // namespace

TEST_CASE("sums over the whole range of double equal those of a big integer") {
  generator random(1);
  for (int round = 0; round < 200; ++round) {
    const int lowest = round % 4 == 0 ? -1080 : -300 + random.below(500);
    const int highest = round % 4 == 0 ? 1023 : lowest + random.below(200);
    exact_sum sum;
    big_integer reference;
    for (int k = 0; k < 200; ++k) {
      const double value = any_double(random, lowest, highest);
      sum.add(value);
      reference.add(value);
    }
    REQUIRE(reference.matches(sum));
  }
}

TEST_CASE("single values come back as they were, at both ends of the range") {
  using limits = std::numeric_limits<double>;
  std::vector<double> values{0.0,           1.0,           -1.0,        limits::denorm_min(),
                             limits::min(), limits::max(), 0x1p-1060,   -limits::max(),
                             0x1p1023,      -0x1p-1074,    0x1.8p-1073, 0x1.fffffffffffffp-1022};
  generator random(2);
  for (int k = 0; k < 2000; ++k) values.push_back(any_double(random, -1074, 1023));
  for (const double value : values) {
    exact_sum sum;
    sum.add(value);
    REQUIRE(sum.value() == value);
    sum.add(-value);
    REQUIRE(sum == exact_sum{});
    REQUIRE(sum.value() == 0);
  }
}

TEST_CASE("what cancels is lost by plain addition and kept here") {
  exact_sum sum;
  for (const double value : {1e300, 1.0, -1e300, 1e-300, 5e-324, -1.0, -1e-300}) sum.add(value);
  CHECK(sum.value() == 5e-324);
  exact_sum negative;
  for (const double value : {-1e300, -1.0, 1e300}) negative.add(value);
  CHECK(negative.value() == -1);
}

TEST_CASE("order, splits and merges do not matter") {
  generator random(3);
  std::vector<double> values;
  for (int k = 0; k < 3000; ++k) values.push_back(any_double(random, -200, 200));
  const exact_sum expected = sum_of(values);
  for (int round = 0; round < 20; ++round) {
    shuffle(values, random);
    std::vector<exact_sum> parts(static_cast<std::size_t>(1 + random.below(9)));
    for (const double value : values) {
      parts[static_cast<std::size_t>(random.below(static_cast<int>(parts.size())))].add(value);
    }
    exact_sum total;
    for (const exact_sum& part : parts) total.add(part);
    CHECK(total == expected);
    CHECK(total.value() == expected.value());
    total.normalize();
    exact_sum canonical = expected;
    canonical.normalize();
    CHECK(std::ranges::equal(total.digit, canonical.digit));
  }
  exact_sum other = expected;
  other.add(5e-324);
  CHECK_FALSE(other == expected);
}

TEST_CASE("many values at once add up as one by one") {
  generator random(5);
  for (int round = 0; round < 100; ++round) {
    std::vector<double> values(static_cast<std::size_t>(random.below(60)));
    for (double& value : values) {
      // Runs of one magnitude, jumps to others, zeros and changes of sign.
      const int exponent = random.below(5) == 0 ? random.below(2000) - 1000 : random.below(40);
      value = random.below(6) == 0 ? 0 : std::ldexp(random.gaussian(), exponent);
    }
    exact_sum one_by_one;
    for (const double value : values) one_by_one.add(value);
    exact_sum at_once;
    at_once.add(values.data(), static_cast<std::int64_t>(values.size()));
    CHECK(at_once == one_by_one);
  }
  // Where the carries are due in the middle.
  exact_sum nearly;
  nearly.add(0x1p40);
  nearly.pending = (std::int64_t{1} << 29) - 3;
  exact_sum other = nearly;
  const std::vector<double> six(6, -0x1.fffffffffffffp30);
  nearly.add(six.data(), 6);
  for (const double value : six) other.add(value);
  CHECK(nearly == other);
  CHECK(nearly.pending <= 6);
}

TEST_CASE("the value is within one unit in the last place of the sum") {
  generator random(4);
  double worst = 0;
  for (int round = 0; round < 3000; ++round) {
    exact_sum sum;
    // Exact in 64 bits of mantissa: long double is the reference.
    long double reference = 0;
    const int base = random.below(1900) - 1000;
    for (int k = 0; k < 5; ++k) {
      const double value =
          std::ldexp(static_cast<double>(static_cast<std::int64_t>(random.next() >> 12)) *
                         (random.below(2) == 0 ? 1 : -1),
                     base - 52 + random.below(8));
      sum.add(value);
      reference += value;
    }
    const double value = sum.value();
    const double unit = std::nextafter(std::abs(value), 1e308) - std::abs(value);
    worst = std::max(worst, static_cast<double>(std::abs(value - reference) / unit));
  }
  CHECK(worst <= 1);
}

TEST_CASE("sums beyond the range of double are infinite, and come back into it") {
  const double top = std::numeric_limits<double>::max();
  exact_sum sum;
  sum.add(top);
  sum.add(top);
  CHECK(sum.value() == std::numeric_limits<double>::infinity());
  sum.add(-top);
  CHECK(sum.value() == top);
  for (int k = 0; k < 3; ++k) sum.add(-top);
  CHECK(sum.value() == -std::numeric_limits<double>::infinity());
}

TEST_CASE("carries are propagated before the digits are full") {
  exact_sum sum;
  sum.pending = (std::int64_t{1} << 29) - 2;
  sum.add(1);
  CHECK(sum.pending == (std::int64_t{1} << 29) - 1);
  sum.add(1);
  CHECK(sum.pending == 0);
  CHECK(sum.value() == 2);

  // 2^29 - 1 additions of the value that fills its digits most, on top of full canonical digits.
  for (const double sign : {1.0, -1.0}) {
    exact_sum many;
    std::fill(std::begin(many.digit), std::end(many.digit), 0xFFFFFFFF);
    many.digit[exact_sum::words - 1] = 0;
    exact_sum before = many;
    const double value = sign * 0x1.fffffffffffffp-1000;
    exact_sum one;
    one.add(value);
    constexpr std::int64_t count = (std::int64_t{1} << 29) - 1;
    for (std::size_t k = 0; k < exact_sum::words; ++k) many.digit[k] += count * one.digit[k];
    many.normalize();
    for (const std::int64_t digit : many.digit) {
      CHECK(digit <= 0xFFFFFFFF);
      CHECK(digit >= -1);
    }
    // Taking off count * value as doubles, which are exact in two parts, leaves what was there.
    many.add(-value * 0x1p29);
    many.add(value);
    CHECK(many == before);
  }
}

TEST_CASE("taking the leading part again and again unfolds the sum exactly") {
  generator random(5);
  for (int round = 0; round < 300; ++round) {
    exact_sum sum;
    for (int k = 0; k < 20; ++k) sum.add(any_double(random, -1074, 1000));
    exact_sum rest = sum;
    exact_sum rebuilt;
    double last = std::numeric_limits<double>::infinity();
    int parts = 0;
    for (double part = rest.take_leading(); part != 0; part = rest.take_leading()) {
      REQUIRE(std::abs(part) < last);
      last = std::abs(part);
      rebuilt.add(part);
      REQUIRE(++parts < 100);
    }
    CHECK(rebuilt == sum);
    CHECK(rest == exact_sum{});
  }
}

TEST_CASE("sums may be taken at compile time") {
  constexpr double total = [] {
    exact_sum sum;
    sum.add(1e16);
    sum.add(1.0);
    sum.add(-1e16);
    return sum.value();
  }();
  static_assert(total == 1.0);
}

TEST_CASE("many values at once give the same sum as one by one") {
  generator random(9);
  const auto check = [](const std::vector<double>& values) {
    for (const std::size_t begin : {std::size_t{0}, values.size() / 3}) {
      exact_sum together;
      together.add(values.data() + begin, static_cast<std::int64_t>(values.size() - begin));
      big_integer expected;
      for (std::size_t k = begin; k < values.size(); ++k) expected.add(values[k]);
      CHECK(expected.matches(together));
    }
  };
  // Of one magnitude, of many, and of all that there are: near overflow and below the normal ones.
  const int ranges[][2] = {{0, 0},       {-5, 5},        {-40, 40},    {-60, 20},
                           {-500, 500},  {-1074, 1023},  {1000, 1023}, {890, 910},
                           {-910, -890}, {-1074, -1000}, {-100, -10}};
  for (const auto& range : ranges) {
    for (int round = 0; round < 40; ++round) {
      std::vector<double> values(static_cast<std::size_t>(random.below(150)));
      for (double& value : values) value = any_double(random, range[0], range[1]);
      check(values);
      for (double& value : values) value = random.below(3) == 0 ? 0.0 : value;
      check(values);
      // What cancels to the last bit.
      std::vector<double> both = values;
      for (const double value : values) both.push_back(-value);
      shuffle(both, random);
      check(both);
    }
  }
  // The largest magnitude a power of two, and one bit below it; all of one sign.
  for (const double top : {1.0, 2 - 0x1p-52, -1.0, -2 + 0x1p-52}) {
    check(std::vector<double>(64, top));
    std::vector<double> values(64, top);
    for (std::size_t k = 0; k < 64; k += 3) values[k] = std::ldexp(top, -static_cast<int>(k));
    check(values);
  }
}
