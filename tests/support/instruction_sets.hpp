// Every instruction set that this CPU has, one after the other.
#pragma once

#include <lfnc/exec/cpu/dispatch.hpp>

// Calls run(set) with the CPU backend limited to each set in turn, the narrowest first.
template <class Run>
void for_each_instruction_set(Run run) {
  lfnc::limit_instruction_set(lfnc::instruction_set::avx512);
  const lfnc::instruction_set widest = lfnc::used_instruction_set();
  for (const auto set : {lfnc::instruction_set::baseline, lfnc::instruction_set::avx2,
                         lfnc::instruction_set::avx512}) {
    if (set > widest) continue;
    lfnc::limit_instruction_set(set);
    run(set);
  }
  lfnc::limit_instruction_set(lfnc::instruction_set::avx512);
}
