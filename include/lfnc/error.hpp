// lfnc floor 0: what is thrown, and what happens with -fno-exceptions.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "config.hpp"

namespace lfnc {

inline namespace LFNC_ABI {
namespace detail {

// What an argument_error says.
LFNC_COLD inline std::string argument_message(std::string_view argument, std::string_view reason) {
  std::string text = "lfnc: ";
  text += argument;
  text += ": ";
  text += reason;
  return text;
}

}  // namespace detail
}  // namespace LFNC_ABI

// Base of everything that lfnc throws. (Constructors are part of their callers, see LFNC_ABI.)
class error : public std::runtime_error {
 public:
  // With what() as given.
  LFNC_INLINE explicit error(const std::string& message) : std::runtime_error(message) {}
  LFNC_INLINE explicit error(const char* message) : std::runtime_error(message) {}
  // Copies, as exceptions are.
  LFNC_INLINE error(const error&) = default;
  LFNC_INLINE error& operator=(const error&) = default;
};

// An argument that cannot be worked on: wrong shape, null data, NaN, a value out of range. what()
// names the argument and, where one element is to blame, its index. Nothing was written.
class argument_error : public error {
 public:
  // The name of the argument, and what is wrong with it.
  LFNC_INLINE argument_error(std::string_view argument, std::string_view reason)
      : error(detail::argument_message(argument, reason)), argument_(argument) {}
  // Copies, as exceptions are.
  LFNC_INLINE argument_error(const argument_error&) = default;
  LFNC_INLINE argument_error& operator=(const argument_error&) = default;

  // The name of the argument as the declaration of the verb spells it.
  LFNC_INLINE const std::string& argument() const noexcept { return argument_; }

 private:
  std::string argument_;
};

// A count, extent or offset that does not fit 64 bits, or memory that could not be counted in it.
class overflow_error : public error {
 public:
  // With what() as given.
  LFNC_INLINE explicit overflow_error(const std::string& message) : error(message) {}
  LFNC_INLINE explicit overflow_error(const char* message) : error(message) {}
  // Copies, as exceptions are.
  LFNC_INLINE overflow_error(const overflow_error&) = default;
  LFNC_INLINE overflow_error& operator=(const overflow_error&) = default;
};

// Called with what() in place of a throw under -fno-exceptions; must not return. The default prints
// the message to standard error and aborts.
using error_handler = void (*)(const char* message);

// Where the handler is kept: one for the whole program.
struct error_hook {
  static inline error_handler current = nullptr;  // null: the default
};

// Replaces the handler that builds without exceptions call; returns the one before (null: default).
// Not synchronized: set it before the first verb.
LFNC_INLINE error_handler set_error_handler(error_handler handler) noexcept {
  return std::exchange(error_hook::current, handler);
}

inline namespace LFNC_ABI {
namespace detail {

template <class Error>
[[noreturn]] LFNC_COLD void raise(const Error& problem) {
#if LFNC_EXCEPTIONS
  throw problem;
#else
  if (error_hook::current != nullptr) error_hook::current(problem.what());
  std::fprintf(stderr, "%s\n", problem.what());
  std::abort();
#endif
}

[[noreturn]] LFNC_COLD inline void refuse(std::string_view argument, std::string_view reason) {
  raise(argument_error(argument, reason));
}

inline void require(bool holds, std::string_view argument, std::string_view reason) {
  if (!holds) refuse(argument, reason);
}

template <class Reason>
[[noreturn]] LFNC_COLD void refuse_with(std::string_view argument, const Reason& reason) {
  refuse(argument, std::string(reason()));
}

// The same with a reason that is put together by reason() where it is needed, out of the way: a
// sentence takes longer to write, and to compile, than many a verb.
template <class Reason>
  requires requires(const Reason& reason) { std::string(reason()); }
void require(bool holds, std::string_view argument, const Reason& reason) {
  if (!holds) refuse_with(argument, reason);
}

inline std::string number(std::int64_t value) { return std::to_string(value); }

// The fewest digits that give the same number again, with a point in every locale: 1e-30, where
// std::to_string has 0.000000. For messages: std::to_chars says the same sooner, and its header
// takes as long to compile as all of this one.
LFNC_COLD inline std::string shortest(double value, bool as_float = false) {
  char text[40];
  for (int digits = 1; digits <= 17; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    // Bits, since with subnormal numbers switched off any two of those are equal.
    const double read =
        as_float ? static_cast<double>(std::strtof(text, nullptr)) : std::strtod(text, nullptr);
    if (__builtin_bit_cast(std::uint64_t, read) == __builtin_bit_cast(std::uint64_t, value)) break;
  }
  for (char* letter = text; *letter != '\0'; ++letter) {
    if (*letter == ',') *letter = '.';
  }
  return text;
}
inline std::string shortest(float value) { return shortest(static_cast<double>(value), true); }

// A word or a whole number of a sentence.
struct phrase {
  std::string_view text;
  std::int64_t value = 0;
  bool is_number = false;

  constexpr phrase(const char* words) : text(words) {}
  constexpr phrase(std::string_view words) : text(words) {}
  phrase(const std::string& words) : text(words) {}
  template <std::integral Number>
  constexpr phrase(Number number) : value(static_cast<std::int64_t>(number)), is_number(true) {}
};

// The phrases, one after another. Here and not where a sentence is needed: a sum of strings there
// takes as long to compile as a loop does.
LFNC_COLD inline std::string sentence(std::initializer_list<phrase> phrases) {
  std::string text;
  for (const phrase& next : phrases) {
    if (next.is_number) {
      text += std::to_string(next.value);
    } else {
      text += next.text;
    }
  }
  return text;
}

}  // namespace detail
}  // namespace LFNC_ABI
}  // namespace lfnc
