# cmake -D FROM=<way> -D SOURCE=<lfnc> -D SCRATCH=<folder> -D COMPILER=<c++> -D VERSION=<lfnc's>
#       -D GENERATOR=<generator> -D PYTHON=<python3> -P run.cmake
# builds and runs the consumer in SCRATCH, from nothing, with lfnc had by one of these ways:
#   subdirectory, fetch   from its sources, by a project of CMake
#   package, pkgconfig    installed, by find_package and by pkg-config
#   deb                   the Debian package, by both
#   vcpkg, conan          what these make of it
#   amalgamated           as one header
#   compiled              with lfnc::compiled, of which three parts are enough here
# A way that wants a program which is not here ends with a line "skipped: ...".

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(status)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${status}:\n${text}")
  endif()
endfunction()

# need(PROGRAM): whether it is there; says so where it is not.
macro(need program)
  find_program(found_${program} ${program})
  if(NOT found_${program})
    message("skipped: consumer of ${FROM}: ${program} is not installed")
    return()
  endif()
endmacro()

# Configures lfnc alone in <SCRATCH>/lfnc.
function(make_lfnc)
  run(${configure} -S "${SOURCE}" -B "${SCRATCH}/lfnc" -D LFNC_BUILD_TESTS=OFF
      -D LFNC_BUILD_EXAMPLES=OFF -D LFNC_BUILD_BENCH=OFF)
endfunction()

# Installs lfnc in <SCRATCH>/installed: made in one place and used from another, since a package must
# not know where it was made.
function(install_lfnc)
  make_lfnc()
  run(${CMAKE_COMMAND} --install "${SCRATCH}/lfnc" --prefix "${SCRATCH}/made")
  file(RENAME "${SCRATCH}/made" "${SCRATCH}/installed")
  file(REMOVE_RECURSE "${SCRATCH}/lfnc")
endfunction()

