# The engine and the images of lfnc-compress.
set(here ${CMAKE_CURRENT_LIST_DIR})

lfnc_add_test(engine
  ${here}/engine/builder.cpp
  ${here}/engine/reference.cpp
  ${here}/engine/test_operations.cpp
  ${here}/engine/test_ranges.cpp
  ${here}/engine/test_refusals.cpp
  LIBS lfnc_compress_engine)

lfnc_add_test(images
  ${here}/images/test_choose.cpp
  ${here}/images/test_evaluate.cpp
  ${here}/images/test_files.cpp
  ${here}/images/test_images.cpp
  ${here}/images/test_preprocessing.cpp
  LIBS lfnc_compress_images opencv_imgcodecs opencv_core
  LABELS threads)

if(TARGET lfnc_compress_files)
  lfnc_add_test(float_accuracy
    ${here}/test_float_accuracy.cpp
    LIBS lfnc_compress_files lfnc_compress_images
    LABELS shared)
endif()
