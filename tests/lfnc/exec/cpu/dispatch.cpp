#include <lfnc/exec/cpu/dispatch.hpp>

#include <cstdlib>
#include <vector>

#include "support/check.hpp"
#include "support/instruction_sets.hpp"

using lfnc::instruction_set;

namespace {

struct note_bytes {
  int* bytes;
  template <int Bytes>
  LFNC_INLINE void run() const {
    *bytes = Bytes;
  }
};

// What the CPU would be found to have with LFNC_MAX_ISA at `value`.
instruction_set found_with(const char* value) {
  setenv("LFNC_MAX_ISA", value, 1);
  struct restore {
    ~restore() { unsetenv("LFNC_MAX_ISA"); }
  } const at_end;
  return lfnc::detail::find_instruction_set();
}

}  // namespace

TEST_CASE("a limit is kept to, and does not give what the CPU lacks") {
  std::vector<instruction_set> sets;
  for_each_instruction_set([&](instruction_set set) {
    CHECK(lfnc::used_instruction_set() == set);
    sets.push_back(set);
  });
  REQUIRE(!sets.empty());
  CHECK(sets.front() == instruction_set::baseline);
  CHECK(lfnc::used_instruction_set() == sets.back());
}

TEST_CASE("a set runs the loops that were cut for it") {
  for_each_instruction_set([](instruction_set set) {
    int bytes = 0;
    lfnc::detail::run_vectors(set, note_bytes{&bytes});
    CHECK(bytes == 16 << static_cast<int>(set));
  });
}

TEST_CASE("the environment limits the set") {
  const instruction_set widest = found_with("avx512");
  CHECK(found_with("baseline") == instruction_set::baseline);
  CHECK(found_with("avx2") == (widest < instruction_set::avx2 ? widest : instruction_set::avx2));
  CHECK_REFUSED(found_with("avx3"), "LFNC_MAX_ISA: avx3 is none of baseline, avx2 and avx512");
  CHECK_REFUSED(found_with(""), "LFNC_MAX_ISA");
}

TEST_CASE("pieces cover a range in order") {
  std::vector<int> seen;
  lfnc::detail::in_pieces<3, 15, 4>([&](int k) { seen.push_back(k); });
  CHECK(seen == std::vector<int>{3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14});
}
