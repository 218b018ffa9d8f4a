// Image files of a folder.
#pragma once

#include <filesystem>
#include <vector>

namespace support {

// The files of a folder (not of folders inside it) whose extension is that of an image (jpg, jpeg,
// png, bmp, ppm, pgm, tif, tiff, webp, in any case), sorted by name. Throws std::runtime_error
// naming the folder where it does not exist or holds no image.
std::vector<std::filesystem::path> list_images(const std::filesystem::path& folder);

}  // namespace support
