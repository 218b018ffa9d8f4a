// lfnc floor 5: quantize: the front door: everything that lfnc does on the CPU.
//
//   as_view, channels, groups, whole    your tensor, in your memory          view, channels
//   quantize_weights                    W -> codes, alpha                    weights
//   accumulate_moments, renormalize     batches -> batch norm's statistics   batch_norm
//   accumulate_histogram, calibrate     batches -> alpha of an activation    calibrate
//   quantize, fake_quantize             activations at inference             activations
//   make_scale_layer                    the layer after integer weights      scale_layer
//   pack, unpack                        4-bit, 2-bit and base-3 storage      pack
#pragma once

#include "activations.hpp"
#include "batch_norm.hpp"
#include "calibrate.hpp"
#include "exec/cpu.hpp"
#include "pack.hpp"
#include "scale_layer.hpp"
#include "weights.hpp"
