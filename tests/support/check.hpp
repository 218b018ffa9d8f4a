// What the tests say about errors: which argument is named, and in which words.
#pragma once

#include <doctest/doctest.h>

#include <lfnc/error.hpp>

// The expression is refused with an argument_error whose text contains `part`.
#define CHECK_REFUSED(expression, part) \
  CHECK_THROWS_WITH_AS(static_cast<void>(expression), doctest::Contains(part), lfnc::argument_error)

// The same for sizes beyond 64 bits and the like.
#define CHECK_OVERFLOW(expression, part) \
  CHECK_THROWS_WITH_AS(static_cast<void>(expression), doctest::Contains(part), lfnc::overflow_error)
