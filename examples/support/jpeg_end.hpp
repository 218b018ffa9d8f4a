// Whether the end of a JPEG image is there.
#pragma once

#include <cstdint>
#include <span>

namespace support {

// Whether the bytes are the beginning of a JPEG image whose end is missing. What follows the end
// (the film of a motion photo, a second picture, padding) does not count, nor do the images inside
// an image, such as the thumbnail that a camera adds.
//
// OpenCV cannot be asked: libjpeg warns where data end too soon, but OpenCV keeps no warnings, and
// gives what is missing as gray.
bool is_cut_off_jpeg(std::span<const std::uint8_t> bytes);

}  // namespace support
