// Where lfnc's verbs run: on the CPU, or on a GPU with the data carried there and back.
#pragma once

#include <cstdint>
#include <lfnc/quantize.hpp>
#include <memory>
#include <span>
#include <string>

namespace compress {

// What the method asks of lfnc, on dense host memory. Every device gives the same bits. All throw
// lfnc::error as lfnc's verbs do. nvcc compiles it as well, so that it knows codebooks by name.
class device {
 public:
  using codes = lfnc::weight_quantization<std::int8_t>;

  virtual ~device() = default;

  // Codes and alpha per channel, by a codebook of codebook_named's.
  virtual codes quantize_weights(const lfnc::channel_view<const float>& weights,
                                 const std::string& codebook, const lfnc::fit_options& options) = 0;
  // alpha * level of every code, in place of the weights.
  virtual void dequantize_weights(std::span<const std::int8_t> from, const std::string& codebook,
                                  std::span<const lfnc::row_fit> rows,
                                  const lfnc::channel_view<float>& weights) = 0;
  // Adds a batch (images x channels x inner) to the moments of its channels.
  virtual void accumulate_moments(const lfnc::tensor_view<const float, 3>& batch,
                                  std::span<lfnc::channel_moments> moments) = 0;
  // Adds a batch to a histogram.
  virtual void accumulate_histogram(const lfnc::tensor_view<const float, 3>& batch,
                                    lfnc::activation_histogram& counts) = 0;
};

// All cores of the CPU.
std::shared_ptr<device> cpu_device();

// The current CUDA device. Throws std::runtime_error where there is none, or where the program was
// built without CUDA.
std::shared_ptr<device> cuda_device();

}  // namespace compress
