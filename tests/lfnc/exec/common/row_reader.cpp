#include <lfnc/exec/common/row_reader.hpp>

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "support/shape.hpp"

namespace {

// Counts the elements, and keeps the last one that each lane saw in field 1.
struct last_of_lane {
  static constexpr int fields = 2;
  void add(float x, double* field, lfnc::index_t stride) const {
    field[0] += 1;
    field[stride] = static_cast<double>(x);
  }
  // Lane j ends up left of lane j + 8, then j + 4, and so on: digits of the order of merging.
  double merge(int k, double a, double b) const { return k == 0 ? a + b : 2 * a - b; }
};

}  // namespace

TEST_CASE("a row is reduced in lanes of 16, which are merged pairwise") {
  std::vector<float> values(3 * 50);
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<float>(k * k % 101);
  const auto rows = lfnc::groups(lfnc::as_view(values, {3, 50}), 0, 37);
  for (lfnc::index_t row = 0; row < rows.rows(); ++row) {
    const lfnc::detail::row_reader<float, lfnc::host_space> reader{rows, row};
    const auto found = reader.reduce(last_of_lane{});
    CHECK(found[0] == static_cast<double>(rows.row_length(row)));
    double lane[16] = {};
    for (lfnc::index_t k = 0; k < rows.row_length(row); ++k) {
      lane[k % 16] = static_cast<double>(*rows.address(row, k));
    }
    for (const int width : {8, 4, 2, 1}) {
      for (int j = 0; j < width; ++j) lane[j] = 2 * lane[j] - lane[j + width];
    }
    CHECK(found[1] == lane[0]);
    // A reader can be asked again.
    CHECK(reader.reduce(last_of_lane{})[1] == found[1]);
  }
}

TEST_CASE("lanes go on from run to run, wherever the runs of a layout end") {
  generator random(1);
  for (int round = 0; round < 60; ++round) {
    const std::array<lfnc::index_t, 3> extents{1 + random.below(4), 1 + random.below(6),
                                               1 + random.below(40)};
    const auto tensor = random_layout<float, 3>(random, extents, round % 3 == 0);
    for_each_position(extents, [&](const auto& position) {
      element_at(tensor.view, position) = static_cast<float>(random.gaussian());
    });
    const auto rows = lfnc::groups(tensor.view, random.below(3), 1 + random.below(100));
    for (lfnc::index_t row = 0; row < rows.rows(); ++row) {
      double lane[16] = {};
      for (lfnc::index_t k = 0; k < rows.row_length(row); ++k) {
        lane[k % 16] = static_cast<double>(*rows.address(row, k));
      }
      for (const int width : {8, 4, 2, 1}) {
        for (int j = 0; j < width; ++j) lane[j] = 2 * lane[j] - lane[j + width];
      }
      const lfnc::detail::row_reader<float, lfnc::host_space> reader{rows, row};
      CHECK(reader.reduce(last_of_lane{})[1] == lane[0]);
    }
  }
}
