#include <lfnc/detail/sums_beside.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lfnc/exec/cpu/dispatch.hpp>

#include "support/check.hpp"
#include "support/instruction_sets.hpp"
#include "support/random.hpp"

#if LFNC_SHUFFLES

namespace {

// Adds `count` values to each of as many sums as one set takes at a time.
struct add_beside {
  const std::vector<double>& values;
  std::int64_t count;
  std::vector<lfnc::exact_sum>& sums;

  template <int Bytes>
  LFNC_INLINE void run() const {
    constexpr int together = lfnc::detail::sums_together<Bytes>;
    lfnc::detail::add_to_sums<Bytes>(values.data(), count, most, [this](int k) -> lfnc::exact_sum& {
      return sums[static_cast<std::size_t>(k)];
    });
    sums.resize(together);
  }

  static constexpr int most = 16;  // of the widest set
};

}  // namespace

TEST_CASE("sums beside each other are those of one value after the other") {
  generator random(11);
  for_each_instruction_set([&](lfnc::instruction_set set) {
    for (int round = 0; round < 100; ++round) {
      const std::int64_t count = random.below(80);
      std::vector<double> values(static_cast<std::size_t>(count + 1) * add_beside::most);
      // Of one magnitude, so that a vector serves, and of many, so that none does; zeros.
      const int range = round % 3 == 0 ? 2 : round % 3 == 1 ? 60 : 2000;
      for (double& value : values) {
        value = random.below(6) == 0
                    ? 0
                    : std::ldexp(random.gaussian(), random.below(range) - range / 2);
      }
      std::vector<lfnc::exact_sum> sums(add_beside::most);
      lfnc::detail::run_vectors(set, add_beside{values, count, sums});
      for (std::size_t k = 0; k < sums.size(); ++k) {
        lfnc::exact_sum expected;
        for (std::int64_t i = 0; i < count; ++i) {
          expected.add(values[static_cast<std::size_t>(i) * add_beside::most + k]);
        }
        CHECK(sums[k] == expected);
      }
    }
  });
}

#else

TEST_CASE("sums beside each other") {
  MESSAGE("skipped: sums beside each other: this compiler or processor has no vectors for them");
}

#endif
