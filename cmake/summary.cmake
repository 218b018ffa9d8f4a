# What is built and what is left out, said once at the end of configuring and kept in
# <build>/summary.txt for the scripts.

# lfnc_built(WHAT): remember that WHAT is built.
function(lfnc_built what)
  set_property(GLOBAL APPEND PROPERTY LFNC_BUILT "${what}")
endfunction()

# lfnc_left_out(WHAT WHY): remember that WHAT is not built, and the reason.
function(lfnc_left_out what why)
  set_property(GLOBAL APPEND PROPERTY LFNC_LEFT_OUT "${what}: ${why}")
endfunction()

# lfnc_require(RESULT WHAT TARGETS...): set RESULT to whether all TARGETS exist; if one does not,
# WHAT is remembered as left out for want of it.
function(lfnc_require result what)
  set(missing "")
  foreach(target IN LISTS ARGN)
    if(NOT TARGET ${target})
      list(APPEND missing ${target})
    endif()
  endforeach()
  if(missing)
    list(JOIN missing ", " missing)
    lfnc_left_out("${what}" "${missing} not found")
    set(${result} FALSE PARENT_SCOPE)
  else()
    set(${result} TRUE PARENT_SCOPE)
  endif()
endfunction()

function(lfnc_print_summary)
  get_property(built GLOBAL PROPERTY LFNC_BUILT)
  get_property(left_out GLOBAL PROPERTY LFNC_LEFT_OUT)
  list(JOIN built ", " built)
  set(lines "built: ${built}")
  foreach(line IN LISTS left_out)
    list(APPEND lines "left out: ${line}")
  endforeach()
  message(STATUS "lfnc ${PROJECT_VERSION} (${CMAKE_BUILD_TYPE}, ${CMAKE_CXX_COMPILER_ID} "
                 "${CMAKE_CXX_COMPILER_VERSION})")
  foreach(line IN LISTS lines)
    message(STATUS "${line}")
  endforeach()
  list(JOIN lines "\n" text)
  file(WRITE "${PROJECT_BINARY_DIR}/summary.txt" "${text}\n")
endfunction()
