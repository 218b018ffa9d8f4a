// lfnc-opencv-dnn: a network is compressed where it stands in OpenCV's DNN module, and measured.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <lfnc/compress.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/choose.hpp"
#include "../support/evaluate.hpp"
#include "../support/list_images.hpp"
#include "../support/passive_threads.hpp"
#include "adapter.hpp"
#include "as_mat.hpp"
#include "options.hpp"

namespace {

using namespace dnn_adapter;

std::optional<support::labelled_images> load_labelled(const options& wanted) {
  if (wanted.labelled.empty()) return std::nullopt;
  return support::load_labelled(support::read_labels(wanted.labelled), wanted.steps);
}

support::image_set load_calibration(const options& wanted) {
  const std::size_t needed = std::max(wanted.how.images, wanted.how.activation_images);
  return {support::choose(support::list_images(wanted.calibration), needed, wanted.seed),
          wanted.steps};
}

// By OpenCV's own forward().
support::accuracy measure(network& net, const support::labelled_images& labelled) {
  const auto scores = [&](const support::tensor& images) {
    const cv::Mat made = net.forward(as_mat(images));
    return std::vector<float>(made.ptr<float>(), made.ptr<float>() + made.total());
  };
  return support::evaluate(scores, labelled, 50);
}

std::string step_name(lfnc::compress_step step, const lfnc::compress_options& how) {
  switch (step) {
    case lfnc::compress_step::none:
      return "float";
    case lfnc::compress_step::weights:
      return "weights quantized";
    case lfnc::compress_step::batch_norm:
      return "batch norm re-normalized, " + std::to_string(how.images) + " images";
    default:
      return "activations quantized, " + std::to_string(how.activation_images) + " images";
  }
}

void run(options wanted) {
  network net(wanted.model);
  const support::image_set calibration = load_calibration(wanted);
  const std::optional<support::labelled_images> labelled = load_labelled(wanted);
  adapter inside(net, calibration);
  const std::size_t before = net.parameter_bytes();
  if (labelled) std::printf("%-44s%9s  %9s\n", "accuracy", "top-1", "top-5");
  wanted.how.after = [&](lfnc::compress_step step) {
    if (!labelled || step == lfnc::compress_step::activations) return;
    const support::accuracy measured = measure(net, *labelled);
    std::printf("%-44s%7.2f %%  %7.2f %%\n", step_name(step, wanted.how).c_str(), measured.top1,
                measured.top5);
    std::fflush(stdout);
  };
  const lfnc::compress_report report = lfnc::compress(inside, wanted.how);
  const lfnc::weight_totals sums = lfnc::total(report);
  const auto saved = static_cast<double>(sums.bytes_before - sums.bytes_after);
  const auto float_bytes = static_cast<double>(before);
  std::printf("size: %.1f kB of float parameters, %.1f kB with packed codes (%.2f times smaller)\n",
              float_bytes / 1000, (float_bytes - saved) / 1000,
              float_bytes / (float_bytes - saved));
  if (wanted.report.empty()) return;
  std::ofstream file(wanted.report);
  file << lfnc::to_json(report) << std::endl;
  if (!file) throw std::runtime_error(wanted.report.string() + ": cannot be written");
}

}  // namespace

int main(int argc, char** argv) {
  support::wait_passively(argv);
  try {
    int status = 0;
    const std::optional<options> wanted = parse_options(argc, argv, status);
    if (wanted) run(*wanted);
    return status;
  } catch (const std::exception& problem) {
    std::cerr << "lfnc-opencv-dnn: " << problem.what() << std::endl;
    return 1;
  }
}
