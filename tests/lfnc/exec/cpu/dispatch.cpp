#include <lfnc/exec/cpu/dispatch.hpp>

#include <vector>

#include "support/check.hpp"
#include "support/instruction_sets.hpp"

using lfnc::instruction_set;

namespace {

// AVX-512 is for a body that says it gains from it.
template <bool Gains>
struct note_bytes {
  static constexpr bool gains_from_avx512 = Gains;
  int* bytes;
  template <int Bytes>
  LFNC_INLINE void run() const {
    *bytes = Bytes;
  }
};

// For x86 without AVX2 a body may have plain loops.
struct note_plain : note_bytes<false> {
  void plain() const { *bytes = 1; }
};

}  // namespace

TEST_CASE("a set runs the loops that were cut for it") {
  for_each_instruction_set([](instruction_set set) {
    int bytes = 0;
    lfnc::detail::run_vectors(set, note_bytes<true>{&bytes});
    CHECK(bytes == 16 << static_cast<int>(set));
    lfnc::detail::run_vectors(set, note_bytes<false>{&bytes});
    CHECK(bytes == (set == instruction_set::baseline ? 16 : 32));
    lfnc::detail::run_vectors(set, note_plain{{&bytes}});
    const int least = LFNC_X86_TARGETS != 0 ? 1 : 16;
    CHECK(bytes == (set == instruction_set::baseline ? least : 32));
    if (lfnc::detail::has_wide_vectors(set)) {
      lfnc::detail::run_wide_vectors(set, note_plain{{&bytes}});
      CHECK(bytes == (LFNC_X86_TARGETS != 0 ? 32 : 16));
    }
  });
}

TEST_CASE("pieces cover a range in order") {
  std::vector<int> seen;
  lfnc::detail::in_pieces<3, 15, 4>([&](int k) { seen.push_back(k); });
  CHECK(seen == std::vector<int>{3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14});
}
