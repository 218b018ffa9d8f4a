#include "write_folder.hpp"

#include <fstream>
#include <iomanip>
#include <sstream>
#include <stdexcept>
#include <string>

#include "../support/write_image.hpp"

namespace drawn {
namespace {

namespace fs = std::filesystem;

std::string file_name(std::uint64_t index) {
  std::ostringstream name;
  name << std::setw(6) << std::setfill('0') << index << ".png";
  return name.str();
}

void write_pictures(const fs::path& folder, const folder_options& options) {
  constexpr int extent = static_cast<int>(side);
  std::ostringstream labels;
  for (std::uint64_t i = 0; i < options.count; ++i) {
    const picture drawing = draw_picture(options.seed, options.which, i);
    support::write_image(folder / file_name(i), drawing.rgb, extent, extent);
    labels << file_name(i) << ' ' << drawing.label << '\n';
  }
  if (!options.labelled) return;
  const fs::path file = folder / "labels.txt";
  std::ofstream out(file);
  out << labels.str();
  out.close();
  if (!out) throw std::runtime_error(file.string() + ": cannot be written");
}

}  // namespace

void write_folder(const fs::path& folder, const folder_options& options) {
  constexpr std::uint64_t most = 1000000;
  if (options.count < 1 || options.count > most)
    throw std::invalid_argument("count is " + std::to_string(options.count) + ", must be 1 .. " +
                                std::to_string(most));
  const fs::path target = (folder / "").parent_path();  // without a trailing slash
  if (target.empty()) throw std::invalid_argument("the folder has no name");
  if (fs::exists(target) && !(fs::is_directory(target) && fs::is_empty(target)))
    throw std::invalid_argument(target.string() + ": exists and is not an empty folder");

  fs::path part = target;
  part += ".part";
  fs::remove_all(part);
  fs::create_directories(part);
  try {
    write_pictures(part, options);
    fs::rename(part, target);
  } catch (...) {
    std::error_code ignored;  // the first error is the one to report
    fs::remove_all(part, ignored);
    throw;
  }
}

}  // namespace drawn
