# lfnc::cuda: lfnc::lfnc for code that nvcc compiles, with the CUDA runtime. Only where a CUDA toolkit
# is found; used by this build and by the installed package alike.
if(NOT TARGET lfnc::cuda)
  # For projects that take lfnc as a subdirectory, targets have to be seen above it too.
  set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
  find_package(CUDAToolkit QUIET)
  unset(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL)
  if(TARGET CUDA::cudart)
    add_library(lfnc::cuda INTERFACE IMPORTED GLOBAL)
    target_link_libraries(lfnc::cuda INTERFACE lfnc::lfnc CUDA::cudart)
  endif()
endif()
