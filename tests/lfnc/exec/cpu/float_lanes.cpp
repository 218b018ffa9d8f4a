#include <lfnc/exec/cpu/float_lanes.hpp>

#include <doctest/doctest.h>

#include <cmath>

#if LFNC_SHUFFLES

#include "support/instruction_sets.hpp"

namespace {

using lfnc::detail::field_lanes;
using lfnc::detail::float_vector;

// Lane l of 16 begins as 2^l; products of 1 + 2^-12 with itself are added, which fused would keep
// the 2^-24 that rounding drops.
struct lanes_of_powers {
  float merged[4];
  float product[16];

  template <int Bytes>
  LFNC_INLINE void run_into() {
    constexpr int count = field_lanes<Bytes>::count;
    constexpr int width = 16 / count;
    field_lanes<Bytes> field;
    field.clear();
    lfnc::detail::for_each_number<count>([&](auto k) LFNC_INLINED {
      float_vector<Bytes> x{};
      for (int j = 0; j < width; ++j) x[j] = std::ldexp(1.0F, k * width + j);
      field.add(k, x);
    });
    float_vector<16> four;
    field.merge(four);
    for (int j = 0; j < 4; ++j) merged[j] = four[j];
    field.clear();
    lfnc::detail::for_each_number<count>([&](auto k) LFNC_INLINED {
      const float_vector<Bytes> x = float_vector<Bytes>{} + 0x1.001p0F;
      const float_vector<Bytes> minus = float_vector<Bytes>{} - 0x1.002p0F;
      field.add(k, minus);
      field.add_product(k, x, x);
      for (int j = 0; j < width; ++j) product[k * width + j] = field.lane[int{k}][j];
    });
  }
};

struct run_powers {
  lanes_of_powers* found;

  template <int Bytes>
  LFNC_INLINE void run() const {
    found->run_into<Bytes>();
  }
};

}  // namespace

TEST_CASE("lane j takes lane j + 8, then j + 4, and products are rounded before they are added") {
  for_each_instruction_set([](lfnc::instruction_set set) {
    CAPTURE(static_cast<int>(set));
    lanes_of_powers found{};
    lfnc::detail::run_vectors(set, run_powers{&found});
    for (int j = 0; j < 4; ++j) {
      CHECK(found.merged[j] == std::ldexp(1.0F, j) * (1 + 16 + 256 + 4096));
    }
    for (const float rest : found.product) CHECK(rest == 0);
  });
}

TEST_CASE("four rows of four lanes are merged side by side") {
  using four = float_vector<16>;
  const four part[4] = {four{1, 2, 4, 8}, four{16, 32, 64, 128}, four{256, 512, 1024, 2048},
                        four{0, -1, 0x1p24F, 1}};
  four merged;
  lfnc::detail::merge_four(part, merged);
  const float expected[4] = {15, 240, 3840, 0x1p24F};  // the last (0 + 2^24) + (-1 + 1)
  for (int k = 0; k < 4; ++k) {
    const float found = merged[k];
    CHECK(found == expected[k]);
  }
}

namespace {

// Lane j of part k is 2^(j + k); part 5 is 2^24, to which -1 and 1 can only be added in this order.
struct run_merge_eight {
  float* found;

  template <int Bytes>
  LFNC_INLINE void run() const {
    using eight = float_vector<32>;
    eight part[8];
    for (int k = 0; k < 8; ++k) {
      for (int j = 0; j < 8; ++j) part[k][j] = std::ldexp(1.0F, j + k);
    }
    part[5] = eight{0x1p24F, 1, 0, 0, -1, 0, 0, 0};
    eight merged;
    lfnc::detail::merge_eight(part, merged);
    for (int k = 0; k < 8; ++k) found[k] = merged[k];
  }
};

}  // namespace

TEST_CASE("eight rows of eight lanes are merged side by side") {
  for_each_instruction_set([](lfnc::instruction_set set) {
    CAPTURE(static_cast<int>(set));
    float found[8];
    lfnc::detail::run_vectors(set, run_merge_eight{found});
    for (int k = 0; k < 8; ++k) {
      CHECK(found[k] == (k == 5 ? 0x1p24F : std::ldexp(255.0F, k)));
    }
  });
}

#else

TEST_CASE("vectors") { MESSAGE("skipped: float lanes: this compiler or processor has none"); }

#endif
