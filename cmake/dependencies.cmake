# The libraries that tests, examples and benchmarks use. Installed packages come first; the small
# ones are downloaded where they are missing. Nothing here fails: whatever needs a library that is
# not found is left out, and the summary says so.
#
# Targets afterwards (each only if found): doctest::doctest, benchmark::benchmark, CLI11::CLI11,
# Eigen3::Eigen, xtensor, dlpack, torch_cpu, c10, thrust_headers, protobuf::libprotobuf, onnx_proto,
# DNNL::dnnl, XNNPACK, opencv_core, opencv_imgproc, opencv_imgcodecs, opencv_dnn, MPI::MPI_CXX.

# lfnc_fetch(NAME TARGET URL SHA256): download and add a CMake project. The archive is downloaded by
# hand because FetchContent would end the whole configuration where there is no network.
function(lfnc_fetch name target url sha256)
  string(TOUPPER ${name} upper)
  if(NOT LFNC_FETCH)
    return()
  endif()
  include(FetchContent)
  set(archive "${PROJECT_BINARY_DIR}/_deps/${name}.tar.gz")
  if(NOT FETCHCONTENT_SOURCE_DIR_${upper})
    if(NOT EXISTS "${archive}")
      message(STATUS "${name} is not installed: downloading ${url}")
      file(DOWNLOAD "${url}" "${archive}.part" STATUS status TIMEOUT 120 INACTIVITY_TIMEOUT 20)
      list(GET status 0 code)
      if(code)
        list(GET status 1 reason)
        message(STATUS "${name} could not be downloaded: ${reason}")
        return()
      endif()
      file(SHA256 "${archive}.part" actual)
      if(NOT actual STREQUAL sha256)
        message(STATUS "${name}: ${url} is not the pinned file (SHA256 ${actual})")
        return()
      endif()
      file(RENAME "${archive}.part" "${archive}")
    endif()
  endif()
  FetchContent_Declare(${name} URL "${archive}" URL_HASH SHA256=${sha256})
  FetchContent_MakeAvailable(${name})
  # Warnings in other people's headers are not ours to fix.
  get_target_property(real ${target} ALIASED_TARGET)
  if(NOT real)
    set(real ${target})
  endif()
  get_target_property(directories ${real} INTERFACE_INCLUDE_DIRECTORIES)
  set_property(TARGET ${real} APPEND PROPERTY INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${directories})
endfunction()

# lfnc_find_library(TARGET HEADER LIBRARY SUFFIXES...): an imported target from a header and a
# library on the usual paths, for packages whose CMake files are missing or demand too much.
function(lfnc_find_library target header library)
  if(TARGET ${target})
    return()
  endif()
  string(MAKE_C_IDENTIFIER ${target} id)
  find_path(LFNC_${id}_INCLUDE_DIR ${header} PATH_SUFFIXES ${ARGN})
  find_library(LFNC_${id}_LIBRARY ${library})
  mark_as_advanced(LFNC_${id}_INCLUDE_DIR LFNC_${id}_LIBRARY)
  if(LFNC_${id}_INCLUDE_DIR AND LFNC_${id}_LIBRARY)
    add_library(${target} UNKNOWN IMPORTED GLOBAL)
    set_target_properties(
      ${target} PROPERTIES IMPORTED_LOCATION "${LFNC_${id}_LIBRARY}"
                           INTERFACE_INCLUDE_DIRECTORIES "${LFNC_${id}_INCLUDE_DIR}")
  endif()
endfunction()

# lfnc_find_headers(TARGET HEADER): an imported target for a library of headers that has no CMake
# files.
function(lfnc_find_headers target header)
  find_path(LFNC_${target}_INCLUDE_DIR ${header})
  mark_as_advanced(LFNC_${target}_INCLUDE_DIR)
  if(LFNC_${target}_INCLUDE_DIR)
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
                                               "${LFNC_${target}_INCLUDE_DIR}")
  endif()
endfunction()

