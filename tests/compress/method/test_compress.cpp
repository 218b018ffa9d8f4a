#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "../../../examples/compress/evaluate.hpp"
#include "fixtures.hpp"

using namespace compress;
using namespace compress::test;

namespace {

template <class Operation>
const Operation& op_at(const network& net, std::size_t layer) {
  return std::get<Operation>(net.layers[layer].op);
}

// Only the weights.
settings weights_alone() {
  settings how;
  how.renormalize = lfnc::renormalization::none;
  how.quantize_activations = false;
  return how;
}

}  // namespace

TEST_CASE("the whole method") {
  const support::labelled_images images = random_images(12);
  const network net = residual_network();
  const settings how = quick_settings(12);
  const compression result = compress_network(net, images.images, &images, how);

  REQUIRE(result.report.weights.size() == 4);
  CHECK(result.report.weights[0].codebook == "uniform-8");
  CHECK(result.report.weights[1].codebook == "uniform-4");
  CHECK(result.report.weights[2].codebook == "uniform-4");
  CHECK(result.report.weights[3].codebook == "uniform-8");
  REQUIRE(result.report.norms.size() == 3);
  REQUIRE(result.report.activations.size() == 3);
  for (const lfnc::activation_report& point : result.report.activations) {
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
  settings how = weights_alone();
  how.weights = lfnc::ternary();
  const compression result = compress_network(before, random_images(1).images, nullptr, how);
  const auto& reports = result.report.weights;
  const lfnc::weight_report& report = reports[1];
  const auto& trained = op_at<convolution>(before, 3).weight.values;
  const auto& conv = op_at<convolution>(result.net, 3);
  REQUIRE(conv.codes.has_value());
  CHECK(conv.codes->codebook == "ternary");
  CHECK(conv.codes->bits == 2);
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
  CHECK(report.packing == lfnc::packing::base3);
  CHECK(reports[0].bytes_after == 8 * 27 + 8 * 4);  // the first layer has 8 bits
}

TEST_CASE("the largest weight on the last level leaves none beyond it") {
  settings how = weights_alone();
  how.fit.solver = lfnc::solver::abs_max;
  const compression result =
      compress_network(residual_network(), random_images(1).images, nullptr, how);
  REQUIRE(result.report.weights.size() == 4);
  for (const lfnc::weight_report& report : result.report.weights) CHECK(report.saturated == 0);
}

TEST_CASE("anchored leaves a network that did not change as it is") {
  // An adapter whose weights are already on their levels: quantized once more they stay.
  const support::image_set images = random_images(12).images;
  settings how = quick_settings(12);
  how.quantize_activations = false;
  how.fit.solver = lfnc::solver::abs_max;
  network net = compress_network(residual_network(), images, nullptr, how).net;
  for (layer& at : net.layers) {
    if (auto* conv = std::get_if<convolution>(&at.op)) conv->codes.reset();
    if (auto* product = std::get_if<inner_product>(&at.op)) product->codes.reset();
  }
  const compression again = compress_network(net, images, nullptr, how);
  for (const std::size_t at : {std::size_t{1}, std::size_t{4}, std::size_t{8}}) {
    CHECK(op_at<batch_norm>(again.net, at).mean == op_at<batch_norm>(net, at).mean);
    CHECK(op_at<batch_norm>(again.net, at).variance == op_at<batch_norm>(net, at).variance);
  }
  REQUIRE(again.report.norms.size() == 3);
  CHECK(again.report.norms[0].layer == "layer 1");
  CHECK(again.report.norms[0].mean_shift == 0);
  CHECK(again.report.norms[0].variance_ratio == 1);
}

TEST_CASE("plain takes what is measured") {
  const support::image_set images = random_images(12).images;
  const network before = residual_network();
  settings how = quick_settings(12);
  how.renormalize = lfnc::renormalization::plain;
  how.quantize_activations = false;
  const compression result = compress_network(before, images, nullptr, how);
  // The first batch norm reads the first convolution, whose weights are those of the result.
  network net = result.net;
  engine running(net);
  batch_state state = running.start(images.batch(0, 12));
  running.run(state, 1);
  const blob seen = running.read(state, net.layers[1].inputs[0]);
  const auto& was = op_at<batch_norm>(before, 1);
  const auto& is = op_at<batch_norm>(net, 1);
  double shift = 0;
  double ratio = 0;
  for (std::size_t c = 0; c < 8; ++c) {
    double mean = 0;
    double squares = 0;
    for (std::size_t n = 0; n < 12; ++n) {
      for (std::size_t k = 0; k < 144; ++k) {
        const double x = seen.values()[(n * 8 + c) * 144 + k];
        mean += x / (12 * 144);
        squares += x * x;
      }
    }
    CHECK(static_cast<double>(is.mean[c]) == doctest::Approx(mean).epsilon(1e-5));
    CHECK(static_cast<double>(is.variance[c]) ==
          doctest::Approx((squares - 12 * 144 * mean * mean) / (12 * 144 - 1)).epsilon(1e-5));
    const double variance = static_cast<double>(was.variance[c]) + 1e-3;
    const double step = static_cast<double>(is.mean[c]) - static_cast<double>(was.mean[c]);
    shift += step * step / variance / 8;
    ratio += std::log((static_cast<double>(is.variance[c]) + 1e-3) / variance) / 8;
  }
  const lfnc::norm_report& moved = result.report.norms[0];
  CHECK(moved.mean_shift == doctest::Approx(std::sqrt(shift)));
  CHECK(moved.variance_ratio == doctest::Approx(std::exp(ratio)));
}

TEST_CASE("batch norm is measured again under quantized activations, from the trained statistics") {
  const support::labelled_images images = random_images(12);
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

  // The same by hand: plainly, the second time sees the values of the network with quantizers.
  how.renormalize = lfnc::renormalization::plain;
  how.renormalize_again = true;
  const network plain = compress_network(net, images.images, nullptr, how).net;
  network by_hand = plain;
  engine running(by_hand);
  batch_state state = running.start(images.images.batch(0, 12));
  running.run(state, 8);
  const blob seen = running.read(state, net.layers[8].inputs[0]);
  const std::size_t plane = seen.values().size() / (12 * 12);
  double sum = 0;
  for (std::size_t n = 0; n < 12; ++n) {
    for (std::size_t k = 0; k < plane; ++k) {
      sum += static_cast<double>(seen.values()[(n * 12 + 3) * plane + k]);
    }
  }
  CHECK(static_cast<double>(mean(plain, 8)[3]) ==
        doctest::Approx(sum / static_cast<double>(12 * plane)).epsilon(1e-5));
}

TEST_CASE("the published preset") {
  const support::labelled_images images = random_images(12);
  settings how = published_settings();
  CHECK_FALSE(how.renormalize_again);
  how.images = 12;
  how.activation_images = 5;
  const compression result = compress_network(residual_network(), images.images, nullptr, how);
  CHECK(result.report.weights[0].codebook == "fixed-8");
  CHECK(result.report.weights[1].codebook == "published-power-of-two-4");
  CHECK(result.report.weights[3].codebook == "fixed-8");
  REQUIRE(result.report.activations.size() == 3);
  for (const lfnc::activation_report& point : result.report.activations) {
    CHECK(point.low == 0);
    CHECK(point.high == 127);
  }
  CHECK_FALSE(result.complete.has_value());
}

TEST_CASE("steps that are left out") {
  const support::labelled_images images = random_images(4);
  settings how = quick_settings(4);
  SUBCASE("batch norm") {
    how.renormalize = lfnc::renormalization::none;
    how.images = 1000;
    const compression result = compress_network(residual_network(), images.images, &images, how);
    CHECK(result.report.norms.empty());
    CHECK_FALSE(result.renormalized.has_value());
    CHECK(op_at<batch_norm>(result.net, 1).mean == op_at<batch_norm>(residual_network(), 1).mean);
  }
  SUBCASE("activations") {
    how.quantize_activations = false;
    how.activation_images = 400;
    const compression result = compress_network(residual_network(), images.images, &images, how);
    CHECK(result.report.activations.empty());
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
  const support::labelled_images images = random_images(4);
  generator random(1);
  builder build({3, 12, 12});
  build.then(random_convolution(random, 3, 4, square(3)));
  build.then(relu{});
  const compression result = compress_network(build.net, images.images, nullptr, quick_settings(4));
  CHECK(result.report.weights.size() == 1);
  CHECK(result.report.norms.empty());
  CHECK(result.report.activations.size() == 1);
}

TEST_CASE("what cannot be compressed is refused") {
  const support::labelled_images images = random_images(4);
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
    CHECK_THROWS_WITH_AS(how.weights = lfnc::codebook_named("uniform-9"),
                         doctest::Contains("there is no codebook 'uniform-9'"),
                         lfnc::argument_error);
  }
  SUBCASE("activations of one bit") {
    how.activation_bits = 1;
    CHECK(refusal() == "lfnc: activation_bits: 1 is not in 2..8");
  }
}
