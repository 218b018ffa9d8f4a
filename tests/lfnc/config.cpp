#include <lfnc/config.hpp>

#include <doctest/doctest.h>

#include <string>

#define LFNC_TEXT_OF(name) #name
#define LFNC_TEXT(macro) LFNC_TEXT_OF(macro)

TEST_CASE("the version is three numbers, the first two of which name the inline namespace") {
  const std::string version =
      "v" + std::to_string(LFNC_VERSION_MAJOR) + "_" + std::to_string(LFNC_VERSION_MINOR) + "_";
  CHECK(LFNC_VERSION_PATCH >= 0);
  CHECK(std::string(LFNC_TEXT(LFNC_ABI)).substr(0, version.size()) == version);
}

TEST_CASE("the inline namespace tells translation units with OpenMP from others") {
  const std::string name = LFNC_TEXT(LFNC_ABI);
#if defined(_OPENMP)
  CHECK(name.find("_openmp") != std::string::npos);
#else
  CHECK(name.find("_host") != std::string::npos);
#endif
  CHECK(name.find("_nothrow") == std::string::npos);
}

TEST_CASE("exceptions are in use here, and host functions carry no mark") {
  CHECK(LFNC_EXCEPTIONS == 1);
  CHECK(std::string(LFNC_TEXT(LFNC_HD)).empty());
}
