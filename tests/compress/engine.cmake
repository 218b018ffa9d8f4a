# The engine and the images of lfnc-compress.
set(here ${CMAKE_CURRENT_LIST_DIR})

lfnc_add_test(engine
  ${here}/engine/builder.cpp
  ${here}/engine/reference.cpp
  ${here}/engine/test_operations.cpp
  ${here}/engine/test_ranges.cpp
  ${here}/engine/test_refusals.cpp
  LIBS lfnc_compress_engine)

