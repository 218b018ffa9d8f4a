# lfnc-compress from end to end: the method, the program, and real networks.
set(here ${CMAKE_CURRENT_LIST_DIR})

lfnc_add_test(compress_method
  ${here}/engine/builder.cpp
  ${here}/images/test_images.cpp
  ${here}/method/fixtures.cpp
  ${here}/method/test_activation_points.cpp
  ${here}/method/test_compress.cpp
  ${here}/method/test_measure.cpp
  LIBS lfnc_compress_method opencv_imgcodecs opencv_core)
