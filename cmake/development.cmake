# How this repository's own programs are compiled. Nothing of it reaches users of lfnc::lfnc.

add_library(lfnc_development INTERFACE)
target_link_libraries(lfnc_development INTERFACE lfnc::lfnc)

if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(lfnc_development INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
  if(LFNC_WARNINGS_AS_ERRORS)
    target_compile_options(lfnc_development INTERFACE -Werror)
  endif()
endif()

if(LFNC_SANITIZE)
  list(JOIN LFNC_SANITIZE "," lfnc_sanitizers)
  set(lfnc_flags -fsanitize=${lfnc_sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(lfnc_development INTERFACE ${lfnc_flags} -g)
  target_link_options(lfnc_development INTERFACE ${lfnc_flags})
endif()

if(LFNC_COVERAGE)
  # Without atomic counters, threads lose counts and gcov reports negative ones.
  target_compile_options(lfnc_development INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(lfnc_development INTERFACE --coverage)
endif()

if(LFNC_OPENMP)
  find_package(OpenMP QUIET COMPONENTS CXX)
  if(TARGET OpenMP::OpenMP_CXX)
    target_link_libraries(lfnc_development INTERFACE OpenMP::OpenMP_CXX)
  else()
    lfnc_left_out("OpenMP" "this compiler has none, so plain threads are used")
  endif()
endif()
