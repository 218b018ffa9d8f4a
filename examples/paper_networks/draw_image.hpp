// A random picture that is smooth at every scale, as photographs are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace paper {

// Interleaved RGB, side x side; the same for the same arguments.
std::vector<std::uint8_t> draw_image(std::uint64_t seed, std::uint64_t index, std::size_t side);

}  // namespace paper
