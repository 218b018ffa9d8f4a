// lfnc-compress: a trained network and unlabelled images in, a compressed network out.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <lfnc/compress/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "../support/choose.hpp"
#include "../support/list_images.hpp"
#include "../support/passive_threads.hpp"
#include "evaluate.hpp"
#include "files/model_file.hpp"
#include "method/compress.hpp"
#include "method/progress.hpp"
#include "options.hpp"
#include "print_report.hpp"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace {

using namespace compress;

// Of the memory that the program may take, decoded images may keep a quarter; with more of them
// every pass decodes them anew. Labelled ones only measure, and may keep half as much.
support::labelled_images load_labelled_folder(const options& wanted) {
  return support::load_labelled(support::read_labels(wanted.labelled), wanted.steps,
                                wanted.how.memory / 8);
}

// Loads the calibration images that will be used, the same for the same seed, and says how many.
support::image_set load_calibration(options& wanted) {
  const auto files = support::list_images(wanted.calibration);
  settings& how = wanted.how;
  if (!wanted.images_given) how.images = std::min(how.images, files.size());
  if (!wanted.activation_images_given) {
    how.activation_images = std::min(how.activation_images, how.images);
  }
  const std::size_t needed = images_needed(how);
  if (needed > files.size()) {
    throw std::runtime_error("image folder " + wanted.calibration.string() + ": " +
                             std::to_string(needed) + " images asked for where there are " +
                             std::to_string(files.size()));
  }
  std::cout << "calibration: " << needed << " of " << files.size() << " images of "
            << wanted.calibration.string() << std::endl;
  return support::image_set(support::choose(files, needed, how.seed), wanted.steps, how.memory / 4);
}

void print_measured(const support::accuracy& measured) {
  std::printf("top-1 %.2f %%, top-5 %.2f %%\n", measured.top1, measured.top5);
}

void check_written(const std::ofstream& file, const std::filesystem::path& path) {
  if (!file) throw std::runtime_error(path.string() + ": cannot be written");
}

int run(options wanted) {
  network net = read_network(wanted.model);
  if (!wanted.output.empty()) check_output(wanted.model, wanted.output);
  std::optional<support::labelled_images> labelled;
  if (!wanted.labelled.empty()) {
    labelled = load_labelled_folder(wanted);
    std::cout << "labelled: " << labelled->labels.size() << " images of "
              << wanted.labelled.string() << std::endl;
  }
  if (wanted.calibration.empty()) {
    engine running(net);
    progress shown("accuracy", labelled->images.size());
    print_measured(evaluate(running, *labelled, wanted.how.batch,
                            [&](std::size_t count) { shown.step(count); }));
    return 0;
  }

  std::ofstream report;
  if (!wanted.report.empty()) {
    report.open(wanted.report);
    check_written(report, wanted.report);
  }
  compression result;
  {
    const support::image_set calibration = load_calibration(wanted);
    result =
        compress_network(std::move(net), calibration, labelled ? &*labelled : nullptr, wanted.how);
  }
  labelled.reset();  // writing takes memory too
  std::cout << '\n';
  print_report(std::cout, wanted.how, result);
  if (!wanted.output.empty()) {
    read_model(wanted.model)->write(wanted.output, std::move(result.net));
    print_written(std::cout, wanted.output);
  }
  if (report.is_open()) {
    report << lfnc::to_json(result.report) << std::endl;
    check_written(report, wanted.report);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  support::wait_passively(argv);
#if defined(__GLIBC__)
  // Large blocks go back to the system when they are freed: among those that wait for long, glibc
  // would leave gaps, which --memory cannot count.
  mallopt(M_MMAP_THRESHOLD, 1 << 17);
#endif
  try {
    int status = 0;
    std::optional<options> wanted = parse_options(argc, argv, status);
    return wanted ? run(std::move(*wanted)) : status;
  } catch (const std::exception& problem) {
    std::cerr << "lfnc-compress: " << problem.what() << std::endl;
    return 1;
  }
}
