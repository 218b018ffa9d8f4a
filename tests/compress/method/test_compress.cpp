#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "../../../examples/compress/method/measure.hpp"
#include "../../../examples/compress/method/quantize_weights.hpp"
#include "../../../examples/compress/method/renormalize.hpp"
#include "fixtures.hpp"

using namespace compress;
using namespace compress::test;

namespace {

template <class Operation>
const Operation& op_at(const network& net, std::size_t layer) {
  return std::get<Operation>(net.layers[layer].op);
}

}  // namespace

TEST_CASE("the whole method") {
  const labelled_images images = random_images(12);
  const network net = residual_network();
  const settings how = quick_settings(12);
  const compression result = compress_network(net, images.images, &images, how);

  REQUIRE(result.weights.size() == 4);
  CHECK(result.weights[0].codebook == "uniform-8");
  CHECK(result.weights[1].codebook == "uniform-4");
  CHECK(result.weights[2].codebook == "uniform-4");
  CHECK(result.weights[3].codebook == "uniform-8");
  REQUIRE(result.norms.size() == 3);
  REQUIRE(result.activations.size() == 3);
  for (const activation_report& point : result.activations) {
    CHECK(point.low == 0);
    CHECK(point.high == 255);
    CHECK(point.alpha > 0);
    CHECK(point.alpha * point.high <= 1.01 * point.largest);
    CHECK(point.saturated < 0.1);
  }
  for (const std::size_t value : {std::size_t{3}, std::size_t{7}, std::size_t{10}}) {
    REQUIRE(result.net.values[value].quantizer.has_value());
    CHECK(result.net.values[value].quantizer->high == 255);
  }

  engine trained(net);
  engine running(result.net);
  CHECK(result.original->predictions == evaluate(trained, images, 4).predictions);
  CHECK(result.complete->predictions == evaluate(running, images, 4).predictions);
  CHECK(result.direct.has_value());
  CHECK(result.renormalized.has_value());
}

TEST_CASE("the numbers of a quantized layer") {
  const network before = residual_network();
  network after = before;
  settings how;
  how.weights = "ternary";
  const std::vector<weight_report> reports = quantize_weights(after, how);
  const weight_report& report = reports[1];
  const auto& trained = op_at<convolution>(before, 3).weight.values;
  const auto& conv = op_at<convolution>(after, 3);
  REQUIRE(conv.codes.has_value());
  REQUIRE(conv.codes->alpha.size() == 8);

  double error = 0;
  double energy = 0;
  std::size_t beyond = 0;
  for (std::size_t i = 0; i < trained.size(); ++i) {
    const float alpha = conv.codes->alpha[i / 72];
    CHECK(std::abs(conv.codes->codes[i]) <= 1);
    CHECK(conv.weight.values[i] == alpha * static_cast<float>(conv.codes->codes[i]));
    error +=
        std::pow(static_cast<double>(trained[i]) - static_cast<double>(conv.weight.values[i]), 2);
    energy += std::pow(static_cast<double>(trained[i]), 2);
    beyond += std::abs(trained[i]) > alpha ? 1 : 0;
  }
  CHECK(report.layer == "layer 3");
  CHECK(report.weights == 8 * 8 * 9);
  CHECK(report.relative_error == doctest::Approx(error / energy));
  CHECK(report.relative_error > 0.1);
  CHECK(report.relative_error < 0.3);
  CHECK(report.saturated == doctest::Approx(static_cast<double>(beyond) / 576));
  CHECK(report.least_alpha == static_cast<double>(*std::ranges::min_element(conv.codes->alpha)));
  CHECK(report.greatest_alpha == static_cast<double>(*std::ranges::max_element(conv.codes->alpha)));
  CHECK(report.bytes_before == 576 * 4);
  CHECK(report.bytes_after == (576 + 4) / 5 + 8 * 4);  // five codes a byte, and the alphas
  CHECK(reports[0].bytes_after == 8 * 27 + 8 * 4);     // the first layer has 8 bits
}

