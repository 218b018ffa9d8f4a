#include <lfnc/exec/cpu/map.hpp>

#include <lfnc/exec/cpu.hpp>

#include <cmath>
#include <vector>

#include "support/check.hpp"

using lfnc::as_view;
using lfnc::cpu;
using lfnc::index_t;

TEST_CASE("map may write where it reads, and convert on the way") {
  std::vector<float> values(100000);
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<float>(k);
  const auto view = lfnc::groups(lfnc::whole(as_view(values)));
  lfnc::map(cpu{3}, view, view, [](index_t) { return [](float x) { return -x; }; });
  for (std::size_t k = 0; k < values.size(); ++k) CHECK(values[k] == -static_cast<float>(k));

  std::vector<lfnc::float16> halves(5);
  const std::vector<double> doubles{0, 0.5, -1, 65504, 1e9};
  lfnc::map(cpu{1}, lfnc::groups(lfnc::whole(as_view(doubles))),
            lfnc::groups(lfnc::whole(as_view(halves))),
            [](index_t) { return [](double x) { return static_cast<float>(x); }; });
  CHECK(static_cast<float>(halves[1]) == 0.5F);
  CHECK(static_cast<float>(halves[3]) == 65504.0F);
  CHECK(std::isinf(static_cast<float>(halves[4])));
}

TEST_CASE("map refuses an output of another shape") {
  std::vector<float> memory(24);
  const auto in = lfnc::groups(as_view(memory, {4, 6}), 0, 3);
  const auto same = [](index_t) { return [](float x) { return x; }; };
  CHECK_REFUSED(lfnc::map(cpu{1}, in, lfnc::groups(as_view(memory, {6, 4}), 0, 3), same),
                "out: its shape (6 channels of 4) is not the input's (4 of 6)");
  CHECK_REFUSED(lfnc::map(cpu{1}, in, lfnc::groups(as_view(memory.data(), {4, 5}), 0, 3), same),
                "out: its shape (4 channels of 5)");
  CHECK_REFUSED(lfnc::map(cpu{1}, in, lfnc::groups(as_view(memory, {4, 6}), 0, 2), same), "out");
}

TEST_CASE("map refuses an output whose elements share memory") {
  std::vector<float> in(24);
  std::vector<float> out(24, 5);
  const auto same = [](index_t) { return [](float x) { return x; }; };
  const auto run = [&](const lfnc::tensor_view<float, 2>& target) {
    lfnc::map(cpu{1}, lfnc::groups(lfnc::channels(as_view(in, {4, 6}), 0)),
              lfnc::groups(lfnc::channels(target, 0)), same);
  };
  CHECK_REFUSED(run(as_view(out.data(), {4, 6}, {0, 1})), "out: its elements share memory");
  CHECK_REFUSED(run(as_view(out.data(), {4, 6}, {1, 0})), "out: its elements share memory");
  CHECK_REFUSED(run(as_view(out.data(), {4, 6}, {5, 1})), "out: its elements share memory");
  CHECK_REFUSED(run(as_view(out.data(), {4, 6}, {1, 3})), "out: its elements share memory");
  CHECK_REFUSED(run(as_view(out.data() + 15, {4, 6}, {-5, 1})), "out: its elements share memory");
  CHECK(out == std::vector<float>(24, 5));
  CHECK_NOTHROW(run(as_view(out.data(), {4, 6}, {1, 4})));
  CHECK_NOTHROW(run(as_view(out.data() + 23, {4, 6}, {-6, -1})));
  // Planes count as well: a batch of two images that are one.
  CHECK_REFUSED(
      lfnc::map(cpu{1}, lfnc::groups(lfnc::channels(as_view(in, {2, 3, 4}), 1)),
                lfnc::groups(lfnc::channels(as_view(out.data(), {2, 3, 4}, {0, 4, 1}), 1)), same),
      "out: its elements share memory");
}
