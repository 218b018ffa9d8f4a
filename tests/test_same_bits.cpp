// The same answer everywhere: results on fixed data, down to the last bit. Compiled twice, as usual
// and optimized for a processor with fused multiply-add, and run by every compiler: all must agree
// with the numbers that stand here. They change only where the arithmetic itself is changed.
#include <lfnc/quantize.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "support/random.hpp"

namespace {

// FNV-1a over the bytes of values.
class digest {
 public:
  void add(std::uint64_t word) {
    for (int k = 0; k < 8; ++k) hash_ = (hash_ ^ ((word >> (8 * k)) & 0xFFU)) * 0x100000001B3U;
  }
  void add(double value) { add(std::bit_cast<std::uint64_t>(value)); }
  void add(float value) { add(std::uint64_t{std::bit_cast<std::uint32_t>(value)}); }

  std::string text() const {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash_));
    return digits;
  }

 private:
  std::uint64_t hash_ = 0xCBF29CE484222325U;
};

template <class T>
std::vector<T> values(std::size_t count, std::uint64_t seed, double spread) {
  generator random(seed);
  std::vector<T> made(count);
  for (T& x : made) x = static_cast<T>(spread * random.bell());
  return made;
}

template <class T, class Codebook>
void add_weights(digest& hash, const Codebook& book, lfnc::solver solver,
                 lfnc::index_t length = 300, lfnc::index_t group = 128) {
  const auto weights = values<T>(static_cast<std::size_t>(16 * length), 1, 0.07);
  const auto result = lfnc::quantize_weights(
      lfnc::groups(lfnc::as_view(weights, {16, length}), 0, group), book, {solver, {}});
  for (const lfnc::row_fit& row : result.rows) {
    hash.add(row.alpha);
    hash.add(row.squared_error);
    hash.add(row.relative_error);
  }
  for (const auto code : result.codes) hash.add(static_cast<std::uint64_t>(code));
}

template <class T>
std::string weights_digest(lfnc::solver solver) {
  digest hash;
  for (int bits = 2; bits <= 8; ++bits) add_weights<T>(hash, lfnc::uniform(bits), solver);
  for (const int bits : {3, 4}) add_weights<T>(hash, lfnc::power_of_two(bits), solver);
  add_weights<T>(hash, lfnc::fixed_point(), solver);
  const std::vector<double> uneven{-1.3, -0.4, 0, 0.45, 1.7, 3.1};
  add_weights<T>(hash, lfnc::levels(uneven), solver);
  return hash.text();
}

// Rows that lloyd groups, as far as the codebook lets it.
template <class T>
std::string long_rows_digest() {
  digest hash;
  const auto add = [&](const auto& book) {
    add_weights<T>(hash, book, lfnc::solver::lloyd, 1700, 1700);
  };
  for (int bits = 2; bits <= 6; ++bits) add(lfnc::uniform(bits));
  add(lfnc::power_of_two(4));
  add(lfnc::power_of_two::published(4));
  add(lfnc::levels(std::vector<double>{-1.5, -0.25, 0, 0.5, 3}));
  return hash.text();
}

template <class T>
std::string moments_digest() {
  const auto batch = values<T>(6 * 5 * 143, 2, 3.3);
  std::vector<lfnc::channel_moments> moments(5);
  lfnc::accumulate_moments(lfnc::cpu{}, lfnc::channels(lfnc::as_view(batch, {6, 5, 11, 13}), 1),
                           std::span<lfnc::channel_moments>(moments));
  digest hash;
  for (const auto& channel : moments) {
    hash.add(channel.mean());
    hash.add(channel.variance());
    hash.add(channel.variance(lfnc::variance_kind::unbiased));
  }
  for (const std::byte byte : lfnc::serialize(moments)) {
    hash.add(std::to_integer<std::uint64_t>(byte));
  }
  return hash.text();
}

template <class T>
std::string activations_digest(lfnc::scaling scaling) {
  const auto batch = values<T>(20000, 3, 1.7);
  lfnc::activation_histogram counts;
  lfnc::accumulate_histogram(lfnc::cpu{}, lfnc::as_view(batch), counts);
  digest hash;
  for (const auto method : {lfnc::calibration::exact, lfnc::calibration::lloyd,
                            lfnc::calibration::abs_max, lfnc::calibration::percentile}) {
    for (const int high : {15, 127, 255}) {
      const double alpha = lfnc::calibrate(counts, 0, high, {method, 0.999});
      hash.add(alpha);
      std::vector<std::uint8_t> codes(batch.size());
      lfnc::quantize(lfnc::cpu{}, lfnc::as_view(batch), lfnc::as_view(codes),
                     {alpha, 0, high, scaling});
      for (const std::uint8_t code : codes) hash.add(std::uint64_t{code});
      std::vector<T> fake(batch.size());
      lfnc::fake_quantize(lfnc::cpu{}, lfnc::as_view(batch), lfnc::as_view(fake),
                          {alpha, 0, high, scaling});
      for (const T x : fake) hash.add(x);
    }
  }
  return hash.text();
}

}  // namespace

TEST_CASE("weights by every solver") {
  CHECK(weights_digest<float>(lfnc::solver::exact) == "f79b6139f03d7f3d");
  CHECK(weights_digest<double>(lfnc::solver::exact) == "fb62c5610693ed55");
  CHECK(weights_digest<float>(lfnc::solver::lloyd) == "eb6e526d55aa1fed");
  CHECK(weights_digest<double>(lfnc::solver::lloyd) == "d5d309e8c6eeb3c3");
  CHECK(long_rows_digest<float>() == "c4dff9f9e29283e5");
  CHECK(long_rows_digest<double>() == "5bf3ca8558b3533f");
  CHECK(weights_digest<float>(lfnc::solver::abs_max) == "0f65c3eca55bbdd6");
}

TEST_CASE("moments") {
  CHECK(moments_digest<float>() == "34b911b4d8d2659b");
  CHECK(moments_digest<double>() == "de6ea9449c26bf14");
}

TEST_CASE("activations by every method") {
  CHECK(activations_digest<float>(lfnc::scaling::inverse) == "8d380db33a96c85c");
  CHECK(activations_digest<float>(lfnc::scaling::division) == "8d380db33a96c85c");
  CHECK(activations_digest<double>(lfnc::scaling::inverse) == "f4b6bfee6299329a");
}
