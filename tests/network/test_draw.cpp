#include <doctest/doctest.h>
#include <sys/wait.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

#include "figures.hpp"
#include "picture.hpp"
#include "support/temporary_folder.hpp"
#include "write_folder.hpp"

namespace {

namespace fs = std::filesystem;

// 64-bit FNV-1a.
class hash {
 public:
  void add(std::uint8_t byte) { value_ = (value_ ^ byte) * 0x100000001B3U; }
  void add(const drawn::picture& drawing) {
    add(static_cast<std::uint8_t>(drawing.label));
    for (const std::uint8_t byte : drawing.rgb) add(byte);
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325U;
};

std::uint64_t hash_of(std::uint64_t seed, drawn::stream which, std::uint64_t count) {
  hash h;
  for (std::uint64_t i = 0; i < count; ++i) h.add(drawn::draw_picture(seed, which, i));
  return h.value();
}

// The exit status of lfnc-draw with these arguments; what it prints is dropped.
int run_draw(const std::string& arguments) {
  const std::string command = std::string("'") + LFNC_DRAW + "' " + arguments + " >/dev/null 2>&1";
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }

}  // namespace

// The numbers are those of the pictures that figures.onnx was trained and measured on. If one of
// them changes, the network has to be trained and measured again.
TEST_CASE("the same pictures on every platform and with every compiler") {
  CHECK(hash_of(1, drawn::stream::training, 200) == 0xFB20A8FA7D4D0D3AU);
  CHECK(hash_of(1, drawn::stream::calibration, 200) == 0xB6F2A029ABF505FFU);
  CHECK(hash_of(1, drawn::stream::test, 200) == 0xC0CD963E3DE44035U);
}

TEST_CASE("a picture depends on seed, stream and index") {
  const drawn::picture first = drawn::draw_picture(1, drawn::stream::test, 0);
  CHECK(first.rgb == drawn::draw_picture(1, drawn::stream::test, 0).rgb);
  CHECK(first.rgb != drawn::draw_picture(2, drawn::stream::test, 0).rgb);
  CHECK(first.rgb != drawn::draw_picture(1, drawn::stream::training, 0).rgb);
  CHECK(first.rgb != drawn::draw_picture(1, drawn::stream::calibration, 0).rgb);
  CHECK(first.rgb != drawn::draw_picture(1, drawn::stream::test, 1).rgb);
}

TEST_CASE("no picture comes twice, in one stream or in two") {
  std::set<std::uint64_t> seen;
  for (const auto which :
       {drawn::stream::training, drawn::stream::calibration, drawn::stream::test})
    for (std::uint64_t i = 0; i < 1000; ++i) {
      hash h;
      h.add(drawn::draw_picture(1, which, i));
      seen.insert(h.value());
    }
  CHECK(seen.size() == 3000);
}

TEST_CASE("every class is drawn about equally often") {
  std::array<int, drawn::figure_count> count{};
  constexpr int pictures = 1600;
  for (std::uint64_t i = 0; i < pictures; ++i) {
    const drawn::picture drawing = drawn::draw_picture(7, drawn::stream::test, i);
    REQUIRE(drawing.label < drawn::figure_count);
    ++count[drawing.label];
  }
  for (const int n : count) {  // 100 expected, standard deviation 9.7
    CHECK(n > 50);
    CHECK(n < 150);
  }
}

TEST_CASE("every figure stays within its frame and names its corners rightly") {
  std::set<std::string_view> names;
  for (const drawn::figure& f : drawn::figures()) {
    CAPTURE(f.name);
    names.insert(f.name);
    CHECK(f.corners.size() <= drawn::most_corners);
    CHECK_FALSE(f.strokes.empty());
    for (const drawn::corner& c : f.corners) {
      CHECK(std::abs(c.x) <= 64);
      CHECK(std::abs(c.y) <= 64);
    }
    for (const drawn::stroke& s : f.strokes) {
      CHECK(s.from < f.corners.size());
      CHECK(s.to < f.corners.size());
    }
  }
  CHECK(names.size() == drawn::figure_count);
}

TEST_CASE("a folder holds the pictures without loss, and their labels") {
  const temporary_folder temporary;
  const fs::path folder = temporary / "labelled";
  drawn::write_folder(folder, {.seed = 3, .which = drawn::stream::training, .count = 12});

  std::ostringstream labels;
  for (std::uint64_t i = 0; i < 12; ++i) {
    const std::string name = (i < 10 ? "00000" : "0000") + std::to_string(i) + ".png";
    const drawn::picture expected = drawn::draw_picture(3, drawn::stream::training, i);
    labels << name << ' ' << expected.label << '\n';
    const cv::Mat bgr = cv::imread((folder / name).string(), cv::IMREAD_UNCHANGED);
    REQUIRE(bgr.type() == CV_8UC3);
    REQUIRE(bgr.rows == static_cast<int>(drawn::side));
    REQUIRE(bgr.cols == static_cast<int>(drawn::side));
    drawn::picture found;
    for (int y = 0; y < bgr.rows; ++y)
      for (int x = 0; x < bgr.cols; ++x)
        for (int k = 0; k < 3; ++k)
          found.rgb[static_cast<std::size_t>((y * bgr.cols + x) * 3 + k)] =
              bgr.at<cv::Vec3b>(y, x)[2 - k];
    CHECK(found.rgb == expected.rgb);
  }
  CHECK(content_of(folder / "labels.txt") == labels.str());
  CHECK_FALSE(fs::exists(temporary / "labelled.part"));
}

TEST_CASE("an unlabelled folder holds pictures only") {
  const temporary_folder temporary;
  const fs::path folder = temporary / "unlabelled";
  drawn::write_folder(folder, {.count = 3, .labelled = false});
  CHECK(std::distance(fs::directory_iterator(folder), fs::directory_iterator()) == 3);
  CHECK_FALSE(fs::exists(folder / "labels.txt"));
}

TEST_CASE("what an interrupted run left is replaced, not mixed in") {
  const temporary_folder temporary;
  fs::create_directories(temporary / "a.part");
  std::ofstream(temporary / "a.part/000099.png") << "left over";
  drawn::write_folder(temporary / "a", {.count = 1});
  CHECK_FALSE(fs::exists(temporary / "a/000099.png"));
  CHECK(fs::exists(temporary / "a/000000.png"));
}

TEST_CASE("bad requests are refused before anything is written") {
  const temporary_folder temporary;
  CHECK_THROWS_AS(drawn::write_folder(temporary / "a", {.count = 0}), std::invalid_argument);
  CHECK_THROWS_AS(drawn::write_folder(temporary / "a", {.count = 1000001}), std::invalid_argument);
  CHECK_THROWS_AS(drawn::write_folder("", {}), std::invalid_argument);
  CHECK_FALSE(fs::exists(temporary / "a"));
  CHECK_FALSE(fs::exists(temporary / "a.part"));

  fs::create_directories(temporary / "full");
  std::ofstream(temporary / "full/note") << "mine";
  CHECK_THROWS_AS(drawn::write_folder(temporary / "full", {.count = 1}), std::invalid_argument);
  std::ofstream(temporary / "file") << "mine";
  CHECK_THROWS_AS(drawn::write_folder(temporary / "file", {.count = 1}), std::invalid_argument);
  CHECK(content_of(temporary / "full/note") == "mine");
  CHECK(content_of(temporary / "file") == "mine");
  CHECK_THROWS(drawn::write_folder(temporary / "file/below", {.count = 1}));
}

TEST_CASE("lfnc-draw takes good options and refuses bad ones") {
  const temporary_folder temporary;
  const std::string folder = quoted(temporary / "a");
  CHECK(run_draw("") != 0);
  CHECK(run_draw(folder + " --count 0") != 0);
  CHECK(run_draw(folder + " --count -1") != 0);
  CHECK(run_draw(folder + " --count 1000001") != 0);
  CHECK(run_draw(folder + " --count many") != 0);
  CHECK(run_draw(folder + " --seed -1") != 0);
  CHECK(run_draw(folder + " --seed 18446744073709551616") != 0);
  CHECK(run_draw(folder + " --seed 1e3") != 0);
  CHECK(run_draw(folder + " --stream validation") != 0);
  CHECK(run_draw(folder + " --stream 4") != 0);
  CHECK(run_draw(folder + " --unknown") != 0);
  CHECK_FALSE(fs::exists(temporary / "a"));

  REQUIRE(run_draw(folder + " --count 5 --seed 9 --stream calibration --unlabelled") == 0);
  drawn::write_folder(
      temporary / "b",
      {.seed = 9, .which = drawn::stream::calibration, .count = 5, .labelled = false});
  CHECK(std::distance(fs::directory_iterator(temporary / "a"), fs::directory_iterator()) == 5);
  CHECK(content_of(temporary / "a/000004.png") == content_of(temporary / "b/000004.png"));
  CHECK(run_draw(folder) != 0);  // the folder is not empty any more
}
