#include <lfnc/exec/cpu/dispatch.hpp>

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

}  // namespace

TEST_CASE("a set runs the loops that were cut for it") {
  for_each_instruction_set([](instruction_set set) {
    int bytes = 0;
    lfnc::detail::run_vectors(set, note_bytes{&bytes});
    CHECK(bytes == 16 << static_cast<int>(set));
  });
}

TEST_CASE("pieces cover a range in order") {
  std::vector<int> seen;
  lfnc::detail::in_pieces<3, 15, 4>([&](int k) { seen.push_back(k); });
  CHECK(seen == std::vector<int>{3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14});
}
