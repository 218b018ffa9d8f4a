// lfnc-draw: draws the labelled pictures that the network of this folder is trained and measured
// on.
#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <exception>
#include <iostream>
#include <map>
#include <string>
#include <system_error>

#include "figures.hpp"
#include "write_folder.hpp"

namespace {

// Refuses what the option parser would wrap round or cut off: signs and numbers beyond 2^64 - 1.
std::string check_seed(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size()) return {};
  return "'" + text + "' is not a whole number within 0 .. 2^64 - 1";
}

// Returns the exit status.
int run(int argc, char** argv) {
  CLI::App app{"Draws 32 x 32 RGB pictures of " + std::to_string(drawn::figure_count) +
               " figures into a folder, the same pixels for the same options everywhere."};
  std::string folder;
  drawn::folder_options options;
  bool unlabelled = false;
  const std::map<std::string, drawn::stream> streams{{"training", drawn::stream::training},
                                                     {"calibration", drawn::stream::calibration},
                                                     {"test", drawn::stream::test}};
  app.add_option("folder", folder, "Folder to make; must be absent or empty")->required();
  app.add_option("--count", options.count, "Pictures to draw")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1000000}))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Seed, 0 .. 2^64 - 1")
      ->check(check_seed)
      ->capture_default_str();
  app.add_option("--stream", options.which, "Which pictures under the seed; default: test")
      ->transform(CLI::CheckedTransformer(streams));
  app.add_flag("--unlabelled", unlabelled, "Write no labels.txt");
  CLI11_PARSE(app, argc, argv);
  options.labelled = !unlabelled;

  drawn::write_folder(folder, options);
  std::cout << options.count << " pictures drawn into " << folder << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "lfnc-draw: " << e.what() << '\n';
    return 1;
  }
}
