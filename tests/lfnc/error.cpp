#include <lfnc/error.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <limits>
#include <string>

TEST_CASE("an argument error names its argument and its reason") {
  const lfnc::argument_error problem("weights", "element 3 is NaN");
  CHECK(std::string(problem.what()) == "lfnc: weights: element 3 is NaN");
  CHECK(problem.argument() == "weights");
}

TEST_CASE("everything thrown is an lfnc::error and a std::runtime_error") {
  CHECK_THROWS_AS(lfnc::detail::raise(lfnc::argument_error("a", "b")), lfnc::error);
  CHECK_THROWS_AS(lfnc::detail::raise(lfnc::overflow_error("too large")), lfnc::error);
  CHECK_THROWS_AS(lfnc::detail::refuse("a", "b"), std::runtime_error);
}

TEST_CASE("require throws where it must and only there") {
  CHECK_NOTHROW(lfnc::detail::require(true, "a", "b"));
  CHECK_THROWS_WITH_AS(lfnc::detail::require(false, "bits", lfnc::detail::number(-9)),
                       "lfnc: bits: -9", lfnc::argument_error);
}

TEST_CASE("numbers in messages have the fewest digits that give them again") {
  using lfnc::detail::shortest;
  CHECK(shortest(1e-30) == "1e-30");
  CHECK(shortest(0.1) == "0.1");
  CHECK(shortest(0.1F) == "0.1");
  CHECK(shortest(-2.5) == "-2.5");
  CHECK(shortest(0.0) == "0");
  CHECK(shortest(5e-324) == "5e-324");
  CHECK(shortest(1.0 / 3) == "0.3333333333333333");
  CHECK(shortest(1.0F / 3) == "0.33333334");
  CHECK(shortest(1e-42F) == "1e-42");
  CHECK(shortest(std::numeric_limits<double>::infinity()) == "inf");
  for (const double x : {1e22, 123456789.125, 1.7976931348623157e308, 4.35e-310}) {
    CHECK(std::strtod(shortest(x).c_str(), nullptr) == x);
  }
}

TEST_CASE("a reason that is a function is called only where it is needed") {
  int calls = 0;
  const auto reason = [&calls] {
    ++calls;
    return std::string("9 is too many");
  };
  CHECK_NOTHROW(lfnc::detail::require(true, "bits", reason));
  CHECK(calls == 0);
  CHECK_THROWS_WITH_AS(lfnc::detail::require(false, "bits", reason), "lfnc: bits: 9 is too many",
                       lfnc::argument_error);
  CHECK(calls == 1);
}

TEST_CASE("the handler for builds without exceptions is handed over and back") {
  const lfnc::error_handler handler = [](const char*) {};
  const bool none_at_first = lfnc::set_error_handler(handler) == nullptr;
  CHECK(none_at_first);
  const bool set = lfnc::error_hook::current == handler;
  CHECK(set);
  const bool given_back = lfnc::set_error_handler(handler) == handler;
  CHECK(given_back);
  // With exceptions it is never called.
  CHECK_THROWS_AS(lfnc::detail::refuse("a", "b"), lfnc::argument_error);
  lfnc::set_error_handler(nullptr);
}
