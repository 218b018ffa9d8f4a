// Where lfnc's verbs run: on the CPU, or on a GPU with the data carried there and back.
#pragma once

#include <lfnc/quantize.hpp>
#include <memory>
#include <span>
#include <string>

namespace compress {

// What the method asks of lfnc, on host memory. Every device gives the same bits. All throw
// lfnc::error as lfnc's verbs do.
class device {
 public:
  using codes = lfnc::weight_quantization<std::int8_t>;

  virtual ~device() = default;

  // Codes and alpha per row of `weights` (rows x length), by a codebook of with_codebook's.
  virtual codes quantize_weights(std::span<const float> weights, std::int64_t rows,
                                 const std::string& codebook, lfnc::solver solver) = 0;
  // Adds a batch (images x channels x inner) to the moments of its channels.
  virtual void accumulate_moments(const lfnc::tensor_view<const float, 3>& batch,
                                  std::span<lfnc::channel_moments> moments) = 0;
  // Adds values to a histogram.
  virtual void accumulate_histogram(std::span<const float> values,
                                    lfnc::activation_histogram& counts) = 0;
};

// All cores of the CPU.
std::shared_ptr<device> cpu_device();

// The current CUDA device. Throws std::runtime_error where there is none, or where the program was
// built without CUDA.
std::shared_ptr<device> cuda_device();

}  // namespace compress
