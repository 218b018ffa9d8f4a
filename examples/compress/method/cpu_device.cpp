#include <algorithm>

#include "codebook_by_name.hpp"
#include "device.hpp"

namespace compress {

namespace {

class on_cpu final : public device {
 public:
  codes quantize_weights(std::span<const float> weights, std::int64_t rows,
                         const std::string& codebook, lfnc::solver solver) override {
    const auto view = lfnc::as_view(weights, {rows, static_cast<std::int64_t>(weights.size()) /
                                                        std::max<std::int64_t>(1, rows)});
    codes result;
    with_codebook(codebook, [&](const auto& book) {
      result = lfnc::quantize_weights(lfnc::channels(view, 0), book, {solver, {}});
    });
    return result;
  }

  void accumulate_moments(const lfnc::tensor_view<const float, 3>& batch,
                          std::span<lfnc::channel_moments> moments) override {
    lfnc::accumulate_moments(lfnc::cpu{}, lfnc::channels(batch, 1), moments);
  }

  void accumulate_histogram(std::span<const float> values,
                            lfnc::activation_histogram& counts) override {
    lfnc::accumulate_histogram(lfnc::cpu{}, lfnc::as_view(values), counts);
  }
};

}  // namespace

std::shared_ptr<device> cpu_device() {
  static const auto only = std::make_shared<on_cpu>();
  return only;
}

}  // namespace compress
