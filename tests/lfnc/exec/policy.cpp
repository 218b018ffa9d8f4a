#include <lfnc/exec/policy.hpp>

#include <cstdlib>
#include <vector>

#include "support/check.hpp"
#include "support/instruction_sets.hpp"

using lfnc::instruction_set;

namespace {

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

TEST_CASE("the environment limits the set") {
  const instruction_set widest = found_with("avx512");
  CHECK(found_with("baseline") == instruction_set::baseline);
  CHECK(found_with("avx2") == (widest < instruction_set::avx2 ? widest : instruction_set::avx2));
  CHECK_REFUSED(found_with("avx3"), "LFNC_MAX_ISA: avx3 is none of baseline, avx2 and avx512");
  CHECK_REFUSED(found_with(""), "LFNC_MAX_ISA");
}

TEST_CASE("the policy that says nothing leaves threads to the machine") {
  const lfnc::cpu policy;
  CHECK(policy.threads == 0);
  CHECK((policy.hook == nullptr));
  CHECK(policy.context == nullptr);
}
