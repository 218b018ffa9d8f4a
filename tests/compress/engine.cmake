# The engine of lfnc-compress.
set(here ${CMAKE_CURRENT_LIST_DIR})

lfnc_add_test(engine
  ${here}/engine/builder.cpp
  ${here}/engine/reference.cpp
  ${here}/engine/test_evaluate.cpp
  ${here}/engine/test_operations.cpp
  ${here}/engine/test_ranges.cpp
  ${here}/engine/test_refusals.cpp
  LIBS lfnc_compress_engine lfnc_example_support
  LIGHT)

# Waiting threads sleep: on a machine with other work, spinning ones would take the cores from it.
if(TEST engine)
  set_tests_properties(engine PROPERTIES ENVIRONMENT OMP_WAIT_POLICY=passive)
endif()
