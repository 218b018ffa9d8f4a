#include <lfnc/exec/tally_run.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/random.hpp"

using lfnc::index_t;

namespace {

struct whole_part {
  const float* scale;

  struct with_scale {
    float scale;
    int operator()(float x) const { return static_cast<int>(x * scale); }
  };
  with_scale loaded() const { return {*scale}; }
  int operator()(float x) const { return loaded()(x); }
};

template <class T>
void check_tally() {
  generator random(1);
  std::vector<T> values(2000);
  for (T& x : values) x = static_cast<T>(static_cast<float>(random.uniform()));
  const float scale = 30;
  const auto plain = [](float x) { return static_cast<int>(x * 30); };
  for_each_instruction_set([&](lfnc::instruction_set set) {
    for (const index_t stride : {1, 3}) {
      for (const index_t count : {0, 1, 63, 64, 65, 500}) {
        std::vector<std::uint32_t> expected(40);
        for (index_t k = 0; k < count; ++k) {
          const auto x = values[static_cast<std::size_t>(k * stride)];
          ++expected[static_cast<std::size_t>(plain(static_cast<float>(x)))];
        }
        std::vector<std::uint32_t> found(40);
        lfnc::detail::tally_run(set, values.data(), stride, count, plain, found.data());
        CHECK(found == expected);
        lfnc::detail::tally_run(set, values.data(), stride, count, whole_part{&scale},
                                found.data());
        for (std::uint32_t& n : expected) n *= 2;
        CHECK(found == expected);
      }
    }
  });
}

}  // namespace

TEST_CASE("every element is counted once, on every instruction set") {
  check_tally<float>();
  check_tally<lfnc::float16>();
}
