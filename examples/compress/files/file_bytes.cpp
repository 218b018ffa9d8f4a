#include "file_bytes.hpp"

#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <limits>
#include <system_error>

#include "model_file.hpp"

namespace compress {

namespace {

constexpr const char* no_place = "the folder is missing, not writable, or full";

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw model_error(path.string() + ": cannot be written: " + why);
}

std::filesystem::path temporary_name(const std::filesystem::path& path) {
  return path.string() + ".tmp" + std::to_string(::getpid());
}

}  // namespace

std::string read_bytes(const std::filesystem::path& path) {
  const auto fail = [&](const std::string& why) { throw model_error(path.string() + ": " + why); };
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) fail("there is no such file");
  const std::uintmax_t size = std::filesystem::file_size(path, failed);
  if (failed) fail("cannot be read: " + failed.message());
  if (size == 0) fail("is empty");
  if (size > static_cast<std::uintmax_t>(std::numeric_limits<std::int32_t>::max())) {
    fail("is larger than 2 GiB");
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size))) fail("cannot be read");
  return bytes;
}

void check_writable(const std::filesystem::path& path) {
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed)) refuse(path, "is a folder");
  const std::filesystem::path temporary = temporary_name(path);
  if (!std::ofstream(temporary, std::ios::binary | std::ios::trunc)) refuse(path, no_place);
  std::filesystem::remove(temporary, failed);
}

void write_bytes(const std::vector<std::pair<std::filesystem::path, std::string>>& files) {
  std::vector<std::filesystem::path> temporaries;
  const auto fail = [&](const std::filesystem::path& path, const std::string& why) {
    std::error_code ignored;
    for (const auto& temporary : temporaries) std::filesystem::remove(temporary, ignored);
    refuse(path, why);
  };
  for (const auto& [path, bytes] : files) {
    temporaries.push_back(temporary_name(path));
    std::ofstream file(temporaries.back(), std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) fail(path, no_place);
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::error_code failed;
    std::filesystem::rename(temporaries[i], files[i].first, failed);
    if (failed) fail(files[i].first, failed.message());
  }
}

}  // namespace compress
