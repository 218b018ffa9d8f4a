# The target `docs`: the reference of what is public, in <build>/docs/html. A name without words is
# an error.
find_package(Doxygen QUIET)
if(NOT DOXYGEN_FOUND)
  lfnc_left_out("docs" "doxygen not found")
  return()
endif()
if(NOT TARGET Python3::Interpreter)
  lfnc_left_out("docs" "Python 3 not found")
  return()
endif()

set(LFNC_DOCS_OUTPUT ${PROJECT_BINARY_DIR}/docs)
file(MAKE_DIRECTORY ${LFNC_DOCS_OUTPUT})
configure_file(${CMAKE_CURRENT_LIST_DIR}/docs/Doxyfile.in ${LFNC_DOCS_OUTPUT}/Doxyfile @ONLY)
add_custom_target(docs COMMAND Doxygen::doxygen ${LFNC_DOCS_OUTPUT}/Doxyfile VERBATIM)
