# Headers, exported target and package files, so that find_package(lfnc CONFIG) works, and
# pkg-config lfnc. Nothing of it knows where it lies: an installed folder can be moved.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(lfnc_package_dir ${CMAKE_INSTALL_DATADIR}/cmake/lfnc)

install(TARGETS lfnc EXPORT lfnc-targets INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET lfnc_compiled)
  install(TARGETS lfnc_compiled EXPORT lfnc-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/lfnc DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp")
install(EXPORT lfnc-targets NAMESPACE lfnc:: DESTINATION ${lfnc_package_dir})

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/lfnc-config.cmake.in ${PROJECT_BINARY_DIR}/lfnc-config.cmake
  INSTALL_DESTINATION ${lfnc_package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface. Headers alone suit every architecture.
set(lfnc_suits ARCH_INDEPENDENT)
if(TARGET lfnc_compiled)
  set(lfnc_suits "")
endif()
write_basic_package_version_file(${PROJECT_BINARY_DIR}/lfnc-config-version.cmake
                                 COMPATIBILITY SameMinorVersion ${lfnc_suits})
install(FILES ${PROJECT_BINARY_DIR}/lfnc-config.cmake ${CMAKE_CURRENT_LIST_DIR}/lfnc-cuda.cmake
              ${PROJECT_BINARY_DIR}/lfnc-config-version.cmake DESTINATION ${lfnc_package_dir})

file(RELATIVE_PATH lfnc_prefix_from_pc "${CMAKE_INSTALL_FULL_DATADIR}/pkgconfig"
     "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" lfnc_prefix_from_pc "${lfnc_prefix_from_pc}")
set(lfnc_pc_includedir "\${prefix}")
cmake_path(APPEND lfnc_pc_includedir "${CMAKE_INSTALL_INCLUDEDIR}")
configure_file(${CMAKE_CURRENT_LIST_DIR}/packaging/lfnc.pc.in ${PROJECT_BINARY_DIR}/lfnc.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/lfnc.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)

# How CPack is set up is the business of the project that is being packaged.
if(PROJECT_IS_TOP_LEVEL)
  include(${CMAKE_CURRENT_LIST_DIR}/packaging/cpack.cmake)
endif()
