# cpack -G DEB in a build folder makes lfnc-dev_<version>_all.deb: what is installed, below /usr.
set(CPACK_PACKAGE_NAME lfnc)
set(CPACK_PACKAGE_VENDOR "the lfnc authors")
set(CPACK_PACKAGE_CONTACT "the lfnc authors <lfnc@localhost>" CACHE STRING
    "Name and address of who makes the package")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION
    "Quantizes the weights of a trained network to 4-bit or ternary codes, re-normalizes its batch
norm on unlabelled images and calibrates its activations to 8 bits, on any strided view of the
caller's memory. Headers, a CMake package and a pkg-config file; needs a compiler of C++20.")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
# Whatever the umask of whoever packages.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_PACKAGE_NAME lfnc-dev)
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)

# Debian wants the licence under the name of the package; nobody else does.
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/lfnc-dev
        RENAME copyright COMPONENT debian EXCLUDE_FROM_ALL)
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};lfnc;ALL;/"
    "${PROJECT_BINARY_DIR};lfnc;debian;/")
include(CPack)
