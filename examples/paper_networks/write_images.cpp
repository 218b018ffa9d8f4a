#include "write_images.hpp"

#include <string>

#include "../support/parallel.hpp"
#include "../support/write_image.hpp"
#include "draw_image.hpp"

namespace paper {

std::vector<std::filesystem::path> write_images(const std::filesystem::path& folder,
                                                std::size_t count, std::uint64_t seed,
                                                std::size_t side) {
  std::filesystem::create_directories(folder);
  std::vector<std::filesystem::path> files(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    files[i] =
        folder / (std::string(number.size() < 6 ? 6 - number.size() : 0, '0') + number + ".jpg");
  }
  const auto extent = static_cast<int>(side);
  support::parallel_for(count, [&](std::size_t i) {
    support::write_image(files[i], draw_image(seed, i, side), extent, extent);
  });
  return files;
}

}  // namespace paper
