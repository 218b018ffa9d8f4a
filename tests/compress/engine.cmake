# The engine and the images of lfnc-compress.
set(here ${CMAKE_CURRENT_LIST_DIR})

lfnc_add_test(engine
  ${here}/engine/builder.cpp
  ${here}/engine/reference.cpp
  ${here}/engine/test_operations.cpp
  ${here}/engine/test_ranges.cpp
  ${here}/engine/test_refusals.cpp
  LIBS lfnc_compress_engine
  LIGHT)

lfnc_add_test(images
  ${here}/images/test_choose.cpp
  ${here}/images/test_evaluate.cpp
  ${here}/images/test_files.cpp
  ${here}/images/test_images.cpp
  ${here}/images/test_preprocessing.cpp
  LIBS lfnc_compress_images opencv_imgcodecs opencv_core
  LIGHT)

# On its own, because the thread sanitizer finds fault with libraries that OpenCV's codecs use.
lfnc_add_test(parallel
  ${here}/images/test_parallel.cpp
  LIBS lfnc_compress_images
  LABELS threads
  LIGHT)

# Waiting threads sleep: on a machine with other work, spinning ones would take the cores from it.
foreach(name IN ITEMS engine images)
  if(TEST ${name})
    set_tests_properties(${name} PROPERTIES ENVIRONMENT OMP_WAIT_POLICY=passive)
  endif()
endforeach()