TEST_CASE("the largest weight on the last level leaves none beyond it") {
  network net = residual_network();
  settings how;
  how.solver = lfnc::solver::abs_max;
  for (const weight_report& report : quantize_weights(net, how)) CHECK(report.saturated == 0);
}

TEST_CASE("anchored leaves a network that did not change as it is, plain takes what is measured") {
  const image_set images = random_images(12).images;
  const network before = residual_network();
  network net = before;
  engine running(net);
  const auto original = measure_all(running, images, 12, 4, *cpu_device());
  settings how = quick_settings(12);

  const auto reports = renormalize(net, running, images, before, original, how);
  for (const std::size_t layer : norm_layers(net)) {
    CHECK(op_at<batch_norm>(net, layer).mean == op_at<batch_norm>(before, layer).mean);
    CHECK(op_at<batch_norm>(net, layer).variance == op_at<batch_norm>(before, layer).variance);
  }
  REQUIRE(reports.size() == 3);
  CHECK(reports[0].layer == "layer 1");
  CHECK(reports[0].mean_shift == 0);
  CHECK(reports[0].variance_ratio == 1);

  how.renormalize = renormalization::plain;
  const norm_report moved = renormalize(net, running, images, before, {}, how)[0];
  const auto& was = op_at<batch_norm>(before, 1);
  const auto& is = op_at<batch_norm>(net, 1);
  double shift = 0;
  double ratio = 0;
  for (std::size_t c = 0; c < 8; ++c) {
    CHECK(is.mean[c] == static_cast<float>(original[0][c].mean()));
    CHECK(is.variance[c] ==
          static_cast<float>(original[0][c].variance(lfnc::variance_kind::unbiased)));
    const double variance = static_cast<double>(was.variance[c]) + 1e-3;
    const double step = static_cast<double>(is.mean[c]) - static_cast<double>(was.mean[c]);
    shift += step * step / variance / 8;
    ratio += std::log((static_cast<double>(is.variance[c]) + 1e-3) / variance) / 8;
  }
  CHECK(moved.mean_shift == doctest::Approx(std::sqrt(shift)));
  CHECK(moved.variance_ratio == doctest::Approx(std::exp(ratio)));
}

TEST_CASE("batch norm is measured again under quantized activations, from the trained statistics") {
  const labelled_images images = random_images(12);
  const network net = residual_network();
  settings how = quick_settings(12);
  how.activation_bits = 3;
  const compression twice = compress_network(net, images.images, nullptr, how);
  how.renormalize_again = false;
  const compression once = compress_network(net, images.images, nullptr, how);

  const auto mean = [](const network& of, std::size_t layer) {
    return op_at<batch_norm>(of, layer).mean;
  };
  CHECK(mean(twice.net, 1) == mean(once.net, 1));  // no activation lies before it
  CHECK(mean(twice.net, 4) != mean(once.net, 4));

  // The same by hand: the network with quantized activations, anchored at the trained one.
  network expected = once.net;
  engine trained(net);
  const auto moments = measure_all(trained, images.images, 12, 4, *cpu_device());
  engine running(expected);
  renormalize(expected, running, images.images, net, moments, how);
  CHECK(mean(twice.net, 4) == mean(expected, 4));
  CHECK(mean(twice.net, 8) == mean(expected, 8));
}

TEST_CASE("the published preset") {
  const labelled_images images = random_images(12);
  settings how = published_settings();
  CHECK_FALSE(how.renormalize_again);
  how.images = 12;
  how.activation_images = 5;
  const compression result = compress_network(residual_network(), images.images, nullptr, how);
  CHECK(result.weights[0].codebook == "fixed-8");
  CHECK(result.weights[1].codebook == "published-power-of-two-4");
  CHECK(result.weights[3].codebook == "fixed-8");
  REQUIRE(result.activations.size() == 3);
  for (const activation_report& point : result.activations) {
    CHECK(point.low == 0);
    CHECK(point.high == 127);
  }
  CHECK_FALSE(result.complete.has_value());
}

