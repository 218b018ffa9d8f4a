// lfnc floor 1: policy: which threads and which instruction set the CPU backend uses.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include "../error.hpp"
#include "../scalar.hpp"

namespace lfnc {

// An engine's own parallel loop: calls body(argument, begin, end) for ranges that cover [0, count)
// once, on any threads, and returns when all are done. body does not throw.
using parallel_for = void (*)(void* context, index_t count,
                              void (*body)(void* argument, index_t begin, index_t end),
                              void* argument);

// The CPU backend. No verb's result depends on any of these. A thread that calls verbs keeps 1 MiB
// to work in until it ends.
//
// A thread on which subnormal numbers are flushed to zero (FTZ and DAZ, which engines set at run
// time) gets the same bits as long as no number is subnormal: elements, their squares and results
// that are count as 0. That is a property of a thread: where others take part, lfnc's own or an
// engine's, all are to be set alike, or such numbers count differently on each.
struct cpu {
  int threads = 0;              // 0: as many as OpenMP or the machine offers; ignored with a hook
  parallel_for hook = nullptr;  // used instead of lfnc's own threads where given
  void* context = nullptr;      // handed to the hook
};

// The instruction sets that the CPU backend has loops for. `baseline` is what the program was
// compiled for (SSE2 on x86-64, NEON on AArch64), the others are wider.
enum class instruction_set { baseline, avx2, avx512 };

// The set that limit_instruction_set allows; shared by all parts of a program.
inline int most_allowed_instruction_set = static_cast<int>(instruction_set::avx512);

inline namespace LFNC_ABI {
namespace detail {

// The widest set that the CPU and the environment variable LFNC_MAX_ISA allow.
inline instruction_set find_instruction_set() {
  [[maybe_unused]] instruction_set most = instruction_set::avx512;
  if (const char* const given = std::getenv("LFNC_MAX_ISA")) {
    const std::string_view name = given;
    require(name == "baseline" || name == "avx2" || name == "avx512", "LFNC_MAX_ISA",
            [&] { return sentence({name, " is none of baseline, avx2 and avx512"}); });
    if (name == "baseline") most = instruction_set::baseline;
    if (name == "avx2") most = instruction_set::avx2;
  }
#if LFNC_X86_TARGETS
  const bool avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  const bool avx512 =
      avx2 && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
      __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0;
  if (avx512 && most == instruction_set::avx512) return instruction_set::avx512;
  if (avx2 && most != instruction_set::baseline) return instruction_set::avx2;
#endif
  return instruction_set::baseline;
}

}  // namespace detail

// Lets the CPU backend use no wider set than `most`, from its next verb on; which one it uses
// changes no bit of any result. The environment variable LFNC_MAX_ISA (baseline, avx2 or avx512),
// read once, is a limit too.
inline void limit_instruction_set(instruction_set most) {
  __atomic_store_n(&most_allowed_instruction_set, static_cast<int>(most), __ATOMIC_RELAXED);
}

// The set that the CPU backend uses: the widest that the CPU has and the limits allow. Throws
// argument_error where LFNC_MAX_ISA names none.
inline instruction_set used_instruction_set() {
  static const instruction_set found = detail::find_instruction_set();
  const auto most = static_cast<instruction_set>(
      __atomic_load_n(&most_allowed_instruction_set, __ATOMIC_RELAXED));
  return found < most ? found : most;
}

}  // namespace LFNC_ABI
}  // namespace lfnc
