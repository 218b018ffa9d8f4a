#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>

#include "backend.hpp"

// Where the backend cannot run, nothing passes: the whole program is reported as skipped.
int main(int argc, char** argv) {
  const std::string reason = backend::why_not();
  if (!reason.empty()) {
    std::printf("skipped: tests on %s: %s\n", backend::name().c_str(), reason.c_str());
    return 77;
  }
  std::printf("backend: %s\n", backend::name().c_str());
  return doctest::Context(argc, argv).run();
}
