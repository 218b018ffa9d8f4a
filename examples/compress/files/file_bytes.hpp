// Whole files in and out.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace compress {

// The content of a file of at most 2^31 - 1 bytes (protobuf's own limit). Throws model_error,
// naming it.
std::string read_bytes(const std::filesystem::path& path);

// Throws model_error where write_bytes could not write `path`, which it leaves as it is.
void check_writable(const std::filesystem::path& path);

// Writes every (path, content) pair under a temporary name in the same folder, then renames all of
// them. Throws model_error, leaving no temporary file behind.
void write_bytes(const std::vector<std::pair<std::filesystem::path, std::string>>& files);

}  // namespace compress