TEST_CASE("steps that are left out") {
  const labelled_images images = random_images(4);
  settings how = quick_settings(4);
  SUBCASE("batch norm") {
    how.renormalize = renormalization::none;
    how.images = 1000;
    const compression result = compress_network(residual_network(), images.images, &images, how);
    CHECK(result.norms.empty());
    CHECK_FALSE(result.renormalized.has_value());
    CHECK(op_at<batch_norm>(result.net, 1).mean == op_at<batch_norm>(residual_network(), 1).mean);
  }
  SUBCASE("activations") {
    how.quantize_activations = false;
    how.activation_images = 400;
    const compression result = compress_network(residual_network(), images.images, &images, how);
    CHECK(result.activations.empty());
    CHECK_FALSE(result.complete.has_value());
    for (const value& each : result.net.values) CHECK_FALSE(each.quantizer.has_value());
  }
  SUBCASE("measuring all but the result") {
    how.measure_steps = false;
    const compression result = compress_network(residual_network(), images.images, &images, how);
    CHECK_FALSE(result.original.has_value());
    CHECK_FALSE(result.direct.has_value());
    CHECK_FALSE(result.renormalized.has_value());
    CHECK(result.complete.has_value());
    how.quantize_activations = false;
    const compression shorter = compress_network(residual_network(), images.images, &images, how);
    CHECK(shorter.renormalized.has_value());
  }
}

TEST_CASE("a network without batch norm is quantized without re-normalization") {
  const labelled_images images = random_images(4);
  generator random(1);
  builder build({3, 12, 12});
  build.then(random_convolution(random, 3, 4, square(3)));
  build.then(relu{});
  const compression result = compress_network(build.net, images.images, nullptr, quick_settings(4));
  CHECK(result.weights.size() == 1);
  CHECK(result.norms.empty());
  CHECK(result.activations.size() == 1);
}

TEST_CASE("what cannot be compressed is refused") {
  const labelled_images images = random_images(4);
  network net = residual_network();
  settings how = quick_settings(4);
  const auto refusal = [&]() -> std::string {
    try {
      compress_network(net, images.images, &images, how);
    } catch (const std::exception& problem) {
      return problem.what();
    }
    return "nothing was thrown";
  };
  SUBCASE("no weights") {
    builder build({3, 12, 12});
    build.then(relu{});
    net = build.net;
    net.name = "bare";
    CHECK(refusal() == "network 'bare' has no convolution or inner product to compress");
  }
  SUBCASE("NaN among the weights") {
    std::get<convolution>(net.layers[3].op).weight.values[2 * 72 + 5] =
        std::numeric_limits<float>::quiet_NaN();
    const std::string message = refusal();
    CHECK(message.find("layer 'layer 3'") != std::string::npos);
    CHECK(message.find("channel 2") != std::string::npos);
    CHECK(message.find('5') != std::string::npos);
  }
  SUBCASE("too few images") {
    how.images = 5;
    CHECK(refusal() == "re-normalization with 5 calibration images where there are 4");
    how.images = 4;
    how.activation_images = 9;
    CHECK(refusal() == "calibration of activations with 9 calibration images where there are 4");
  }
  SUBCASE("no images") {
    how.images = 0;
    CHECK(refusal() == "re-normalization with 0 calibration images where there are 4");
  }
  SUBCASE("images of another size") {
    net.input_dims = {3, 16, 12};
    CHECK(refusal() ==
          "the calibration images are (3, 12, 12), network 'residual' takes (3, 16, 12)");
  }
  SUBCASE("empty batches") {
    how.batch = 0;
    CHECK(refusal() == "batches of 0 images");
  }
  SUBCASE("a codebook that does not exist") {
    how.weights = "uniform-9";
    CHECK(refusal().find("there is no codebook 'uniform-9'") == 0);
  }
  SUBCASE("activations of one bit") {
    how.activation_bits = 1;
    CHECK(refusal() == "activations of 1 bits: 2..8 are possible");
  }
}
