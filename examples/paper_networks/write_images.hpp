// A folder of random pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace paper {

// Draws pictures 0 .. count - 1 into `folder`, which is made where it is missing, as 000000.jpg,
// 000001.jpg and so on; returns their files. Throws std::runtime_error, naming the file, where one
// cannot be written.
std::vector<std::filesystem::path> write_images(const std::filesystem::path& folder,
                                                std::size_t count, std::uint64_t seed,
                                                std::size_t side);

}  // namespace paper
