// lfnc floor 5: quantize: the front door: everything that lfnc does on the CPU.
//
//   as_view, channels, groups, whole    your tensor, in your memory          view, channels
//   quantize_weights                    W -> codes, alpha                    weights
//   accumulate_moments, renormalize     batches -> batch norm's statistics   batch_norm
//   accumulate_histogram, calibrate     batches -> alpha of an activation    calibrate
//   quantize, fake_quantize             activations at inference             activations
//   make_scale_layer                    the layer after integer weights      scale_layer
//   pack, unpack                        4, 3, 2 bits, exponents, base 3      pack
//
// Every header on the right may be included alone, and so may these. All others are internal: what
// they declare is in namespace detail and changes without notice.
//
//   uniform, ternary, levels ...   what weights are encoded as    codebook
//   float16, bfloat16, index_t     numbers                        scalar
//   fit, fit_options, row_fit      alpha without codes            fit, fit_options
//   channel_moments                what is measured of a channel  moments, exact_sum
//   histogram, packing             what is counted; code layouts  histogram, packing
//   error, argument_error ...      what is thrown                 error
//   LFNC_VERSION_MAJOR ...         version and macros             config
//   cpu, instruction_set ...       threads and instruction sets   exec/policy, exec/cpu
//   reduce, map ...                what a backend must offer      exec/skeletons
//   thrust_policy                  the verbs on what Thrust has   exec/thrust
//   cuda, workspace                and on a GPU, by nvcc          cuda, exec/cuda, exec/workspace
//   compress                       a whole network, step by step  compress
//   network_adapter                what an engine offers          compress/adapter, compress/host
//   chain                          one made of a list of layers   compress/chain
//   compress_options, cpu_verbs    how it is done, and by whom    compress/options, compress/verbs
//   compress_report, to_json       what was done                  compress/report, compress/json
//   as_view of cv::Mat, DLTensor   another library's tensors      interop/opencv, interop/dlpack
//   as_view of at::Tensor, mdspan  likewise                       interop/libtorch, interop/mdspan
//   as_view of Eigen's, xtensor's  likewise                       interop/eigen, interop/xtensor
//   as_view of Thrust's vectors    likewise                       interop/thrust
#pragma once

#include "activations.hpp"
#include "batch_norm.hpp"
#include "calibrate.hpp"
#include "detail/compiled.hpp"
#include "exec/cpu.hpp"
#include "pack.hpp"
#include "scale_layer.hpp"
#include "weights.hpp"
