#include <lfnc/exec/cpu/stream.hpp>

#include <doctest/doctest.h>

#include <cstring>

#include "support/instruction_sets.hpp"

namespace {

struct stream_one {
  const char* line;
  char* target;

  template <int Bytes>
  LFNC_INLINE void run() const {
    lfnc::detail::stream_line<Bytes>(line, target);
    lfnc::detail::end_streaming();
  }
};

}  // namespace

TEST_CASE("a cache line arrives as it was, and what is around it stays") {
  constexpr int size = lfnc::detail::line_bytes;
  for_each_instruction_set([](lfnc::instruction_set set) {
    alignas(size) char line[size];
    alignas(size) char memory[3 * size];
    for (int k = 0; k < size; ++k) line[k] = static_cast<char>(k * 7 + 1);
    std::memset(memory, 99, sizeof memory);
    lfnc::detail::run_vectors(set, stream_one{line, memory + size});
    int wrong = 0;
    for (int k = 0; k < size; ++k) {
      wrong += memory[k] != 99;
      wrong += memory[size + k] != line[k];
      wrong += memory[2 * size + k] != 99;
    }
    CHECK(wrong == 0);
  });
}
