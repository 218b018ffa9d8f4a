// Which units lfnc::compiled is for. What it holds is tested by consumer_compiled.
#include <lfnc/detail/compiled.hpp>

#include <doctest/doctest.h>
#include <string_view>

#define LFNC_TEXT_OF(x) #x
#define LFNC_TEXT(x) LFNC_TEXT_OF(x)

TEST_CASE("units are for headers alone unless the target says otherwise") {
  CHECK(LFNC_IS_COMPILED == 0);
}

TEST_CASE("lfnc::compiled is for units that are compiled as it is") {
  using namespace std::string_view_literals;
  CHECK(LFNC_TEXT(LFNC_IS_COMPILED_AS(LFNC_COMPILED_FOR_another)) == "0"sv);
#define LFNC_COMPILED_FOR_this_one 1
  CHECK(LFNC_TEXT(LFNC_IS_COMPILED_AS(LFNC_COMPILED_FOR_this_one)) == "1"sv);
}
