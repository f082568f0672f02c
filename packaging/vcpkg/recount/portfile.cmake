# Not run here: written without a vcpkg at hand.
#
# Builds the checkout that it lies in; a port in vcpkg's own tree would fetch a release instead
# (vcpkg_from_github), and nothing else in it would differ.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

# Recount's libraries are archives, whatever the triplet says.
vcpkg_check_linkage(ONLY_STATIC_LIBRARY)

vcpkg_check_features(OUT_FEATURE_OPTIONS feature_options
    FEATURES
        framework RECOUNT_FRAMEWORK
        testing   RECOUNT_TESTING)

# libpqxx and libpq are found by their pkg-config modules.
vcpkg_find_acquire_program(PKGCONFIG)

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        ${feature_options}
        -DRECOUNT_BENCH=OFF
        -DRECOUNT_SAMPLES=OFF
        -DRECOUNT_TESTS=OFF
        -DRECOUNT_WERROR=OFF
        "-DPKG_CONFIG_EXECUTABLE=${PKGCONFIG}")
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/recount)
vcpkg_fixup_pkgconfig()

file(REMOVE_RECURSE
    "${CURRENT_PACKAGES_DIR}/debug/include"
    "${CURRENT_PACKAGES_DIR}/debug/share")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
