#include "fixtures.hpp"

#include "../../examples_support/image_folder.hpp"

namespace compress::test {

support::labelled_images random_images(std::size_t count, int side) {
  const image_folder folder;
  generator random(3);
  std::uniform_int_distribution<int> pixel(0, 255);
  std::vector<support::labelled_file> files;
  for (std::size_t k = 0; k < count; ++k) {
    const auto file = folder.draw(std::to_string(k) + ".png", side, side, [&](int, int, int) {
      return static_cast<std::uint8_t>(pixel(random));
    });
    files.push_back({file, static_cast<std::int64_t>(k % 4)});
  }
  support::preprocessing steps;
  steps.scale = 1.0F / 64;
  steps.mean = {2, 2, 2};
  return support::load_labelled(files, steps);
}

}  // namespace compress::test
