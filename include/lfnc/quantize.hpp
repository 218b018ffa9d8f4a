// lfnc floor 5: quantize: the front door: everything that lfnc does on the CPU.
//
//   lfnc::as_view, channels, groups, whole   your tensor, in your memory            view.hpp,
//   channels.hpp lfnc::quantize_weights                   W -> codes, alpha weights.hpp
//   lfnc::accumulate_moments, renormalize    batches -> batch-norm mean, variance    batch_norm.hpp
//   lfnc::accumulate_histogram, calibrate    batches -> alpha of an activation activations.hpp
//   lfnc::quantize, fake_quantize            activations at inference activations.hpp
//   lfnc::make_scale_layer                   the layer after integer weights scale_layer.hpp
//   lfnc::pack, unpack                       4-bit, 2-bit and base-3 storage         pack.hpp
#pragma once

#include "activations.hpp"
#include "batch_norm.hpp"
#include "exec/cpu.hpp"
#include "pack.hpp"
#include "scale_layer.hpp"
#include "weights.hpp"
