#include <lfnc/compress/report.hpp>

#include <limits>

#include "support/check.hpp"

TEST_CASE("totals are sums over the layers") {
  lfnc::compress_report report;
  CHECK(lfnc::total(report).weights == 0);
  CHECK(lfnc::total(report).relative_error == 0);
  report.weights.resize(2);
  report.weights[0].weights = 100;
  report.weights[0].squared_error = 1;
  report.weights[0].squared_norm = 10;
  report.weights[0].bytes_before = 400;
  report.weights[0].bytes_after = 50;
  report.weights[1].weights = 20;
  report.weights[1].squared_error = 2;
  report.weights[1].squared_norm = 30;
  report.weights[1].bytes_before = 80;
  report.weights[1].bytes_after = 24;
  const lfnc::weight_totals sums = lfnc::total(report);
  CHECK(sums.weights == 120);
  CHECK(sums.relative_error == 3.0 / 40);
  CHECK(sums.bytes_before == 480);
  CHECK(sums.bytes_after == 74);
}

TEST_CASE("the error in all is a number wherever those of the layers are") {
  lfnc::compress_report report;
  report.weights.resize(3);
  for (lfnc::weight_report& layer : report.weights) {
    layer.squared_norm = std::numeric_limits<double>::max();
    layer.squared_error = std::numeric_limits<double>::max() / 4;
  }
  CHECK(lfnc::total(report).relative_error == 0.25);
}
