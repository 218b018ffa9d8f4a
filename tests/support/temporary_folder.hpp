// A folder for the files of a test.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

// An empty folder of its own that goes away with all it holds.
class temporary_folder {
 public:
  temporary_folder() : path(fresh()) {}
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::filesystem::path path;

  std::filesystem::path operator/(const std::string& name) const { return path / name; }

  // How many files and folders it holds.
  std::size_t file_count() const {
    const std::filesystem::directory_iterator files(path);
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
  }

  // Writes a file of that content and returns its path.
  std::filesystem::path write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << content;
    return path / name;
  }

 private:
  static std::filesystem::path fresh() {
    static std::atomic<int> count{0};
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() /
        ("lfnc-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    return folder;
  }
};

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}
