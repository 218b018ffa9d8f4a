# lfnc-compress from end to end: the method, the program, and real networks.
set(here ${CMAKE_CURRENT_LIST_DIR})

lfnc_add_test(compress_method
  ${here}/engine/builder.cpp
  ${here}/method/fixtures.cpp
  ${here}/method/test_activation_points.cpp
  ${here}/method/test_compress.cpp
  ${here}/method/test_adapter.cpp
  LIBS lfnc_compress_method
  LIGHT)

if(TARGET lfnc-compress)
  lfnc_add_test(compress_program ${here}/test_compress_program.cpp LIBS lfnc_compress_files LIGHT)
  target_compile_definitions(test_compress_program
                             PRIVATE LFNC_COMPRESS="$<TARGET_FILE:lfnc-compress>")
  add_dependencies(test_compress_program lfnc-compress)
endif()

foreach(name IN ITEMS compress_method compress_program)
  if(TEST ${name})
    set_tests_properties(${name} PROPERTIES ENVIRONMENT OMP_WAIT_POLICY=passive)
  endif()
endforeach()

# Real networks: compressed once, the files then run in other engines too. LFNC_SHARED names their
# folder, ../shared beside the sources is the default.
set(compressed ${CMAKE_CURRENT_BINARY_DIR}/compressed)

# lfnc_add_real_test(NAME COMMAND...): a test of real networks that uses all cores.
function(lfnc_add_real_test name)
  add_test(NAME ${name} COMMAND ${ARGN})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 LABELS shared RUN_SERIAL ON
                                          ENVIRONMENT OMP_WAIT_POLICY=passive)
endfunction()

if(TARGET lfnc-compress AND TARGET Python3::Interpreter)
  foreach(job IN ITEMS resnet20 resnet20-published resnet20-ternary resnet20-32-images
                       caffe-resnet20 tiny-darknet tiny-darknet-32-images)
    lfnc_add_real_test(compress_${job} Python3::Interpreter -B ${here}/compress_real.py ${job}
                       $<TARGET_FILE:lfnc-compress> ${PROJECT_SOURCE_DIR} ${compressed})
  endforeach()
  set_tests_properties(compress_resnet20 compress_tiny-darknet
                       PROPERTIES FIXTURES_SETUP compressed_onnx)
  set_tests_properties(compress_caffe-resnet20 PROPERTIES FIXTURES_SETUP compressed_caffe)
  lfnc_built("tests of compressed real networks")

  lfnc_add_real_test(onnxruntime Python3::Interpreter -B ${here}/onnxruntime_check.py
                     ${PROJECT_SOURCE_DIR} ${compressed})
  set_tests_properties(onnxruntime PROPERTIES FIXTURES_REQUIRED compressed_onnx)

  lfnc_add_test(opencv
    ${here}/opencv/quant_layer.cpp
    ${here}/opencv/test_opencv.cpp
    LIBS lfnc_compress_files lfnc_compress_engine lfnc_example_support opencv_dnn opencv_core
    LABELS shared
    LIGHT)
  if(TEST opencv)
    target_compile_definitions(test_opencv PRIVATE LFNC_COMPRESSED="${compressed}")
    set_tests_properties(opencv PROPERTIES FIXTURES_REQUIRED compressed_caffe RUN_SERIAL ON
                                           ENVIRONMENT OMP_WAIT_POLICY=passive)
  endif()
else()
  lfnc_left_out("tests of compressed real networks" "lfnc-compress or Python 3 not found")
endif()
