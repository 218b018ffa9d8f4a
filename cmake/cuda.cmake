# Whether the programs of the CUDA backend are built, and how: LFNC_HAS_CUDA, and the target
# lfnc_cuda_development that they link. The library itself needs none of this.
#
# CMAKE_CUDA_ARCHITECTURES says which GPUs are compiled for; by default Turing, Ampere (both) and
# Hopper, and PTX that later ones translate when a program starts.
set(LFNC_HAS_CUDA FALSE)
if(NOT LFNC_CUDA)
  lfnc_left_out("the CUDA backend's programs" "LFNC_CUDA is OFF")
  return()
endif()
if(LFNC_SANITIZE OR LFNC_COVERAGE)
  lfnc_left_out("the CUDA backend's programs" "this build is instrumented")
  return()
endif()
include(CheckLanguage)
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER OR NOT TARGET lfnc::cuda)
  lfnc_left_out("the CUDA backend's programs" "no CUDA toolkit found")
  return()
endif()
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 86-real 90)
endif()
if(NOT DEFINED CMAKE_CUDA_HOST_COMPILER AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(CMAKE_CUDA_HOST_COMPILER ${CMAKE_CXX_COMPILER})
endif()
enable_language(CUDA)
if(CMAKE_CUDA_COMPILER_ID STREQUAL "NVIDIA" AND CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 12)
  lfnc_left_out("the CUDA backend's programs"
                "nvcc ${CMAKE_CUDA_COMPILER_VERSION} knows no C++20, 12 does")
  return()
endif()
set(LFNC_HAS_CUDA TRUE)

add_library(lfnc_cuda_development INTERFACE)
target_link_libraries(lfnc_cuda_development INTERFACE lfnc::cuda)
# By hand: an older CMake does not know that a newer nvcc has it.
target_compile_options(lfnc_cuda_development INTERFACE $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20>)
if(LFNC_WARNINGS_AS_ERRORS)
  target_compile_options(lfnc_cuda_development
                         INTERFACE $<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings>)
endif()
