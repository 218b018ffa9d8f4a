// One image file, written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace support {

// Writes height x width pixels, row by row, red, green and blue of each one after another; the
// format follows from the extension. Throws std::runtime_error naming the file where it cannot be
// written.
void write_image(const std::filesystem::path& file, std::span<const std::uint8_t> rgb, int height,
                 int width);

}  // namespace support
