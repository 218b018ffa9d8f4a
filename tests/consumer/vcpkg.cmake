# Stands in for vcpkg: runs lfnc's port into CURRENT_PACKAGES_DIR, with just enough of the functions
# that a port calls. Wants SOURCE, SCRATCH and configure (the command that configures).
set(PORT lfnc)
set(CURRENT_PACKAGES_DIR "${SCRATCH}/installed")

function(vcpkg_cmake_configure)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "SOURCE_PATH" "OPTIONS")
  run(${configure} -S "${arg_SOURCE_PATH}" -B "${SCRATCH}/lfnc" ${arg_OPTIONS} -D
      CMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR})
endfunction()

function(vcpkg_cmake_install)
  run(${CMAKE_COMMAND} --build "${SCRATCH}/lfnc" --target install)
endfunction()

# Moves the package from CONFIG_PATH to share/<port>, and its idea of where the prefix is with it.
function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "CONFIG_PATH" "")
  file(RENAME "${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH}" "${CURRENT_PACKAGES_DIR}/share/${PORT}")
  file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/cmake")
  set(up "get_filename_component(_IMPORT_PREFIX \"\${_IMPORT_PREFIX}\" PATH)\n")
  file(GLOB files "${CURRENT_PACKAGES_DIR}/share/${PORT}/*.cmake")
  foreach(file IN LISTS files)
    file(READ "${file}" text)
    string(REPLACE "${up}${up}${up}" "${up}${up}" text "${text}")
    string(REPLACE "\${CMAKE_CURRENT_LIST_DIR}/../../../" "\${CMAKE_CURRENT_LIST_DIR}/../../" text
                   "${text}")
    file(WRITE "${file}" "${text}")
  endforeach()
endfunction()

# Of a file that knows no path of this machine, it leaves everything as it is.
function(vcpkg_fixup_pkgconfig)
  file(READ "${CURRENT_PACKAGES_DIR}/share/pkgconfig/lfnc.pc" text)
  string(FIND "${text}" "${SCRATCH}" at)
  if(NOT at EQUAL -1)
    message(FATAL_ERROR "lfnc.pc cannot be moved:\n${text}")
  endif()
endfunction()

function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "FILE_LIST")
  file(COPY_FILE ${arg_FILE_LIST} "${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright")
endfunction()

include("${SOURCE}/cmake/packaging/vcpkg/lfnc/portfile.cmake")

# What vcpkg's own check after building asks of a port with headers.
foreach(file IN ITEMS include/lfnc/quantize.hpp share/lfnc/copyright share/lfnc/usage
                      share/lfnc/lfnc-config.cmake)
  if(NOT EXISTS "${CURRENT_PACKAGES_DIR}/${file}")
    message(FATAL_ERROR "the port installs no ${file}")
  endif()
endforeach()
