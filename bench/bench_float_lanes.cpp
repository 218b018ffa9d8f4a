// What float_rows.hpp (NCHW) and interleaved_floats.hpp (NHWC) buy: sums and sums of squares of
// planes in float lanes, by their vectors and by the loops that serve every reducer. The peer is
// the same reducer without add_vector. Cases are in the first and second cache, and in memory.
#include <lfnc/batch_norm.hpp>
#include <lfnc/exec/cpu.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include "harness.hpp"

namespace {

struct without_vectors {
  static constexpr int fields = 2;
  static constexpr bool zero_is_neutral = true;
  using lane_type = float;

  void add(float x, float* field, lfnc::index_t stride) const {
    lfnc::detail::float_moments_reducer{}.add(x, field, stride);
  }
  template <class Lane>
  Lane merge(int, Lane a, Lane b) const {
    return a + b;
  }
};

template <class Reducer>
void add_case(const std::string& name, std::size_t images, std::size_t channels, std::size_t side,
              bool nhwc) {
  const std::size_t size = images * channels * side * side;
  bench::add(name, "bytes", 4.0 * static_cast<double>(size), [=] {
    const float* x = bench::normals(size);
    const auto batch = nhwc ? lfnc::channels(lfnc::as_view(x, {images, side, side, channels}), 3)
                            : lfnc::channels(lfnc::as_view(x, {images, channels, side, side}), 1);
    return [=, sums = std::vector<double>(2 * images * channels)]() mutable {
      double* const squares = sums.data() + images * channels;
      lfnc::reduce(lfnc::cpu{1}, lfnc::detail::planes_by_image(batch),
                   lfnc::for_all_rows<Reducer>{}, lfnc::detail::store_sums{sums.data(), squares});
      benchmark::DoNotOptimize(sums.data());
    };
  });
}

}  // namespace

void register_benchmarks() {
  struct shape {
    std::size_t images, channels, side;
  };
  for (const shape& s : {shape{1, 64, 7}, shape{1, 64, 14}, shape{1, 512, 7}, shape{1, 256, 14},
                         shape{1, 64, 56}, shape{32, 64, 56}, shape{32, 512, 7}}) {
    for (const bool nhwc : {false, true}) {
      const std::string work = "float_lanes/" + std::to_string(s.images) + "x" +
                               std::to_string(s.channels) + "x" + std::to_string(s.side) + "x" +
                               std::to_string(s.side) + (nhwc ? "_NHWC" : "_NCHW");
      add_case<lfnc::detail::float_moments_reducer>(work + "/lfnc", s.images, s.channels, s.side,
                                                    nhwc);
      add_case<without_vectors>(work + "/peer:loops for every reducer", s.images, s.channels,
                                s.side, nhwc);
    }
  }
}
