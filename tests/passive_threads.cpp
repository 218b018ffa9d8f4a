// Started without OMP_WAIT_POLICY, a program that asks for it has it; a user's own word stays.
// Wants what the policy is to be in the end, and a word that must not be lost when it starts again.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "../examples/support/passive_threads.hpp"

int main(int argc, char** argv) {
  support::wait_passively(argv);
  const char* const policy = std::getenv("OMP_WAIT_POLICY");
  std::printf("%s, %d arguments\n", policy != nullptr ? policy : "none", argc - 1);
  return argc == 3 && policy != nullptr && std::string(policy) == argv[1] &&
                 std::string(argv[2]) == "two words"
             ? 0
             : 1;
}
