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
  # But for targets with the property LFNC_NOT_SANITIZED.
  target_compile_options(
    lfnc_development
    INTERFACE "$<$<NOT:$<BOOL:$<TARGET_PROPERTY:LFNC_NOT_SANITIZED>>>:${lfnc_flags};-g1>")
  target_link_options(lfnc_development INTERFACE ${lfnc_flags})
endif()

if(LFNC_COVERAGE)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "LFNC_COVERAGE is for clang++, not ${CMAKE_CXX_COMPILER_ID}")
  endif()
  # But for targets with the property LFNC_NOT_COUNTED. Without atomic counters, threads would lose
  # counts, and what is computed from these (a branch is what its neighbour leaves) would be wrong;
  # targets with the property LFNC_ONE_THREAD do without.
  target_compile_options(
    lfnc_development
    INTERFACE "$<$<NOT:$<BOOL:$<TARGET_PROPERTY:LFNC_NOT_COUNTED>>>:-fprofile-instr-generate;-fcoverage-mapping>"
              "$<$<NOT:$<BOOL:$<TARGET_PROPERTY:LFNC_ONE_THREAD>>>:-fprofile-update=atomic>")
  target_link_options(lfnc_development INTERFACE -fprofile-instr-generate)
endif()

if(LFNC_OPENMP)
  find_package(OpenMP QUIET COMPONENTS CXX)
  if(TARGET OpenMP::OpenMP_CXX)
    target_link_libraries(lfnc_development INTERFACE OpenMP::OpenMP_CXX)
  else()
    lfnc_left_out("OpenMP" "this compiler has none, so plain threads are used")
  endif()
endif()
