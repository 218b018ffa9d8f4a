# cmake -D FROM=package|subdirectory|fetch -D SOURCE=<lfnc> -D SCRATCH=<folder> -D COMPILER=<c++>
#       -D VERSION=<lfnc's> -D GENERATOR=<generator> -P run.cmake
# builds and runs the consumer in SCRATCH, from nothing.

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(status)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${status}:\n${text}")
  endif()
endfunction()

file(REMOVE_RECURSE "${SCRATCH}")
set(configure ${CMAKE_COMMAND} -G ${GENERATOR} -D CMAKE_CXX_COMPILER=${COMPILER})
set(at "${SOURCE}")
if(FROM STREQUAL "package")
  # Installed in one place and used from another: a package must not know where it was made.
  run(${configure} -S "${SOURCE}" -B "${SCRATCH}/lfnc" -D LFNC_BUILD_TESTS=OFF
      -D LFNC_BUILD_EXAMPLES=OFF -D LFNC_BUILD_BENCH=OFF)
  run(${CMAKE_COMMAND} --install "${SCRATCH}/lfnc" --prefix "${SCRATCH}/made")
  file(RENAME "${SCRATCH}/made" "${SCRATCH}/installed")
  file(REMOVE_RECURSE "${SCRATCH}/lfnc")
  set(at "${SCRATCH}/installed")
  if(NOT EXISTS "${at}/include/lfnc/config.hpp")
    message(FATAL_ERROR "the headers are not installed")
  endif()
endif()

run(${configure} -S "${CMAKE_CURRENT_LIST_DIR}" -B "${SCRATCH}/build" -D LFNC_FROM=${FROM}
    -D LFNC_AT=${at})
run(${CMAKE_COMMAND} --build "${SCRATCH}/build")
execute_process(COMMAND "${SCRATCH}/build/consumer" RESULT_VARIABLE status OUTPUT_VARIABLE text)
if(status OR NOT text MATCHES "lfnc ${VERSION}")
  message(FATAL_ERROR "the consumer ended with ${status} and printed '${text}'")
endif()
message("${text}")
