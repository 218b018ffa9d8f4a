# Makes the Debian package, checks what it says and holds, and unpacks it into <SCRATCH>/unpacked.
# Wants SOURCE, SCRATCH, VERSION and the functions of run.cmake.
make_lfnc()
run(cpack -G DEB WORKING_DIRECTORY "${SCRATCH}/lfnc")
set(deb "${SCRATCH}/lfnc/lfnc-dev_${VERSION}_all.deb")

foreach(field IN ITEMS "Package: lfnc-dev" "Version: ${VERSION}" "Architecture: all"
                       "Section: libdevel")
  string(REGEX REPLACE ":.*" "" name "${field}")
  execute_process(COMMAND dpkg-deb --field "${deb}" ${name} OUTPUT_VARIABLE value
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  if(NOT "${name}: ${value}" STREQUAL field)
    message(FATAL_ERROR "the package says ${name}: ${value}, not ${field}")
  endif()
endforeach()

run(dpkg-deb -x "${deb}" "${SCRATCH}/unpacked")
file(GLOB_RECURSE wanted RELATIVE "${SOURCE}" "${SOURCE}/include/lfnc/*.hpp")
list(APPEND wanted share/cmake/lfnc/lfnc-config.cmake share/cmake/lfnc/lfnc-config-version.cmake
     share/cmake/lfnc/lfnc-cuda.cmake share/cmake/lfnc/lfnc-targets.cmake
     share/doc/lfnc-dev/copyright share/pkgconfig/lfnc.pc)
list(TRANSFORM wanted PREPEND usr/)
file(GLOB_RECURSE found RELATIVE "${SCRATCH}/unpacked" "${SCRATCH}/unpacked/*")
list(SORT wanted)
list(SORT found)
if(NOT found STREQUAL wanted)
  message(FATAL_ERROR "the package holds\n${found}\nand not\n${wanted}")
endif()
file(REMOVE_RECURSE "${SCRATCH}/lfnc")
