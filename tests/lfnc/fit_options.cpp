#include <lfnc/fit_options.hpp>

#include <doctest/doctest.h>

TEST_CASE("alpha is found exactly unless something else is asked for") {
  const lfnc::fit_options options;
  CHECK(options.solver == lfnc::solver::exact);
  CHECK(options.lloyd.epsilon == 1e-7);
  CHECK(options.lloyd.tolerance == 1e-7);
  CHECK(options.lloyd.max_iterations == 1000);
}

TEST_CASE("a row of which nothing is known stands for zeros") {
  const lfnc::row_fit fit;
  CHECK(fit.alpha == 0);
  CHECK(fit.squared_error == 0);
  CHECK(fit.relative_error == 0);
}
