# Headers, exported target and package files, so that find_package(lfnc CONFIG) works.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(lfnc_package_dir ${CMAKE_INSTALL_DATADIR}/cmake/lfnc)

install(TARGETS lfnc EXPORT lfnc-targets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/lfnc DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp")
install(EXPORT lfnc-targets NAMESPACE lfnc:: DESTINATION ${lfnc_package_dir})

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/lfnc-config.cmake.in ${PROJECT_BINARY_DIR}/lfnc-config.cmake
  INSTALL_DESTINATION ${lfnc_package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface. Headers alone suit every architecture.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/lfnc-config-version.cmake
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/lfnc-config.cmake ${CMAKE_CURRENT_LIST_DIR}/lfnc-cuda.cmake
              ${PROJECT_BINARY_DIR}/lfnc-config-version.cmake DESTINATION ${lfnc_package_dir})
