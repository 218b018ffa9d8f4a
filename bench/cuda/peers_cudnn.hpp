// Batch norm as cuDNN trains with it: mean and variance of every channel, and the normalized batch.
#pragma once

#include <cuda_runtime.h>
#include <cudnn.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "harness.hpp"

namespace peer {

inline void check(cudnnStatus_t status, const char* call) {
  if (status != CUDNN_STATUS_SUCCESS) {
    throw std::runtime_error(std::string(call) + ": " + cudnnGetErrorString(status));
  }
}

class cudnn_batch_norm {
 public:
  cudnn_batch_norm(cudaStream_t stream, int images, int channels, int height, int width)
      : scale_(std::vector<float>(static_cast<std::size_t>(channels), 1)),
        bias_(std::vector<float>(static_cast<std::size_t>(channels), 0)),
        mean_(static_cast<std::size_t>(channels)),
        variance_(static_cast<std::size_t>(channels)) {
    cudnnHandle_t handle = nullptr;
    check(cudnnCreate(&handle), "cudnnCreate");
    handle_.reset(handle);
    check(cudnnSetStream(handle, stream), "cudnnSetStream");
    for (descriptor* each : {&batch_, &channel_}) {
      cudnnTensorDescriptor_t created = nullptr;
      check(cudnnCreateTensorDescriptor(&created), "cudnnCreateTensorDescriptor");
      each->reset(created);
    }
    check(cudnnSetTensor4dDescriptor(batch_.get(), CUDNN_TENSOR_NCHW, CUDNN_DATA_FLOAT, images,
                                     channels, height, width),
          "cudnnSetTensor4dDescriptor");
    check(cudnnDeriveBNTensorDescriptor(channel_.get(), batch_.get(), mode),
          "cudnnDeriveBNTensorDescriptor");
  }

  void operator()(const float* x, float* y) const {
    const float one = 1;
    const float zero = 0;
    check(cudnnBatchNormalizationForwardTraining(handle_.get(), mode, &one, &zero, batch_.get(), x,
                                                 batch_.get(), y, channel_.get(), scale_.data(),
                                                 bias_.data(), 1.0, mean_.data(), variance_.data(),
                                                 1e-5, nullptr, nullptr),
          "cudnnBatchNormalizationForwardTraining");
  }

 private:
  static constexpr cudnnBatchNormMode_t mode = CUDNN_BATCHNORM_SPATIAL;
  struct destroy {
    void operator()(cudnnHandle_t handle) const { cudnnDestroy(handle); }
    void operator()(cudnnTensorDescriptor_t each) const { cudnnDestroyTensorDescriptor(each); }
  };
  using descriptor = std::unique_ptr<std::remove_pointer_t<cudnnTensorDescriptor_t>, destroy>;

  std::unique_ptr<std::remove_pointer_t<cudnnHandle_t>, destroy> handle_;
  descriptor batch_;
  descriptor channel_;
  bench::memory<float> scale_;
  bench::memory<float> bias_;
  bench::memory<float> mean_;
  bench::memory<float> variance_;
};

}  // namespace peer
