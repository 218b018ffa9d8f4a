#include <lfnc/compress/json.hpp>

#include <clocale>
#include <cstdlib>
#include <limits>
#include <string>

#include "support/check.hpp"

namespace {

// Reads a JSON text as RFC 8259 defines it, and counts its values.
class reader {
 public:
  explicit reader(const std::string& text) : text_(text) {}

  // Whether all of the text is one value.
  bool whole() {
    const bool right = value();
    space();
    return right && at_ == text_.size();
  }

  int nulls = 0;
  int numbers = 0;

 private:
  char now() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (now() != c) return false;
    ++at_;
    return true;
  }
  bool word(const std::string& what) {
    if (text_.compare(at_, what.size(), what) != 0) return false;
    at_ += what.size();
    return true;
  }
  void space() {
    while (now() == ' ' || now() == '\n') ++at_;
  }
  bool digits() {
    const std::size_t first = at_;
    while (now() >= '0' && now() <= '9') ++at_;
    return at_ > first;
  }
  bool string() {
    if (!take('"')) return false;
    while (now() != '"') {
      if (static_cast<unsigned char>(now()) < 0x20) return false;
      if (!take('\\')) {
        ++at_;
        continue;
      }
      if (take('u')) {
        for (int k = 0; k < 4; ++k, ++at_) {
          if (std::string("0123456789abcdef").find(now()) == std::string::npos) return false;
        }
      } else if (!take('"') && !take('\\')) {
        return false;
      }
    }
    return take('"');
  }
  bool number() {
    ++numbers;
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('-')) take('+');
      return digits();
    }
    return true;
  }
  bool list(char end, bool keys) {
    space();
    if (take(end)) return true;
    do {
      space();
      if (keys) {
        if (!string()) return false;
        space();
        if (!take(':')) return false;
      }
      if (!value()) return false;
      space();
    } while (take(','));
    return take(end);
  }
  bool value() {
    space();
    if (take('{')) return list('}', true);
    if (take('[')) return list(']', false);
    if (now() == '"') return string();
    if (word("null")) return ++nulls > 0;
    return number();
  }

  const std::string& text_;
  std::size_t at_ = 0;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

lfnc::compress_report example() {
  lfnc::compress_report report;
  report.weights.resize(2);
  report.weights[0].layer = "conv1";
  report.weights[0].relative_error = 0.1;
  report.weights[1].packing = lfnc::packing::exponent4;
  report.norms.resize(1);
  report.norms[0].kept = 3;
  report.norms[0].bounded = 2;
  report.activations.resize(3);
  report.activations[0].low = -127;
  report.renormalized = lfnc::renormalization::anchored;
  report.cost.images = std::numeric_limits<std::uint64_t>::max();
  return report;
}

}  // namespace

TEST_CASE("a report is JSON") {
  for (const lfnc::compress_report& report : {lfnc::compress_report(), example()}) {
    const std::string text = lfnc::to_json(report);
    CAPTURE(text);
    CHECK(reader(text).whole());
    CHECK(reader(text).nulls == 0);
  }
  const std::string text = lfnc::to_json(example());
  CHECK(contains(text, "\"layer\": \"conv1\""));
  CHECK(contains(text, "\"relative_error\": 0.1,"));
  CHECK(contains(text, "\"kept\": 3,"));
  CHECK(contains(text, "\"bounded\": 2"));
  CHECK(contains(text, "\"low\": -127"));
  CHECK(contains(text, "\"packing\": \"int8\""));
  CHECK(contains(text, "\"packing\": \"exponent4\""));
  CHECK(contains(text, "\"renormalized\": \"anchored\""));
  CHECK(contains(text, "18446744073709551615"));
}

TEST_CASE("numbers that are none become null") {
  lfnc::compress_report report = example();
  report.weights[0].saturated = std::numeric_limits<double>::quiet_NaN();
  report.weights[1].squared_error = std::numeric_limits<double>::infinity();
  report.norms[0].mean_shift = -std::numeric_limits<double>::infinity();
  const std::string text = lfnc::to_json(report);
  reader read(text);
  CHECK(read.whole());
  CHECK(read.nulls == 3);
  CHECK_FALSE(contains(text, "nan"));
  CHECK_FALSE(contains(text, "inf"));
}

TEST_CASE("digits give the same number again, whatever the locale") {
  lfnc::compress_report report = example();
  for (const double value : {1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0, 123456789.125}) {
    report.norms[0].mean_shift = value;
    // Where such a locale is installed, its decimal point is a comma.
    std::setlocale(LC_ALL, "de_DE.UTF-8");
    const std::string text = lfnc::to_json(report);
    std::setlocale(LC_ALL, "C");
    CHECK(reader(text).whole());
    const std::string key = "\"mean_shift\": ";
    const std::size_t at = text.find(key);
    REQUIRE(at != std::string::npos);
    CHECK(std::strtod(text.c_str() + at + key.size(), nullptr) == value);
  }
}

TEST_CASE("names of any bytes") {
  const auto text_of = [](const std::string& name) {
    lfnc::compress_report report;
    report.norms.resize(1);
    report.norms[0].layer = name;
    const std::string text = lfnc::to_json(report);
    CHECK(reader(text).whole());
    return text;
  };
  CHECK(contains(text_of("a\"b\\c/d"), R"("a\"b\\c/d")"));
  CHECK(contains(text_of(std::string("\0\n\x1f\x7f", 4)), "\"\\u0000\\u000a\\u001f\x7f\""));
  const std::string good = "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 \xED\x9F\xBF \xF4\x8F\xBF\xBF";
  CHECK(contains(text_of(good), "\"" + good + "\""));
  // A lone byte, an overlong form, a surrogate, beyond U+10FFFF, cut short.
  CHECK(contains(text_of("\x80"), "\"\\ufffd\""));
  CHECK(contains(text_of("\xC0\xAF"), "\"\\ufffd\\ufffd\""));
  CHECK(contains(text_of("\xE0\x80\x80"), "\"\\ufffd\\ufffd\\ufffd\""));
  CHECK(contains(text_of("\xED\xA0\x80"), "\"\\ufffd\\ufffd\\ufffd\""));
  CHECK(contains(text_of("\xF0\x80\x80\x80"), "\"\\ufffd\\ufffd\\ufffd\\ufffd\""));
  CHECK(contains(text_of("\xF4\x90\x80\x80"), "\"\\ufffd\\ufffd\\ufffd\\ufffd\""));
  CHECK(contains(text_of("\xF5x"), "\"\\ufffdx\""));
  CHECK(contains(text_of("x\xE2\x82"), "\"x\\ufffd\\ufffd\""));
}
