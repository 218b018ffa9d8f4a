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

if(TARGET lfnc-compress)
  lfnc_add_test(compress_program ${here}/test_compress_program.cpp LIBS lfnc_compress_files)
  target_compile_definitions(test_compress_program
                             PRIVATE LFNC_COMPRESS="$<TARGET_FILE:lfnc-compress>")
  add_dependencies(test_compress_program lfnc-compress)
endif()

foreach(name IN ITEMS compress_method compress_program)
  if(TEST ${name})
    set_tests_properties(${name} PROPERTIES ENVIRONMENT OMP_WAIT_POLICY=passive)
  endif()
endforeach()
