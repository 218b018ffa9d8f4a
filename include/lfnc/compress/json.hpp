// lfnc floor 5: compress/json: a report as JSON text.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "report.hpp"

namespace lfnc {
inline namespace LFNC_ABI {
namespace detail {

// Length of the UTF-8 sequence that `text` begins with; 0 where it begins with none (a byte out of
// place, an overlong form, a surrogate, a number beyond U+10FFFF).
inline std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(k) & 0xC0U) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  const bool wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) ||
                     (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90);
  return wrong ? 0 : length;
}

// Writes JSON values one after another, with commas and indentation where they belong.
class json_writer {
 public:
  void open(char bracket) {
    separate();
    text_ += bracket;
    ++depth_;
    first_ = true;
  }
  void close(char bracket) {
    --depth_;
    if (!first_) break_line();
    text_ += bracket;
    first_ = false;
  }
  void key(std::string_view name) {
    separate();
    quote(name);
    text_ += ": ";
    after_key_ = true;
  }

  void value(std::string_view words) {
    separate();
    quote(words);
  }
  // Digits that give the same number again, in every locale; null for NaN and the infinities, for
  // which JSON has no words.
  template <class Number>
    requires std::integral<Number> || std::floating_point<Number>
  void value(Number number) {
    separate();
    if constexpr (std::floating_point<Number>) {
      if (!finite(number)) {
        text_ += "null";
        return;
      }
    }
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, number);
    text_.append(digits, end.ptr);
  }

  template <class Value>
  void member(std::string_view name, const Value& of) {
    key(name);
    value(of);
  }

  std::string take() { return std::move(text_); }

 private:
  void break_line() {
    text_ += '\n';
    text_.append(2 * depth_, ' ');
  }

  void separate() {
    if (!after_key_ && depth_ > 0) {
      if (!first_) text_ += ',';
      break_line();
    }
    after_key_ = false;
    first_ = false;
  }

  // Names come from files of others: what is not UTF-8 becomes U+FFFD.
  void quote(std::string_view words) {
    constexpr char hexadecimal[] = "0123456789abcdef";
    text_ += '"';
    while (!words.empty()) {
      const auto code = static_cast<unsigned char>(words[0]);
      const std::size_t length = utf8_length(words);
      if (length == 0) {
        text_ += "\\ufffd";
      } else if (code == '"' || code == '\\') {
        text_ += '\\';
        text_ += words[0];
      } else if (code < 0x20) {
        text_ += "\\u00";
        text_ += hexadecimal[code >> 4];
        text_ += hexadecimal[code & 15U];
      } else {
        text_ += words.substr(0, length);
      }
      words.remove_prefix(length == 0 ? 1 : length);
    }
    text_ += '"';
  }

  std::string text_;
  std::size_t depth_ = 0;
  bool first_ = true;
  bool after_key_ = false;
};

template <class List, class Write>
void write_list(json_writer& to, std::string_view name, const List& list, Write write) {
  to.key(name);
  to.open('[');
  for (const auto& entry : list) {
    to.open('{');
    write(entry);
    to.close('}');
  }
  to.close(']');
}

}  // namespace detail

// The report as one JSON object in UTF-8, members named as in report.hpp, "total" beside them;
// ends without a newline. Doubles have the digits that give the same number again; NaN and the
// infinities become null.
inline std::string to_json(const compress_report& report) {
  detail::json_writer to;
  to.open('{');
  detail::write_list(to, "weights", report.weights, [&](const weight_report& layer) {
    to.member("layer", layer.layer);
    to.member("codebook", layer.codebook);
    to.member("weights", layer.weights);
    to.member("squared_error", layer.squared_error);
    to.member("squared_norm", layer.squared_norm);
    to.member("relative_error", layer.relative_error);
    to.member("least_alpha", layer.least_alpha);
    to.member("greatest_alpha", layer.greatest_alpha);
    to.member("saturated", layer.saturated);
    to.member("bytes_before", layer.bytes_before);
    to.member("packing", name_of(layer.packing));
    to.member("bytes_after", layer.bytes_after);
  });
  detail::write_list(to, "norms", report.norms, [&](const norm_report& layer) {
    to.member("layer", layer.layer);
    to.member("mean_shift", layer.mean_shift);
    to.member("variance_ratio", layer.variance_ratio);
    to.member("kept", layer.kept);
    to.member("bounded", layer.bounded);
  });
  detail::write_list(to, "activations", report.activations, [&](const activation_report& point) {
    to.member("layer", point.layer);
    to.member("low", point.low);
    to.member("high", point.high);
    to.member("alpha", point.alpha);
    to.member("largest", point.largest);
    to.member("saturated", point.saturated);
  });
  const weight_totals sums = total(report);
  to.key("total");
  to.open('{');
  to.member("weights", sums.weights);
  to.member("relative_error", sums.relative_error);
  to.member("bytes_before", sums.bytes_before);
  to.member("bytes_after", sums.bytes_after);
  to.close('}');
  to.member("renormalized", name_of(report.renormalized));
  to.member("images", report.images);
  to.member("activation_images", report.activation_images);
  to.key("cost");
  to.open('{');
  to.member("images", report.cost.images);
  to.member("state_bytes", report.cost.state_bytes);
  to.close('}');
  to.close('}');
  return to.take();
}

}  // namespace LFNC_ABI
}  // namespace lfnc