# With lfnc::compiled: the bits are those of the headers alone, in a program of both; and the units
# that link it hold none of what it has.
function(consume_compiled)
  run(${configure} -S "${SOURCE}" -B "${SCRATCH}/lfnc" -D LFNC_BUILD_TESTS=OFF
      -D LFNC_BUILD_EXAMPLES=OFF -D LFNC_BUILD_BENCH=OFF -D LFNC_BUILD_COMPILED=ON
      "-DLFNC_COMPILED_PARTS=VIEWS\;WEIGHTS_FLOAT\;STATISTICS" -D CMAKE_INSTALL_LIBDIR=lib)
  run(${CMAKE_COMMAND} --build "${SCRATCH}/lfnc")
  run(${CMAKE_COMMAND} --install "${SCRATCH}/lfnc" --prefix "${SCRATCH}/made")
  file(RENAME "${SCRATCH}/made" "${SCRATCH}/installed")
  file(REMOVE_RECURSE "${SCRATCH}/lfnc")
  run(${configure} -S "${CMAKE_CURRENT_LIST_DIR}/compiled" -B "${SCRATCH}/build" -D
      LFNC_AT=${SCRATCH}/installed -D QUICKSTART=${SOURCE}/examples/quickstart/main.cpp)
  run(${CMAKE_COMMAND} --build "${SCRATCH}/build")
  foreach(program IN ITEMS alone mixed quickstart)
    execute_process(COMMAND "${SCRATCH}/build/${program}" OUTPUT_VARIABLE ${program}
                    COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  if(NOT mixed STREQUAL "${alone}${alone}${alone}")
    message(FATAL_ERROR "with lfnc::compiled:\n${mixed}\nby headers alone:\n${alone}")
  endif()
  if(NOT quickstart MATCHES "codes -7 -2 4, alpha 0.104483, .* mean 0.499885, variance 1.344278")
    message(FATAL_ERROR "the quickstart printed '${quickstart}'")
  endif()
  need(nm)
  foreach(unit IN ITEMS plain compiled without_exceptions)
    file(GLOB_RECURSE object "${SCRATCH}/build/CMakeFiles/${unit}.dir/*.o")
    execute_process(COMMAND ${found_nm} -C --defined-only ${object} OUTPUT_VARIABLE symbols
                    COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCH "alternate_row<lfnc::[^\n]*" ${unit} "${symbols}")
  endforeach()
  if(compiled OR NOT plain OR NOT without_exceptions)
    message(FATAL_ERROR "a solver is in the units: '${compiled}' of compiled, '${plain}' of plain, "
                        "'${without_exceptions}' of without_exceptions")
  endif()
  message("${quickstart}")
endfunction()

function(run_consumer program)
  execute_process(COMMAND "${program}" RESULT_VARIABLE status OUTPUT_VARIABLE text)
  if(status OR NOT text MATCHES "lfnc ${VERSION}: first code 7")
    message(FATAL_ERROR "the consumer ended with ${status} and printed '${text}'")
  endif()
  message("${text}")
endfunction()

# By CMake, from what lies AT.
function(consume_by_cmake from at)
  run(${configure} -S "${CMAKE_CURRENT_LIST_DIR}" -B "${SCRATCH}/build" -D LFNC_FROM=${from}
      -D LFNC_AT=${at})
  run(${CMAKE_COMMAND} --build "${SCRATCH}/build")
  run_consumer("${SCRATCH}/build/consumer")
  execute_process(COMMAND ${CMAKE_COMMAND} --build "${SCRATCH}/build" --target consumer_of_17
                  RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT status OR NOT text MATCHES "lfnc needs C\\+\\+20")
    message(FATAL_ERROR "a target of C++17 ended with ${status}:\n${text}")
  endif()
endfunction()

# By the compiler alone, with these flags.
function(consume_by_hand)
  run("${COMPILER}" -std=c++20 "${CMAKE_CURRENT_LIST_DIR}/main.cpp" ${ARGN} -o
      "${SCRATCH}/by_hand")
  run_consumer("${SCRATCH}/by_hand")
endfunction()

# By pkg-config, from what is installed AT.
function(consume_by_pkgconfig at)
  need(pkg-config)
  set(ENV{PKG_CONFIG_PATH} "${at}/share/pkgconfig")
  execute_process(COMMAND pkg-config --cflags --libs "lfnc = ${VERSION}" OUTPUT_VARIABLE flags
                  COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  consume_by_hand(${flags})
endfunction()

file(REMOVE_RECURSE "${SCRATCH}")
file(MAKE_DIRECTORY "${SCRATCH}")
set(configure ${CMAKE_COMMAND} -G ${GENERATOR} -D CMAKE_CXX_COMPILER=${COMPILER})
if(FROM STREQUAL "package")
  install_lfnc()
  consume_by_cmake(package "${SCRATCH}/installed")
  # The example that is there to be copied, away from this repository.
  file(COPY "${SOURCE}/examples/quickstart" DESTINATION "${SCRATCH}")
  run(${configure} -S "${SCRATCH}/quickstart" -B "${SCRATCH}/quickstart/build" -D
      CMAKE_PREFIX_PATH=${SCRATCH}/installed)
  run(${CMAKE_COMMAND} --build "${SCRATCH}/quickstart/build")
elseif(FROM STREQUAL "compiled")
  consume_compiled()
elseif(FROM STREQUAL "pkgconfig")
  install_lfnc()
  consume_by_pkgconfig("${SCRATCH}/installed")
elseif(FROM STREQUAL "deb")
  need(cpack)
  need(dpkg-deb)
  include("${CMAKE_CURRENT_LIST_DIR}/deb.cmake")
  consume_by_cmake(package "${SCRATCH}/unpacked/usr")
  consume_by_pkgconfig("${SCRATCH}/unpacked/usr")
elseif(FROM STREQUAL "vcpkg")
  include("${CMAKE_CURRENT_LIST_DIR}/vcpkg.cmake")
  consume_by_cmake(package "${SCRATCH}/installed")
elseif(FROM STREQUAL "conan")
  need(conan)
  set(ENV{CONAN_HOME} "${SCRATCH}/conan")
  set(ENV{CXX} "${COMPILER}")
  run(conan profile detect)
  # What it builds, and presets for editors, it would leave in the sources.
  run(conan create "${SOURCE}/cmake/packaging/conan" -c
      tools.cmake.cmake_layout:test_folder=${SCRATCH}/build -c
      tools.cmake.cmaketoolchain:user_presets=)
  file(GLOB_RECURSE program "${SCRATCH}/build/*/consumer")
  run_consumer("${program}")
elseif(FROM STREQUAL "amalgamated")
  set(script "${SOURCE}/cmake/packaging/amalgamate.py")
  # The program includes <lfnc/quantize.hpp>; it gets a header that has nothing beside it.
  file(MAKE_DIRECTORY "${SCRATCH}/include/lfnc")
  run("${PYTHON}" -B "${script}" "${SCRATCH}/include/lfnc/quantize.hpp")
  consume_by_hand(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I
                  "${SCRATCH}/include" -pthread)
elseif(FROM MATCHES "^(subdirectory|fetch)$")
  consume_by_cmake(${FROM} "${SOURCE}")
else()
  message(FATAL_ERROR "FROM is '${FROM}'")
endif()
