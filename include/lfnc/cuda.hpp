// lfnc floor 5: cuda: the front door with the CUDA backend: quantize.hpp, and its verbs on a GPU.
//
//   lfnc::cuda(stream, workspace)       the first argument of a verb, instead of lfnc::cpu
//   as_device_view                      your tensor, in device memory
//   workspace                           the memory that verbs work in, and how much they need
//   check                               waits, and throws what a verb found wrong
#pragma once

#include "exec/cuda.hpp"
#include "quantize.hpp"
