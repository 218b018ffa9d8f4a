# vcpkg install lfnc --overlay-ports=<this checkout>/cmake/packaging/vcpkg
# installs the checkout that this file lies in, without a download. A registry's port differs in
# where its sources come from: vcpkg_from_git or vcpkg_from_github in place of the next line.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)

# Headers are the same in every configuration.
set(VCPKG_BUILD_TYPE release)

vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS -DLFNC_BUILD_TESTS=OFF -DLFNC_BUILD_EXAMPLES=OFF -DLFNC_BUILD_BENCH=OFF -DLFNC_INSTALL=ON)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/lfnc)
vcpkg_fixup_pkgconfig()

file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
