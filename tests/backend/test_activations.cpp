// Codes of activations against the CPU's: equal bit by bit for equal alpha, whatever the value.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <vector>

#include "../support/random.hpp"
#include "compare.hpp"

using lfnc::index_t;

namespace {

// Values of every kind: any bits at all (so NaN, infinities, denormals), ordinary ones, and ties.
std::vector<float> values_of_every_kind(std::uint64_t seed, std::size_t count, double alpha) {
  generator random(seed);
  std::vector<float> values(count);
  for (std::size_t k = 0; k < count; ++k) {
    switch (k % 4) {
      case 0:
        values[k] = __builtin_bit_cast(float, static_cast<std::uint32_t>(random.next()));
        break;
      case 1:
        values[k] = static_cast<float>((random.below(600) - 300 + 0.5) * alpha);
        break;
      case 2:
        values[k] = static_cast<float>(random.uniform(-200, 200) * alpha);
        break;
      default:
        values[k] = static_cast<float>(random.uniform(-1e-38, 1e-38));
    }
  }
  const float special[] = {0.0F,
                           -0.0F,
                           std::numeric_limits<float>::quiet_NaN(),
                           std::numeric_limits<float>::infinity(),
                           -std::numeric_limits<float>::infinity(),
                           std::numeric_limits<float>::max(),
                           std::numeric_limits<float>::lowest(),
                           std::numeric_limits<float>::min(),
                           std::numeric_limits<float>::denorm_min(),
                           0.49999997F,
                           -0.49999997F};
  std::copy_n(special, std::min(count, std::size(special)), values.begin());
  return values;
}

template <class T, class Space>
lfnc::tensor_view<T, 1, Space> row(T* data, std::size_t count, Space) {
  return {data, {static_cast<index_t>(count)}, {1}};
}

template <class T, class Code>
void check_activations(const std::vector<T>& values, const lfnc::activation_grid& grid) {
  const std::size_t count = values.size();
  const backend::space space;
  const backend::memory<T> in(values);
  const auto there = row(static_cast<const T*>(in.data()), count, space);
  const auto here = row(values.data(), count, lfnc::host_space{});

  std::vector<Code> codes(count);
  const backend::memory<Code> codes_there(codes);
  lfnc::quantize(lfnc::cpu{}, here, row(codes.data(), count, lfnc::host_space{}), grid);
  backend::run([&](const auto& policy) {
    quantize(policy, there, row(codes_there.data(), count, space), grid);
  });
  CHECK_SAME_BITS(codes, codes_there.host());

  std::vector<T> fake(count);
  const backend::memory<T> fake_there(fake);
  lfnc::fake_quantize(lfnc::cpu{}, here, row(fake.data(), count, lfnc::host_space{}), grid);
  backend::run([&](const auto& policy) {
    fake_quantize(policy, there, row(fake_there.data(), count, space), grid);
  });
  CHECK_SAME_BITS(fake, fake_there.host());

  std::vector<T> back(count);
  const backend::memory<T> back_there(back);
  lfnc::dequantize(lfnc::cpu{}, row(codes.data(), count, lfnc::host_space{}),
                   row(back.data(), count, lfnc::host_space{}), grid);
  backend::run([&](const auto& policy) {
    dequantize(policy, row(codes_there.data(), count, space), row(back_there.data(), count, space),
               grid);
  });
  CHECK_SAME_BITS(back, back_there.host());
}

template <class T>
std::vector<T> converted(const std::vector<float>& values) {
  std::vector<T> result(values.size());
  std::ranges::transform(values, result.begin(), [](float x) { return static_cast<T>(x); });
  return result;
}

}  // namespace

// LFNC_TEST_VALUES in the environment is how many (default: a million).
TEST_CASE("codes of values of every kind") {
  const char* wanted = std::getenv("LFNC_TEST_VALUES");
  std::size_t left = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 1000000;
  for (std::uint64_t part = 0; left > 0; ++part) {
    const std::size_t count = std::min<std::size_t>(left, 5000011);
    const double alpha = part % 2 == 0 ? 0.05 : 0.0078125;
    const auto values = values_of_every_kind(part, count, alpha);
    check_activations<float, std::uint8_t>(values, {alpha, 0, 255});
    check_activations<float, std::int8_t>(values, {alpha, -127, 127});
    left -= count;
  }
}

TEST_CASE("a tensor large enough for deep tasks") {
  const auto values = values_of_every_kind(4, (std::size_t{1} << 22) + 77, 0.05);
  check_activations<float, std::uint8_t>(values, {0.05, 0, 255});
}

TEST_CASE("the published division, and other types") {
  const auto values = values_of_every_kind(77, 20011, 0.1);
  check_activations<float, std::uint8_t>(values, {0.1, 0, 127, lfnc::scaling::division});
  check_activations<double, std::uint8_t>(converted<double>(values), {0.1, 0, 255});
  check_activations<lfnc::float16, std::uint8_t>(converted<lfnc::float16>(values), {0.1, 0, 255});
  check_activations<lfnc::bfloat16, std::uint8_t>(converted<lfnc::bfloat16>(values), {0.1, 0, 255});
}
