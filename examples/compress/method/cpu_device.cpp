#include <lfnc/compress/verbs.hpp>

#include "device.hpp"

namespace compress {

namespace {

class on_cpu final : public device {
 public:
  codes quantize_weights(const lfnc::channel_view<const float>& weights,
                         const std::string& codebook, const lfnc::fit_options& options) override {
    return verbs_.quantize_weights(weights, lfnc::codebook_named(codebook), options);
  }

  void dequantize_weights(std::span<const std::int8_t> from, const std::string& codebook,
                          std::span<const lfnc::row_fit> rows,
                          const lfnc::channel_view<float>& weights) override {
    verbs_.dequantize_weights(from, lfnc::codebook_named(codebook), rows, weights);
  }

  void accumulate_moments(const lfnc::tensor_view<const float, 3>& batch,
                          std::span<lfnc::channel_moments> moments) override {
    verbs_.accumulate_moments(batch, moments);
  }

  void accumulate_histogram(const lfnc::tensor_view<const float, 3>& batch,
                            lfnc::activation_histogram& counts) override {
    verbs_.accumulate_histogram(batch, counts);
  }

 private:
  lfnc::cpu_verbs verbs_;
};

}  // namespace

std::shared_ptr<device> cpu_device() {
  static const auto only = std::make_shared<on_cpu>();
  return only;
}

}  // namespace compress
