// Threads of OpenMP that sleep while they wait, however a program is started.
#pragma once

#include <cstdlib>

#if defined(__linux__)
#include <unistd.h>
#endif

namespace support {

// To be called first in main, with its argv. Threads that spin while they wait take the processor
// from those that they wait for: on a busy machine a program takes many times as long. OpenMP reads
// what it is to do from the environment before main begins, so the program sets OMP_WAIT_POLICY and
// starts itself once more. What the user has set stays; where the program cannot be started again,
// it goes on as it is.
inline void wait_passively(char** argv) {
#if defined(__linux__)
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  if (setenv("OMP_WAIT_POLICY", "passive", 1) == 0) execv("/proc/self/exe", argv);
#else
  (void)argv;
#endif
}

}  // namespace support
