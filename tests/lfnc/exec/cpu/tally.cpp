#include <lfnc/exec/cpu/tally.hpp>

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
  template <class T>
  with_scale loaded() const {
    return {*scale};
  }
  int operator()(float x) const { return loaded<float>()(x); }
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
        lfnc::detail::tally_run(set, values.data(), stride, count, plain, 39, found.data());
        CHECK(found == expected);
        lfnc::detail::tally_run(set, values.data(), stride, count, whole_part{&scale}, 39,
                                found.data());
        for (std::uint32_t& n : expected) n *= 2;
        CHECK(found == expected);
      }
    }
  });
}

}  // namespace

TEST_CASE("the last bin is spread over several counts, which are summed in the end") {
  std::vector<float> values(1000, 1);
  for (std::size_t k = 0; k < values.size(); k += 7) values[k] = 0;
  const auto bin = [](float x) { return x == 1 ? 70 : 3; };
  for_each_instruction_set([&](lfnc::instruction_set set) {
    std::vector<std::uint32_t> counts(71 + lfnc::detail::last_places - 1);
    lfnc::detail::tally_run(set, values.data(), 1, 1000, bin, 70, counts.data());
    for (std::size_t k = 70; k < counts.size(); ++k) CHECK(counts[k] < 1000 / 7);
    std::vector<std::uint64_t> total(71, std::uint64_t{1} << 40);
    lfnc::detail::add_counts(set, counts.data(), 71, total.data());
    for (std::size_t k = 0; k < 71; ++k) {
      CHECK(total[k] == (std::uint64_t{1} << 40) + (k == 3 ? 143 : k == 70 ? 857 : 0));
    }
  });
}

TEST_CASE("every element is counted once, on every instruction set") {
  check_tally<float>();
  check_tally<lfnc::float16>();
}
