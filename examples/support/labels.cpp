#include "labels.hpp"

#include <charconv>
#include <fstream>
#include <stdexcept>
#include <string>

namespace support {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& list, const std::string& reason) {
  throw std::runtime_error("labels " + list.string() + ": " + reason);
}

bool parse(const std::string& line, labelled_file& out) {
  const std::size_t blank = line.find_last_of(" \t");
  if (blank == std::string::npos) return false;
  const std::size_t name_end = line.find_last_not_of(" \t", blank);
  if (name_end == std::string::npos) return false;
  const char* first = line.data() + blank + 1;
  const char* last = line.data() + line.size();
  const auto [stop, error] = std::from_chars(first, last, out.label);
  out.file = line.substr(0, name_end + 1);
  return error == std::errc{} && stop == last && out.label >= 0;
}

}  // namespace

std::vector<labelled_file> read_labels(const std::filesystem::path& place) {
  const std::filesystem::path list =
      std::filesystem::is_directory(place) ? place / "labels.txt" : place;
  std::ifstream stream(list);
  if (!std::filesystem::is_regular_file(list) || !stream) refuse(list, "cannot be opened");
  std::vector<labelled_file> out;
  std::string line;
  for (std::size_t number = 1; std::getline(stream, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    labelled_file entry;
    if (!parse(line, entry)) {
      refuse(list, "line " + std::to_string(number) + " is not \"file class\": " + line);
    }
    entry.file = list.parent_path() / entry.file;
    out.push_back(entry);
  }
  if (stream.bad()) refuse(list, "cannot be read");
  if (out.empty()) refuse(list, "is empty");
  return out;
}

}  // namespace support