if(LFNC_BUILD_TESTS)
  find_package(doctest CONFIG QUIET)
  # One header, the same for every processor; but the folder around it holds this machine's others,
  # which a cross compiler must not see.
  if(CMAKE_CROSSCOMPILING AND NOT TARGET doctest::doctest)
    find_path(LFNC_doctest_INCLUDE_DIR doctest/doctest.h NO_CMAKE_FIND_ROOT_PATH)
    mark_as_advanced(LFNC_doctest_INCLUDE_DIR)
    if(LFNC_doctest_INCLUDE_DIR)
      file(COPY "${LFNC_doctest_INCLUDE_DIR}/doctest" DESTINATION "${PROJECT_BINARY_DIR}/_deps/alone")
      add_library(doctest::doctest INTERFACE IMPORTED GLOBAL)
      set_target_properties(doctest::doctest PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
                                                        "${PROJECT_BINARY_DIR}/_deps/alone")
    endif()
  endif()
  if(NOT TARGET doctest::doctest)
    set(DOCTEST_WITH_TESTS OFF)
    set(DOCTEST_NO_INSTALL ON)
    lfnc_fetch(doctest doctest::doctest
               https://github.com/doctest/doctest/archive/refs/tags/v2.4.11.tar.gz
               632ed2c05a7f53fa961381497bf8069093f0d6628c5f26286161fbd32a560186)
  endif()
  find_package(xtensor CONFIG QUIET)
  find_package(TBB CONFIG QUIET)
  lfnc_find_headers(dlpack dlpack/dlpack.h)
  lfnc_find_headers(thrust_headers thrust/version.h)
  find_package(Python3 QUIET COMPONENTS Interpreter)
endif()

if(LFNC_BUILD_TESTS OR LFNC_BUILD_BENCH)
  find_package(Eigen3 CONFIG QUIET)
endif()

if(LFNC_BUILD_BENCH)
  find_package(benchmark CONFIG QUIET)
  if(NOT TARGET benchmark::benchmark)
    set(BENCHMARK_ENABLE_TESTING OFF)
    set(BENCHMARK_ENABLE_INSTALL OFF)
    lfnc_fetch(benchmark benchmark::benchmark
               https://github.com/google/benchmark/archive/refs/tags/v1.8.3.tar.gz
               6bc180a57d23d4d9515519f92b0c83d61b05b5bab188961f36ac7b06b0d9e9ce)
  endif()
  lfnc_find_library(XNNPACK xnnpack.h XNNPACK)
endif()

if(LFNC_BUILD_EXAMPLES)
  find_package(CLI11 CONFIG QUIET)
  if(NOT TARGET CLI11::CLI11)
    lfnc_fetch(CLI11 CLI11::CLI11 https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.4.1.tar.gz
               73b7ec52261ce8fe980a29df6b4ceb66243bb0b779451dbd3d014cfec9fdbb58)
  endif()

  find_package(Protobuf QUIET)
  if(TARGET protobuf::libprotobuf)
    find_package(ONNX CONFIG QUIET)
    # Since 1.16 its targets live in a namespace.
    if(TARGET ONNX::onnx_proto AND NOT TARGET onnx_proto)
      add_library(onnx_proto INTERFACE IMPORTED)
      target_link_libraries(onnx_proto INTERFACE ONNX::onnx_proto)
    endif()
  endif()
endif()

if(LFNC_BUILD_EXAMPLES)
  # Its old C++ interface is in no use.
  set(MPI_CXX_SKIP_MPICXX ON)
  find_package(MPI QUIET COMPONENTS CXX)
endif()

if(LFNC_BUILD_EXAMPLES OR LFNC_BUILD_BENCH)
  # The configuration that oneDNN installs ends CMake where OpenCL's headers are missing, which the
  # CPU needs none of; so it is asked only where somebody names it.
  if(dnnl_DIR OR DNNL_DIR)
    find_package(dnnl CONFIG QUIET NAMES dnnl DNNL)
  endif()
  lfnc_find_library(DNNL::dnnl oneapi/dnnl/dnnl.hpp dnnl)
endif()

if(LFNC_BUILD_EXAMPLES OR LFNC_BUILD_TESTS)
  # Torch's own CMake files look for all that it was built with.
  lfnc_find_library(torch_cpu ATen/core/TensorBase.h torch_cpu)
  lfnc_find_library(c10 c10/core/Device.h c10)
endif()

# Distributions split OpenCV, and only the package that holds everything has CMake files.
if(LFNC_BUILD_EXAMPLES OR LFNC_BUILD_TESTS OR LFNC_BUILD_BENCH)
  find_package(OpenCV QUIET COMPONENTS core imgproc imgcodecs OPTIONAL_COMPONENTS dnn)
  foreach(module IN ITEMS core imgproc imgcodecs dnn)
    lfnc_find_library(opencv_${module} opencv2/${module}.hpp opencv_${module} opencv4)
  endforeach()
endif()
