#include <lfnc/exec/cpu/scratch.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <thread>

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

TEST_CASE("memory that served before is zero again, and inner verbs take theirs on top") {
  lfnc::detail::host_scratch outer;
  double* kept = outer.take<double>(100);
  for (int k = 0; k < 100; ++k) kept[k] = k;
  for (int round = 0; round < 3; ++round) {
    lfnc::detail::host_scratch inner;
    double* numbers = inner.take<double>(50);
    for (int k = 0; k < 50; ++k) {
      CHECK(numbers[k] == 0);
      numbers[k] = 1;
    }
    // More than a thread keeps.
    double* many = inner.take<double>(1 << 18);
    for (int k = 0; k < (1 << 18); k += 1000) CHECK(many[k] == 0);
    many[(1 << 18) - 1] = 1;
    double* more = inner.take<double>(50);
    for (int k = 0; k < 50; ++k) {
      CHECK(more[k] == 0);
      more[k] = 1;
    }
    for (int k = 0; k < 50; ++k) CHECK(numbers[k] == 1);
  }
  for (int k = 0; k < 100; ++k) CHECK(kept[k] == k);
}

TEST_CASE("memory that is not set first is memory of its own too") {
  lfnc::detail::host_scratch scratch;
  for (const lfnc::index_t count : {100, 1 << 18}) {
    double* before = scratch.take<double>(count);
    double* raw = scratch.take_raw<double>(count);
    double* after = scratch.take<double>(count);
    CHECK(reinterpret_cast<std::uintptr_t>(raw) % alignof(double) == 0);
    for (lfnc::index_t k = 0; k < count; ++k) raw[k] = 1;
    CHECK((before[0] == 0 && before[count - 1] == 0));
    CHECK((after[0] == 0 && after[count - 1] == 0));
  }
}

TEST_CASE("threads have scratch memory of their own") {
  lfnc::detail::host_scratch here;
  int* mine = here.take<int>(1000);
  mine[0] = 1;
  std::thread other([&] {
    lfnc::detail::host_scratch there;
    int* theirs = there.take<int>(1000);
    CHECK(theirs != mine);
    for (int k = 0; k < 1000; ++k) CHECK(theirs[k] == 0);
  });
  other.join();
  CHECK(mine[0] == 1);
}
