#include <lfnc/exec/scratch.hpp>

#include <doctest/doctest.h>

#include <cstdint>

TEST_CASE("scratch memory is zero, aligned, and apart from what was taken before") {
  lfnc::detail::host_scratch scratch;
  double* first = scratch.take<double>(1000);
  std::uint8_t* bytes = scratch.take<std::uint8_t>(3);
  double* second = scratch.take<double>(1000);
  CHECK(reinterpret_cast<std::uintptr_t>(second) % alignof(double) == 0);
  for (int k = 0; k < 1000; ++k) {
    CHECK(first[k] == 0);
    first[k] = k;
  }
  for (int k = 0; k < 3; ++k) bytes[k] = 255;
  for (int k = 0; k < 1000; ++k) CHECK(second[k] == 0);
  for (int k = 0; k < 1000; ++k) CHECK(first[k] == k);
  CHECK_NOTHROW(static_cast<void>(scratch.take<double>(0)));
}
