#include <lfnc/compress/verbs.hpp>

#include <vector>

#include "support/check.hpp"

using lfnc::compress_verbs;
using lfnc::cpu_verbs;

namespace {

struct no_histograms {
  lfnc::weight_quantization<std::int8_t> quantize_weights(const lfnc::channel_view<const float>&,
                                                          const lfnc::codebook_choice&,
                                                          const lfnc::fit_options&) {
    return {};
  }
  void dequantize_weights(std::span<const std::int8_t>, const lfnc::codebook_choice&,
                          std::span<const lfnc::row_fit>, const lfnc::channel_view<float>&) {}
  void accumulate_moments(const lfnc::tensor_view<const float, 3>&,
                          std::span<lfnc::channel_moments>) {}
};
struct no_way_back {
  lfnc::weight_quantization<std::int8_t> quantize_weights(const lfnc::channel_view<const float>&,
                                                          const lfnc::codebook_choice&,
                                                          const lfnc::fit_options&) {
    return {};
  }
  void accumulate_moments(const lfnc::tensor_view<const float, 3>&,
                          std::span<lfnc::channel_moments>) {}
  void accumulate_histogram(const lfnc::tensor_view<const float, 3>&, lfnc::activation_histogram&) {
  }
};
struct floats_alone : no_histograms {
  void accumulate_histogram(const lfnc::tensor_view<const float, 3>&, lfnc::activation_histogram&) {
  }
};

}  // namespace

TEST_CASE("what can do the method's work") {
  using batch = lfnc::tensor_view<const float, 3>;
  CHECK(compress_verbs<cpu_verbs, float, batch>);
  CHECK(compress_verbs<cpu_verbs, lfnc::float16, lfnc::tensor_view<const double, 4>>);
  CHECK(compress_verbs<floats_alone, float, batch>);
  CHECK_FALSE(compress_verbs<floats_alone, double, batch>);
  CHECK_FALSE(compress_verbs<floats_alone, float, lfnc::tensor_view<const float, 4>>);
  CHECK_FALSE(compress_verbs<no_histograms, float, batch>);
  CHECK_FALSE(compress_verbs<no_way_back, float, batch>);
}

TEST_CASE("codes become weights again, in any layout, by the policy's own loop") {
  int calls = 0;
  const lfnc::parallel_for loop = [](void* context, lfnc::index_t count,
                                     void (*body)(void*, lfnc::index_t, lfnc::index_t),
                                     void* argument) {
    ++*static_cast<int*>(context);
    body(argument, 0, count);
  };
  const std::vector<std::int8_t> codes{1, -2, 0, 7, -7, 3};
  const std::vector<lfnc::row_fit> rows{{0.5, 0, 0}, {2, 0, 0}};
  std::vector<float> there(6);
  const auto transposed = lfnc::channels(lfnc::as_view(there.data(), {2, 3}, {1, 2}), 0);
  const cpu_verbs verbs{lfnc::cpu{0, loop, &calls}};
  verbs.dequantize_weights(codes, lfnc::uniform(4), rows, transposed);
  CHECK(there == std::vector<float>{0.5F, 14, -1, -14, 0, 6});
  CHECK(calls == 1);
  CHECK_REFUSED(
      verbs.dequantize_weights(std::span(codes).first(5), lfnc::uniform(4), rows, transposed),
      "extents: their product is 6");
}

TEST_CASE("channels are the second axis, in any strides") {
  // Two images of 2 x 2 pixels with 3 channels, channels last.
  std::vector<float> values(24);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 3);
  const auto batch = lfnc::as_view(values.data(), {2, 3, 2, 2}, {12, 1, 6, 3});
  std::vector<lfnc::channel_moments> moments(3);
  cpu_verbs{}.accumulate_moments(batch, moments);
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(moments[c].count == 8);
    CHECK(moments[c].mean() == static_cast<double>(c));
    CHECK(moments[c].variance() == 0);
  }
  lfnc::activation_histogram counts;
  cpu_verbs{lfnc::cpu{1}}.accumulate_histogram(batch, counts);
  CHECK(counts.total() == 24);
  CHECK(counts.positive.largest() == 2);
  std::vector<lfnc::channel_moments> few(2);
  CHECK_REFUSED(cpu_verbs{}.accumulate_moments(batch, few), "moments: holds 2 entries");
}
